import type { Connection } from '../net/index.ts';
import type { Run } from './run.ts';

/**
 * Hands messages to a connection; those that stand one behind the other in a run, as one piece of memory: what a system
 * call costs then is paid for the run, not for each block.
 */
export class MessageSender {
  readonly #connection: Connection;
  /** What is held back, in case more follows: bytes of `#run`. */
  #held: Uint8Array | undefined;
  #run: Run | undefined;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Bytes that have not left yet. */
  get bytesWaiting(): number {
    return this.#connection.bytesWaiting + (this.#held?.length ?? 0);
  }

  send(bytes: Uint8Array): void {
    this.flush();
    this.#connection.write(bytes);
  }

  /** As {@link send}, of bytes of `run`, which is retained until they have left; not before {@link flush}. */
  sendFrom(run: Run, bytes: Uint8Array): void {
    const held = this.#held;
    if (held !== undefined && this.#run === run && held.byteOffset + held.length === bytes.byteOffset) {
      this.#held = new Uint8Array(held.buffer, held.byteOffset, held.length + bytes.length);
      return;
    }
    this.flush();
    run.retain();
    this.#run = run;
    this.#held = bytes;
  }

  flush(): void {
    if (this.#held === undefined) return;
    const [held, run] = [this.#held, this.#run!];
    this.#held = undefined;
    this.#connection.write(held, run.release);
  }
}
