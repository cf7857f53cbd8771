import type { ActivePiece } from './active-piece.ts';
import type { ActivePieces } from './active-pieces.ts';
import type { BlockRequests } from './block-requests.ts';
import type { PeerRecords } from './peer-records.ts';
import type { PeerRecord, PickerPeer } from './picker-peer.ts';
import { LATE_MS, OVERDUE_MS } from './trust.ts';

/** The milliseconds for which no overdue blocks are looked for again for a peer for which there were none. */
const RESCUE_PAUSE_MS = 250;

/** The number of times that a peer must be as fast as the owner of a piece to take it over while the owner sends blocks. */
const OUTPACED = 4;

/** The options of {@link TakeOvers}. */
export interface TakeOversOptions<P extends PickerPeer> {
  readonly active: ActivePieces<P>;
  readonly records: PeerRecords<P>;
  readonly requests: BlockRequests<P>;
  /** Tells whether the peer may be asked for the piece. */
  readonly mayAsk: (record: PeerRecord<P>, index: number) => boolean;
  /** Returns the number of peers that have the piece. */
  readonly availability: (index: number) => number;
}

/** Gives a peer that is not busy pieces and blocks of other peers: those that wait in their queues, or that they owe for long. */
export class TakeOvers<P extends PickerPeer> {
  readonly #options: TakeOversOptions<P>;

  constructor(options: TakeOversOptions<P>) {
    this.#options = options;
  }

  /**
   * Gives a proven peer that owes no block a piece that waits in the queue of another peer behind other pieces. It takes the
   * piece that most peers have, because the other peer may be the only one that has the others.
   *
   * @returns the number of blocks that were requested
   */
  takeWaiting(record: PeerRecord<P>, count: number, now: number): number {
    const { active, records, requests, mayAsk, availability } = this.#options;
    let most = 0;
    let best: ActivePiece<P> | undefined;
    for (const piece of active) {
      if (piece.owner === undefined || piece.isAlone || piece.isTakenOver || piece.received > 0) continue;
      if (!record.peer.pieces.has(piece.index) || !mayAsk(record, piece.index)) continue;
      const holders = availability(piece.index);
      if (holders <= most || records.of(piece.owner).outstanding <= piece.wantedCount) continue;
      most = holders;
      best = piece;
    }
    if (best === undefined) return 0;
    requests.takeBack(best, records.of(best.owner!));
    best.owner = record.peer;
    best.isTakenOver = true;
    return requests.addFree(record, best, count, now);
  }

  /**
   * Requests blocks from a peer that other peers owe for too long.
   *
   * @param isEndgame whether the peer was already asked, by the rules of endgame, for blocks that others owe
   * @returns the number of blocks that were requested
   */
  takeOverdue(record: PeerRecord<P>, count: number, now: number, isEndgame: boolean): number {
    const { requests } = this.#options;
    if (now < record.rescueAfter) return 0;
    const isProven = record.trust === 'proven';
    const stalled = isProven || record.outstanding === 0 ? this.#stalledFor(record, now) : undefined;
    if (stalled !== undefined) return this.#takeStalled(record, stalled, count, now);
    const mayBeLate = !isEndgame && record.outstanding === 0;
    const asked = requests.addOverdue(record, count, now, mayBeLate);
    if (asked === 0 && record.outstanding === 0) record.rescueAfter = now + RESCUE_PAUSE_MS;
    return asked;
  }

  /** Finds a piece that is fetched from another peer alone, which owes a block of it for too long or is much too slow. */
  #stalledFor(record: PeerRecord<P>, now: number): ActivePiece<P> | undefined {
    const { active, records, mayAsk } = this.#options;
    if (!active.hasAlone) return undefined;
    for (const piece of active) {
      if (!piece.isAlone || piece.owner === undefined || piece.owner === record.peer) continue;
      if (!record.peer.pieces.has(piece.index) || !mayAsk(record, piece.index)) continue;
      const owner = records.of(piece.owner);
      if (isOutpaced(piece, owner, record, now)) return piece;
      const patience = patienceWith(piece, owner.isSilent(now));
      for (let block = 0; block < piece.blockCount; block += 1) {
        if (piece.ageOf(block, now) >= patience) return piece;
      }
    }
    return undefined;
  }

  /** Gives a peer a piece that was fetched from another one alone. @returns the number of blocks that were requested */
  #takeStalled(record: PeerRecord<P>, piece: ActivePiece<P>, count: number, now: number): number {
    const { active, records, requests } = this.#options;
    const owner = records.of(piece.owner!);
    piece.takeOvers += 1;
    owner.wasOutpaced(paceOf(piece, now));
    owner.pause(now);
    requests.takeBack(piece, owner);
    active.adopt(piece, record, now);
    return requests.addFree(record, piece, count, now);
  }
}

/**
 * Tells whether the owner of a piece needs {@link OUTPACED} times as long for its missing blocks as another peer would need
 * for all of them, or very long if the other peer has never sent a block. A proven owner is always worth waiting for.
 */
function isOutpaced<P extends PickerPeer>(
  piece: ActivePiece<P>,
  owner: PeerRecord<P>,
  other: PeerRecord<P>,
  now: number,
): boolean {
  if (owner.trust === 'proven' || now - piece.ownedSince < OVERDUE_MS) return false;
  const missing = piece.wantedCount - piece.received;
  const pace = paceOf(piece, now);
  if (other.isUnheard) return missing * 1000 > LATE_MS * growthOf(piece) * pace;
  return missing * other.pace > OUTPACED * piece.wantedCount * pace;
}

/** Returns the blocks a second that the owner of a piece has sent of it. */
function paceOf<P>({ received, ownedSince }: ActivePiece<P>, now: number): number {
  return (received * 1000) / (now - ownedSince);
}

/**
 * Returns the milliseconds for which a block may be owed before its piece is taken over from its owner. It grows with each
 * take-over, so that slow peers do not take a piece from each other for ever.
 */
function patienceWith<P>(piece: ActivePiece<P>, isSilent: boolean): number {
  return isSilent ? OVERDUE_MS * growthOf(piece) : LATE_MS * 2 ** piece.takeOvers;
}

/** Returns the factor by which patience with the owner of a piece has grown. */
function growthOf<P>({ takeOvers }: ActivePiece<P>): number {
  return 1 + takeOvers / 32;
}
