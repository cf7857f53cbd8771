import type { Connection } from '../net/index.ts';
import { type PeerSession, WireError } from '../wire/index.ts';
import { Allowance, MAX_BUSY_SECONDS } from './allowance.ts';
import { Backlog } from './backlog.ts';
import type { MessageSender } from './message-sender.ts';
import type { PeerEnd } from './peer-end.ts';
import { SEND_BUFFER_BYTES } from './peer-output.ts';
import type { WorkBudget } from './work-budget.ts';

/**
 * The bytes that may wait to be sent to a peer. With more, it is not read from, because it makes us send responses and does
 * not take them. It is more than blocks alone can make, so that a slow upload does not hold up the download.
 */
export const MAX_WAITING_BYTES = 2 * SEND_BUFFER_BYTES;

/** The options of a {@link ReadGate}. */
export interface ReadGateOptions {
  readonly connection: Connection;
  readonly sender: MessageSender;
  readonly session: PeerSession;
  /** The budget of work of all peers of the same address. */
  readonly workBudget: WorkBudget;
  readonly now: number;
}

/** The reason to disconnect a peer that is only a burden. */
export interface PeerFault {
  readonly end: PeerEnd;
  readonly error: WireError;
}

/** Decides whether a peer is read from: not while too many bytes wait for it, nor while it has made too much work. */
export class ReadGate {
  readonly #connection: Connection;
  readonly #session: PeerSession;
  readonly #allowance: Allowance;
  readonly #backlog: Backlog;
  #isPaused = false;
  /** The units of work that the peer made besides that of its messages. */
  #otherWork = 0;

  constructor({ connection, sender, session, workBudget, now }: ReadGateOptions) {
    this.#connection = connection;
    this.#session = session;
    this.#allowance = new Allowance(workBudget);
    this.#backlog = new Backlog(sender, session, now);
  }

  /** The bytes of memory that wait for the peer. */
  get waitingBytes(): number {
    return this.#backlog.waitingBytes;
  }

  /** Tells whether bytes have waited for so long that the peer may be disconnected when memory is short. */
  isBehind(now: number): boolean {
    return this.#backlog.isBehind(now);
  }

  /** Tells whether the peers of its address have made too much work. While it is so, no large work is begun for them. */
  isOverworked(now: number): boolean {
    return this.#allowance.isSharedUsedUp(now);
  }

  /** Counts work on other threads that the peer makes, in the budget of its address. @param units see `MESSAGE_WORK` */
  addSharedWork(units: number, now: number): void {
    this.#allowance.countShared(units, now);
  }

  /** Counts work that the peer makes besides that of its messages. @param units see `MESSAGE_WORK`; negative to give back */
  addWork(units: number): void {
    this.#otherWork += units;
  }

  /** Counts the work of the bytes that were read. Stops reading when the work, or the bytes that wait, have become too much. */
  onRead(now: number): void {
    this.#count(now);
    if (this.#isPaused || !this.#mustPause(now)) return;
    this.#isPaused = true;
    this.#connection.pause();
  }

  /** Reads on if reading was stopped and the reason is gone. */
  resume(now: number): void {
    if (!this.#isPaused || this.#mustPause(now)) return;
    this.#isPaused = false;
    this.#connection.resume();
  }

  /**
   * Counts a second.
   *
   * @param movedBytes the bytes of blocks that the peer sent and took so far
   * @returns the reason to disconnect the peer; `undefined` when there is none
   */
  tick(now: number, movedBytes: number): PeerFault | undefined {
    this.#count(now);
    const isBurden = this.#allowance.tick(movedBytes);
    this.#backlog.tick(now);
    if (isBurden) {
      const why = `it made too much work for ${MAX_BUSY_SECONDS} s, and moved no block`;
      const error = new WireError('TOO_MUCH_WORK', `The peer is a burden: ${why}`);
      return { end: 'brokeProtocol', error };
    }
    const stall = this.#backlog.fault(now);
    return stall === undefined ? undefined : { end: 'tookNothing', error: stalled(stall) };
  }

  #count(now: number): void {
    this.#allowance.count(this.#session.work + this.#otherWork, now);
  }

  #mustPause(now: number): boolean {
    const { bytesWaiting } = this.#connection;
    return bytesWaiting > MAX_WAITING_BYTES || this.#backlog.isFull || this.#allowance.isUsedUp(now);
  }
}

/** Makes the error of a peer for which bytes wait too long, or too many. @param why a clause about the peer, `it …` */
export function stalled(why: string): WireError {
  return new WireError('PEER_STALLED', `The peer does not go on: ${why}`);
}
