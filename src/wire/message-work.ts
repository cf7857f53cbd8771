import { MAX_WORK_AT_ONCE } from './limits.ts';
import { WireError } from './wire-error.ts';

/**
 * The work that each kind of message causes, in units of about a microsecond of processor time, rounded up. Counting it
 * bounds the time that a peer can make us spend. Blocks count nothing: we want the ones that we have requested, and
 * tolerate few others.
 */
export const MESSAGE_WORK = {
  keepAlive: 0.5,
  /** Without BEP 6 a choke rejects all our requests, and we may then send them to other peers. */
  choke: 100,
  /** After an unchoke we may request blocks at once. */
  unchoke: 200,
  interest: 10,
  have: 1,
  /** The work of a request. It is given back when a whole block is sent for it, and in part for a shorter one. */
  request: 2,
  cancel: 2,
  reject: 1,
  allowedFast: 2,
  extended: 20,
  hashRequest: 50,
  hashes: 20,
  /** The work of a message that is skipped. */
  passedOver: 2,
} as const;

/** The number of bytes of an extended message that count as one more unit. */
export const EXTENDED_BYTES_PER_UNIT = 20;
/** The number of pieces that count as one unit when we look through all pieces of the torrent. */
export const PIECES_PER_UNIT = 50;
/** The units for each new piece in a `bitfield` or `have all` that is not the peer's first message. */
export const LATE_PIECE_WORK = 2;

/** A counter of the work that the messages of one peer cause. */
export class MessageWork {
  /** The units since the beginning, without those given back. */
  total = 0;
  #limit = MAX_WORK_AT_ONCE;

  /** Begins to count the work of the next read against {@link MAX_WORK_AT_ONCE}. */
  begin(): void {
    this.#limit = this.total + MAX_WORK_AT_ONCE;
  }

  /** Adds the work of a message. @throws {WireError} `TOO_MUCH_WORK` */
  add(units: number): void {
    this.total += units;
    if (this.total <= this.#limit) return;
    throw new WireError(
      'TOO_MUCH_WORK',
      `The peer sent messages at once that cause more than the ${MAX_WORK_AT_ONCE} units of work that are allowed`,
    );
  }

  /** Gives back the work of a request for which a block was sent. @param share the part of a whole block, up to 1 */
  giveBack(share: number): void {
    this.total -= MESSAGE_WORK.request * Math.min(share, 1);
  }
}
