import { type Network, tcpNetwork } from '../../../src/net/index.ts';
import { encodeHandshake, HandshakeReader } from '../../../src/wire/index.ts';

const SUPPORTS = { fast: false, extended: false, dht: false, v2: false };

/** A peer that answers the handshake for any torrent, and says nothing else. */
export class AnsweringPeer implements AsyncDisposable {
  readonly port: number;
  /** Handshakes that came. */
  handshakes = 0;
  readonly #close: () => Promise<void>;

  private constructor(port: number, close: () => Promise<void>) {
    this.port = port;
    this.#close = close;
  }

  /** @param host an address of the loopback interface @param peerId 40 hex digits */
  static async start(host: string, peerId: string, port = 0): Promise<AnsweringPeer> {
    const network: Network = tcpNetwork({
      report: (error) => {
        throw error;
      },
    });
    let peer: AnsweringPeer | undefined;
    const listener = await network.listen({ host, port }, (connection) => {
      const reader = new HandshakeReader();
      connection.start({
        onData(bytes) {
          reader.push(bytes);
          const { handshake } = reader;
          if (handshake === undefined) return;
          if (peer !== undefined) peer.handshakes += 1;
          const ours = {
            infoHash: handshake.infoHash,
            peerId: Buffer.from(peerId, 'hex'),
            supports: SUPPORTS,
          };
          connection.write(encodeHandshake(ours));
        },
        onDrain() {},
        onClose() {},
      });
    });
    peer = new AnsweringPeer(listener.address.port, () => listener.close());
    return peer;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#close();
  }
}
