import type { Connection } from '../net/index.ts';
import { MessageSender, type RetainedBytes } from './message-sender.ts';
import type { SendMemory } from './send-memory.ts';

/**
 * Bytes waiting to leave above which no further block is handed over, divided among the peers that take blocks of one
 * torrent: what has been handed over cannot give way any more to what would be better to send.
 */
export const SEND_BUFFER_BYTES = 1024 * 1024;
/** The least that each of many peers may have waiting to leave. */
export const MIN_SEND_BUFFER_BYTES = 64 * 1024;

/** Sends to one peer: bounds what waits for it, and lets what belongs together leave together. */
export class PeerOutput {
  readonly sender: MessageSender;
  readonly #connection: Connection;
  readonly #memory: SendMemory;
  /** How many calls of {@link together} are under way. */
  #togethers = 0;
  #bufferBytes = SEND_BUFFER_BYTES;
  /** The memory that the next message is a part of; `undefined` when the message has memory of its own. */
  #source: RetainedBytes | undefined;

  /** @param memory counts the bytes being sent to all peers of the session */
  constructor(connection: Connection, memory: SendMemory) {
    this.#connection = connection;
    this.#memory = memory;
    this.sender = new MessageSender(connection, memory);
  }

  /** Whether more may be handed over: less to each peer when much waits for all peers of the session together. */
  get hasRoom(): boolean {
    const most = this.#memory.isFull ? MIN_SEND_BUFFER_BYTES : this.#bufferBytes;
    return this.sender.bytesWaiting < most;
  }

  /** Takes this peer's share of the send buffer of its torrent. @param takers how many peers take blocks of it */
  shareBuffer(takers: number): void {
    const share = this.#memory.isFull ? 0 : SEND_BUFFER_BYTES / Math.max(1, takers);
    const bytes = Math.max(MIN_SEND_BUFFER_BYTES, share);
    if (bytes === this.#bufferBytes) return;
    this.#bufferBytes = bytes;
    this.#connection.lowWaterBytes = bytes / 2;
  }

  /** Runs `work` and lets all that it sends leave together. */
  together(work: () => void): void {
    this.#connection.cork();
    this.#togethers += 1;
    try {
      work();
    } finally {
      this.#togethers -= 1;
      if (this.#togethers === 0) this.sender.flush();
      this.#connection.uncork();
    }
  }

  /** Names the memory that the messages sent from now on are parts of. @param source `undefined`: each has its own */
  from(source: RetainedBytes | undefined): void {
    this.#source = source;
  }

  send(bytes: Uint8Array): void {
    if (this.#source === undefined) this.sender.send(bytes);
    else this.sender.sendFrom(this.#source, bytes);
    if (this.#togethers === 0) this.sender.flush();
  }
}
