import { Duplex } from 'node:stream';
import type { Connection } from '../../src/net/index.ts';
import { type Address, toError } from '../../src/util/index.ts';

/** A simulated connection as a stream of Node, so that `node:http` can speak over it at both ends. */
export class SimStream extends Duplex {
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localAddress: string;
  readonly #opening: Promise<Connection>;
  readonly #gaveUp = new AbortController();
  #connection: Connection | undefined;

  /** @param open gives the connection, perhaps later: what is written meanwhile waits */
  constructor(open: (signal: AbortSignal) => Promise<Connection>, remote: Address, localAddress: string) {
    super({ allowHalfOpen: false });
    this.remoteAddress = remote.host;
    this.remotePort = remote.port;
    this.localAddress = localAddress;
    this.#opening = open(this.#gaveUp.signal);
    this.#opening.then(
      (connection) => this.#onOpen(connection),
      (thrown: unknown) => this.destroy(toError(thrown)),
    );
  }

  /** Does nothing: what arrives is pushed at once, as the answers of a tracker are small. */
  override _read(): void {}

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, onSent: () => void): void {
    const bytes = Buffer.from(chunk);
    // What fails destroys the stream, and nobody waits for the write any more.
    this.#opening.then(
      (connection) => connection.write(bytes, onSent),
      () => {},
    );
  }

  override _final(onEnded: () => void): void {
    this.#connection?.destroy();
    onEnded();
  }

  override _destroy(error: Error | null, onDestroyed: (error: Error | null) => void): void {
    this.#gaveUp.abort();
    this.#connection?.destroy();
    onDestroyed(error);
  }

  #onOpen(connection: Connection): void {
    this.#connection = connection;
    connection.start({
      onData: (bytes) => this.push(Buffer.from(bytes)),
      onDrain: () => {},
      onClose: (error) => {
        if (error === undefined) this.push(null);
        else this.destroy(error);
      },
    });
    if (this.destroyed) connection.destroy();
  }
}
