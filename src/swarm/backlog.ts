import type { PeerSession } from '../wire/index.ts';
import type { MessageSender } from './message-sender.ts';

/** Milliseconds in which a peer must take something of what waits for it, or go on with a message that it began. */
export const MAX_STALL_MS = 120_000;
/** Bytes of small messages, such as rejects, that wait for a peer above which it is not read from: it makes us answer. */
export const MAX_WAITING_ANSWERS = 64 * 1024;
/** The same above which it is disconnected: it is told of pieces, and does not listen. */
export const MAX_UNTAKEN_BYTES = 512 * 1024;
/** Milliseconds after which what waits is old enough to be cut off for others. */
const BEHIND_AFTER_MS = 10_000;
/** Bytes of memory that a queued request takes. */
const REQUEST_BYTES = 128;

/** The part of a {@link MessageSender} and of a `PeerSession` that is needed here. */
type Sending = Pick<MessageSender, 'bytesWaiting' | 'smallBytesWaiting' | 'sentBytes'>;
type Receiving = Pick<PeerSession, 'heldBytes' | 'messageCount' | 'queuedRequestCount'>;

/** Watches the bytes that are kept for one peer, in both directions, and for how long. */
export class Backlog {
  readonly #sender: Sending;
  readonly #session: Receiving;
  #sentBytes = 0;
  #messageCount = 0;
  /** When something that waited was last seen to leave, or nothing waited. */
  #takenAt: number;
  /** When a message that was begun was last seen to be another one, or none was begun. */
  #wholeAt: number;

  constructor(sender: Sending, session: Receiving, now: number) {
    this.#sender = sender;
    this.#session = session;
    this.#takenAt = now;
    this.#wholeAt = now;
  }

  /** Bytes of memory that wait for the peer: to be sent, to become whole, to be answered. */
  get keptBytes(): number {
    const { heldBytes, queuedRequestCount } = this.#session;
    return this.#sender.bytesWaiting + heldBytes + queuedRequestCount * REQUEST_BYTES;
  }

  /** Whether so many answers wait that the peer is not to be read from. */
  get isFull(): boolean {
    return this.#sender.smallBytesWaiting > MAX_WAITING_ANSWERS;
  }

  /** A second has passed. */
  tick(now: number): void {
    const { bytesWaiting, sentBytes } = this.#sender;
    if (bytesWaiting === 0 || sentBytes !== this.#sentBytes) this.#takenAt = now;
    this.#sentBytes = sentBytes;
    const { heldBytes, messageCount } = this.#session;
    if (heldBytes === 0 || messageCount !== this.#messageCount) this.#wholeAt = now;
    this.#messageCount = messageCount;
  }

  /** Why the peer is to be disconnected; `undefined` when it is not. */
  fault(now: number): string | undefined {
    if (now - this.#takenAt > MAX_STALL_MS)
      return `it took nothing of what was sent for ${MAX_STALL_MS / 1000} s`;
    if (now - this.#wholeAt > MAX_STALL_MS) return `it did not end a message within ${MAX_STALL_MS / 1000} s`;
    if (this.#sender.smallBytesWaiting > MAX_UNTAKEN_BYTES)
      return `${this.#sender.smallBytesWaiting} bytes of messages wait for it`;
    return undefined;
  }

  /** Whether something has waited for the peer for long enough to be cut off when memory is short. */
  isBehind(now: number): boolean {
    return now - Math.min(this.#takenAt, this.#wholeAt) > BEHIND_AFTER_MS;
  }
}
