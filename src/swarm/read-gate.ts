import type { Connection } from '../net/index.ts';
import { type PeerSession, WireError } from '../wire/index.ts';
import { Allowance, MAX_BUSY_SECONDS } from './allowance.ts';
import { Backlog } from './backlog.ts';
import type { MessageSender } from './message-sender.ts';
import type { PeerEnd } from './peer-end.ts';
import { SEND_BUFFER_BYTES } from './peer-output.ts';
import type { WorkBudget } from './work-budget.ts';

/**
 * Bytes waiting to leave above which nothing further is read from a peer: it makes us answer and takes no answers.
 * Blocks alone do not reach it, or a full line out would hold up the download.
 */
export const MAX_WAITING_BYTES = 2 * SEND_BUFFER_BYTES;

export interface ReadGateOptions {
  readonly connection: Connection;
  readonly sender: MessageSender;
  readonly session: PeerSession;
  /** The budget of work of all peers that come from the same address. */
  readonly workBudget: WorkBudget;
  readonly now: number;
}

/** Why a peer is to be disconnected that is nothing but a burden. */
export interface PeerFault {
  readonly end: PeerEnd;
  readonly error: WireError;
}

/** Decides whether a peer is read from: not while too much waits for it, nor while it makes us work more than it may. */
export class ReadGate {
  readonly #connection: Connection;
  readonly #session: PeerSession;
  readonly #allowance: Allowance;
  readonly #backlog: Backlog;
  #isPaused = false;
  /** Units of work that the peer made besides that of its messages. */
  #otherWork = 0;

  constructor({ connection, sender, session, workBudget, now }: ReadGateOptions) {
    this.#connection = connection;
    this.#session = session;
    this.#allowance = new Allowance(workBudget);
    this.#backlog = new Backlog(sender, session, now);
  }

  /** Bytes of memory that wait for the peer. */
  get waitingBytes(): number {
    return this.#backlog.waitingBytes;
  }

  /** Tells whether bytes have waited for the peer for long. */
  isBehind(now: number): boolean {
    return this.#backlog.isBehind(now);
  }

  /** Tells whether the peers of its address made more work than they may. Until that is over, no large work is begun for it. */
  isOverworked(now: number): boolean {
    return this.#allowance.isSharedUsedUp(now);
  }

  /** Counts work off the main thread that the peer makes, in the budget of its address. @param units see `MESSAGE_WORK` */
  addSharedWork(units: number, now: number): void {
    this.#allowance.countShared(units, now);
  }

  /** Counts work that the peer makes besides reading its messages. @param units see `MESSAGE_WORK`; negative: given back */
  addWork(units: number): void {
    this.#otherWork += units;
  }

  /** Counts the work of what was read, and stops reading when that, or what waits for the peer, has become too much. */
  onRead(now: number): void {
    this.#count(now);
    if (this.#isPaused || !this.#mustPause(now)) return;
    this.#isPaused = true;
    this.#connection.pause();
  }

  /** Reads on if reading was stopped and may go on. */
  resume(now: number): void {
    if (!this.#isPaused || this.#mustPause(now)) return;
    this.#isPaused = false;
    this.#connection.resume();
  }

  /** A second has passed. @param movedBytes of blocks, in both directions @returns why the peer is to be disconnected, if it is */
  tick(now: number, movedBytes: number): PeerFault | undefined {
    this.#count(now);
    const isBurden = this.#allowance.tick(movedBytes);
    this.#backlog.tick(now);
    if (isBurden) {
      const why = `it made more work than is tolerated for ${MAX_BUSY_SECONDS} s`;
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

/** Makes the error of a peer that leaves too much waiting. @param why a whole clause about the peer */
export function stalled(why: string): WireError {
  return new WireError('PEER_STALLED', `The peer does not go on: ${why}`);
}
