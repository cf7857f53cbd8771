import type { ActivePiece } from './active-piece.ts';
import type { ActivePieces } from './active-pieces.ts';
import type { BlockRequests } from './block-requests.ts';
import type { PeerRecords } from './peer-records.ts';
import type { PeerRecord, PickerPeer } from './picker-peer.ts';
import { LATE_MS, OVERDUE_MS } from './trust.ts';

/** How long, in milliseconds, overdue blocks are not looked for again on behalf of a peer for which there were none. */
const RESCUE_PAUSE_MS = 250;

/** How many times as fast as its owner a peer must be to be given a piece that the owner has alone and sends all the time. */
const OUTPACED = 4;

export interface TakeOversOptions<P extends PickerPeer> {
  readonly active: ActivePieces<P>;
  readonly records: PeerRecords<P>;
  readonly requests: BlockRequests<P>;
  /** Whether the peer may be asked for the piece. */
  readonly mayAsk: (record: PeerRecord<P>, index: number) => boolean;
  /** How many peers have the piece. */
  readonly availability: (index: number) => number;
}

/** Gives a peer that has nothing else to do what was asked of others: what only waits there, and what they owe for too long. */
export class TakeOvers<P extends PickerPeer> {
  readonly #options: TakeOversOptions<P>;

  constructor(options: TakeOversOptions<P>) {
    this.#options = options;
  }

  /**
   * Gives a proven peer that is asked for nothing a piece that waits in the queue of another, which has others to send
   * before. Of those that wait, the one that most peers have: the other peer may be the only source of something else.
   *
   * @returns for how many blocks it was asked
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
   * Asks a peer for what others owe for too long.
   *
   * @param isEndgame whether it was asked already for a few of all blocks that are on their way
   * @returns for how many blocks
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

  /** Finds a piece that another peer has alone, and has owed a block of for too long, or is much too slow with. */
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
 * Whether a peer that has a piece alone needs {@link OUTPACED} times as long for what is missing as another peer for all of
 * it, or very long where nothing has ever come from the other one. One that is proven is worth waiting for.
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

/** Blocks a second that its owner sent of a piece that it has alone. */
function paceOf<P>({ received, ownedSince }: ActivePiece<P>, now: number): number {
  return (received * 1000) / (now - ownedSince);
}

/**
 * How long, in milliseconds, a block may be owed before its piece is taken from the peer that has it alone. It grows each
 * time, so that slow peers do not take a piece from each other for ever.
 */
function patienceWith<P>(piece: ActivePiece<P>, isSilent: boolean): number {
  return isSilent ? OVERDUE_MS * growthOf(piece) : LATE_MS * 2 ** piece.takeOvers;
}

function growthOf<P>({ takeOvers }: ActivePiece<P>): number {
  return 1 + takeOvers / 32;
}
