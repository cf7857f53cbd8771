import { MAX_WORK_AT_ONCE } from './limits.ts';
import { WireError } from './wire-error.ts';

/**
 * Work that a message makes, in units of about a microsecond of a processor, rounded up: what a peer can make us do is
 * bounded by this, whatever it sends. Blocks cost nothing: those that were asked for are what we want, and of others few
 * are tolerated.
 */
export const MESSAGE_WORK = {
  keepAlive: 0.5,
  /** Without BEP 6 it rejects all that we asked for, and we may ask others. */
  choke: 100,
  /** We may ask for blocks at once. */
  unchoke: 200,
  interest: 10,
  have: 1,
  /** The work of a request; it is given back as far as a whole block is sent for it. */
  request: 2,
  cancel: 2,
  reject: 1,
  allowedFast: 2,
  extended: 20,
  hashRequest: 50,
  hashes: 20,
  /** The work of a message that is passed over. */
  passedOver: 2,
} as const;

/** Bytes of an extended message that are one unit more. */
export const EXTENDED_BYTES_PER_UNIT = 20;
/** Pieces of the torrent that are one unit of looking through all of them, when a peer tells its pieces. */
export const PIECES_PER_UNIT = 50;
/** Units for each piece that a peer tells late: with a `bitfield` or `have all` that is not its first message. */
export const LATE_PIECE_WORK = 2;

/** Counts the work that the messages of one peer make. */
export class MessageWork {
  /** Units since the beginning, without those given back. */
  total = 0;
  #limit = MAX_WORK_AT_ONCE;

  /** More bytes have come: begins to count what they make. */
  begin(): void {
    this.#limit = this.total + MAX_WORK_AT_ONCE;
  }

  /** @throws {WireError} `TOO_MUCH_WORK` */
  add(units: number): void {
    this.total += units;
    if (this.total <= this.#limit) return;
    throw new WireError(
      'TOO_MUCH_WORK',
      `The peer made more work with what it sent at once than is tolerated (${MAX_WORK_AT_ONCE} units)`,
    );
  }

  /** A block of `length` bytes was sent for a request. @param share of a whole block, up to 1 */
  giveBack(share: number): void {
    this.total -= MESSAGE_WORK.request * Math.min(share, 1);
  }
}
