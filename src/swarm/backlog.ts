import type { PeerSession } from '../wire/index.ts';
import type { MessageSender } from './message-sender.ts';

/** The milliseconds in which a peer must take some of the bytes that wait for it, or end a message that it began. */
export const MAX_STALL_MS = 120_000;
/** The bytes of small messages, such as rejects, that may wait for a peer. With more, the peer is not read from. */
export const MAX_SMALL_WAITING_BYTES = 64 * 1024;
/** The bytes of small messages, such as `have`, that may wait for a peer. With more, the peer is disconnected. */
export const MAX_UNTAKEN_BYTES = 512 * 1024;
/** The milliseconds after which a peer that takes nothing may be disconnected when memory is short. */
const BEHIND_AFTER_MS = 10_000;
/** The bytes of memory that a queued request takes. */
const REQUEST_BYTES = 128;

/** The part of a {@link MessageSender} that is needed here. */
type Sending = Pick<MessageSender, 'bytesWaiting' | 'smallBytesWaiting' | 'sentBytes'>;
/** The part of a {@link PeerSession} that is needed here. */
type Receiving = Pick<PeerSession, 'heldBytes' | 'messageCount' | 'queuedRequestCount'>;

/** Watches how many bytes wait for one peer, in both directions, and for how long. */
export class Backlog {
  readonly #sender: Sending;
  readonly #session: Receiving;
  #sentBytes = 0;
  #messageCount = 0;
  /** The time in milliseconds at which bytes were last seen to leave, or at which none waited. */
  #takenAt: number;
  /** The time in milliseconds at which a message of the peer was last seen to become whole, or at which none had begun. */
  #wholeAt: number;

  constructor(sender: Sending, session: Receiving, now: number) {
    this.#sender = sender;
    this.#session = session;
    this.#takenAt = now;
    this.#wholeAt = now;
  }

  /** The bytes of memory that wait for the peer: messages to be sent, parts of its messages, requests in its queue. */
  get waitingBytes(): number {
    const { heldBytes, queuedRequestCount } = this.#session;
    return this.#sender.bytesWaiting + heldBytes + queuedRequestCount * REQUEST_BYTES;
  }

  /** Whether too many bytes of small messages wait, so that the peer is not to be read from. */
  get isFull(): boolean {
    return this.#sender.smallBytesWaiting > MAX_SMALL_WAITING_BYTES;
  }

  /** Looks at what has moved. Called about once a second. */
  tick(now: number): void {
    const { bytesWaiting, sentBytes } = this.#sender;
    if (bytesWaiting === 0 || sentBytes !== this.#sentBytes) this.#takenAt = now;
    this.#sentBytes = sentBytes;
    const { heldBytes, messageCount } = this.#session;
    if (heldBytes === 0 || messageCount !== this.#messageCount) this.#wholeAt = now;
    this.#messageCount = messageCount;
  }

  /** Returns the reason to disconnect the peer, a clause; `undefined` when there is none. */
  fault(now: number): string | undefined {
    if (now - this.#takenAt > MAX_STALL_MS)
      return `it took nothing of what was sent for ${MAX_STALL_MS / 1000} s`;
    if (now - this.#wholeAt > MAX_STALL_MS) return `it did not end a message within ${MAX_STALL_MS / 1000} s`;
    if (this.#sender.smallBytesWaiting > MAX_UNTAKEN_BYTES)
      return `${this.#sender.smallBytesWaiting} bytes of messages wait for it`;
    return undefined;
  }

  /** Tells whether bytes have waited for so long that the peer may be disconnected when memory is short. */
  isBehind(now: number): boolean {
    return now - Math.min(this.#takenAt, this.#wholeAt) > BEHIND_AFTER_MS;
  }
}
