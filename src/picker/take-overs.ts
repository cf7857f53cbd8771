import type { ActivePiece } from './active-piece.ts';
import type { ActivePieces } from './active-pieces.ts';
import type { BlockRequests } from './block-requests.ts';
import type { PeerRecords } from './peer-records.ts';
import type { PeerRecord, PickerPeer } from './picker-peer.ts';
import { LATE_MS, OVERDUE_MS } from './trust.ts';

/** How long, in milliseconds, overdue blocks are not looked for again on behalf of a peer for which there were none. */
const RESCUE_PAUSE_MS = 250;

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

  /** Finds a piece that another peer has alone, and has owed a block of for too long. */
  #stalledFor(record: PeerRecord<P>, now: number): ActivePiece<P> | undefined {
    const { active, records, mayAsk } = this.#options;
    for (const piece of active) {
      if (!piece.isAlone || piece.owner === undefined || piece.owner === record.peer) continue;
      if (!record.peer.pieces.has(piece.index) || !mayAsk(record, piece.index)) continue;
      const patience = patienceWith(piece, records.of(piece.owner).isSilent(now));
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
    owner.pause(now);
    requests.takeBack(piece, owner);
    active.adopt(piece, record);
    return requests.addFree(record, piece, count, now);
  }
}

/**
 * How long, in milliseconds, a block may be owed before its piece is taken from the peer that has it alone. It grows each
 * time, so that slow peers do not take a piece from each other for ever.
 */
function patienceWith<P>({ takeOvers }: ActivePiece<P>, isSilent: boolean): number {
  return isSilent ? OVERDUE_MS * (1 + takeOvers / 32) : LATE_MS * 2 ** takeOvers;
}
