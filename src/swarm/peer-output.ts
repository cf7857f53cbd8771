import type { Connection } from '../net/index.ts';
import { MessageSender, type RetainedBytes } from './message-sender.ts';
import type { SendMemory } from './send-memory.ts';

/**
 * The bytes that may wait to leave for all peers of one torrent together; its peers that take blocks share them equally. A
 * block that was handed over cannot be replaced by one that would be better to send.
 */
export const SEND_BUFFER_BYTES = 1024 * 1024;
/** The bytes that may wait to leave for a peer in any case, however many peers share. */
export const MIN_SEND_BUFFER_BYTES = 64 * 1024;

/** Sends to one peer. It limits the bytes that wait, and lets messages of one moment leave together. */
export class PeerOutput {
  readonly sender: MessageSender;
  readonly #connection: Connection;
  readonly #memory: SendMemory;
  /** The number of calls of {@link together} that are under way. */
  #togethers = 0;
  #bufferBytes = SEND_BUFFER_BYTES;
  /** The memory that the next messages are parts of; `undefined` when each has memory of its own. */
  #source: RetainedBytes | undefined;

  /** @param memory counts the bytes being sent to all peers of the session */
  constructor(connection: Connection, memory: SendMemory) {
    this.#connection = connection;
    this.#memory = memory;
    this.sender = new MessageSender(connection, memory);
  }

  /** Whether further blocks may be handed over. Fewer may when many bytes wait for all peers of the session together. */
  get hasRoom(): boolean {
    const most = this.#memory.isFull ? MIN_SEND_BUFFER_BYTES : this.#bufferBytes;
    return this.sender.bytesWaiting < most;
  }

  /** Sets the share that this peer has of the send buffer of its torrent. @param takers the number of peers that share */
  shareBuffer(takers: number): void {
    const share = this.#memory.isFull ? 0 : SEND_BUFFER_BYTES / Math.max(1, takers);
    const bytes = Math.max(MIN_SEND_BUFFER_BYTES, share);
    if (bytes === this.#bufferBytes) return;
    this.#bufferBytes = bytes;
    this.#connection.lowWaterBytes = bytes / 2;
  }

  /** Runs `work` and lets all messages that it sends leave together. */
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

  /** Sets the memory that further messages are parts of. @param source `undefined` when each has memory of its own */
  from(source: RetainedBytes | undefined): void {
    this.#source = source;
  }

  send(bytes: Uint8Array): void {
    if (this.#source === undefined) this.sender.send(bytes);
    else this.sender.sendFrom(this.#source, bytes);
    if (this.#togethers === 0) this.sender.flush();
  }
}
