import { BLOCK_BYTES } from '../metainfo/index.ts';
import { type ActivePiece, MAX_REQUESTERS, MAX_RESCUERS } from './active-piece.ts';
import { type ActivePieces, maySharePiece } from './active-pieces.ts';
import type { PeerRecords } from './peer-records.ts';
import { MIN_ENDGAME_WINDOW, type PeerRecord, type PickerPeer } from './picker-peer.ts';
import { LATE_MS, OVERDUE_MS } from './trust.ts';

/** Keeps which blocks of active pieces are on their way from which peers, and how many each of them owes. */
export class BlockRequests<P extends PickerPeer> {
  readonly #active: ActivePieces<P>;
  readonly #records: PeerRecords<P>;
  /** No peer is silent before then that owes a block, in milliseconds: so long there is no need to look at all of them. */
  #overdueFrom = Number.NEGATIVE_INFINITY;

  constructor(active: ActivePieces<P>, records: PeerRecords<P>) {
    this.#active = active;
    this.#records = records;
  }

  /** Requests up to `count` blocks that nobody was asked for. @returns how many */
  addFree(record: PeerRecord<P>, piece: ActivePiece<P>, count: number, now: number): number {
    const taken = Math.min(count, piece.free);
    if (record.trust !== 'proven') record.trial = piece;
    for (let left = taken; left > 0; left -= 1)
      this.#request(record, piece, piece.takeFree(record.number, now), now);
    this.#active.refresh(piece);
    return taken;
  }

  /** Endgame: blocks on the way from other peers, those from the fewest first. @returns how many */
  addAgain(record: PeerRecord<P>, count: number, now: number): number {
    if (count <= 0) return 0;
    let left = count;
    for (let copies = 1; copies < keepingOneFor(record, MAX_REQUESTERS); copies += 1) {
      for (const piece of this.#active) {
        if (left === 0) return count;
        if (!maySharePiece(record, piece) || !record.peer.pieces.has(piece.index)) continue;
        for (let block = piece.blockCount - 1; block >= 0 && left > 0; block -= 1) {
          if (piece.requesterCount(block) !== copies) continue;
          if (piece.isRequestedFrom(block, record.number)) continue;
          piece.addRequester(block, record.number, now);
          this.#request(record, piece, block, now);
          left -= 1;
        }
      }
    }
    return count - left;
  }

  /**
   * Requests blocks that others have owed for too long from this peer as well: of proven peers as many as they take, of
   * others few, as in endgame. Each time that a block is overdue it is asked of more peers, see {@link MAX_RESCUERS}; where
   * as many are asked as may be, it takes the place of the first that is silent.
   *
   * @param mayBeLate whether a few blocks may be among them that are late though who owes them sends others all the time
   * @returns how many
   */
  addOverdue(record: PeerRecord<P>, count: number, now: number, mayBeLate: boolean): number {
    if (now < this.#overdueFrom && !mayBeLate) return 0;
    const window = Math.min(count, record.endgameWindow - record.outstanding);
    let few = mayBeLate ? window : 0;
    let left = record.trust === 'proven' ? count : window;
    const start = left;
    for (const piece of this.#active) {
      if (left <= 0) break;
      if (piece.requested === 0 || piece.isAlone || !record.peer.pieces.has(piece.index)) continue;
      if (record.trust !== 'proven' && piece.hasProven) continue;
      for (let block = 0; block < piece.blockCount && left > 0; block += 1) {
        if (piece.requesterCount(block) === 0 || piece.isRequestedFrom(block, record.number)) continue;
        if (piece.placesOf(block) === 0) {
          if (!this.#isOverdue(piece, block, now, few > 0)) continue;
          piece.openPlaces(block);
          for (let at = piece.requesterCount(block) - 1; at >= 0; at -= 1) {
            this.#records.numbered(piece.requesterAt(block, at)).pause(now);
          }
        }
        if (!this.#makeRoom(piece, block, record, now)) continue;
        piece.takePlace(block);
        piece.addRequester(block, record.number, now);
        this.#request(record, piece, block, now);
        left -= 1;
        few -= 1;
      }
    }
    if (left === start && !mayBeLate) this.#overdueFrom = this.#findOverdueFrom(now);
    return start - left;
  }

  /** Finds when the first of the blocks on their way may be overdue, if nobody sends anything until then. */
  #findOverdueFrom(now: number): number {
    // A block that is asked for from now on is not overdue before that.
    let first = now + OVERDUE_MS;
    for (const piece of this.#active) {
      if (piece.requested === 0 || piece.isAlone) continue;
      for (let block = 0; block < piece.blockCount; block += 1) {
        const count = piece.requesterCount(block);
        if (count === 0) continue;
        if (piece.placesOf(block) > 0) return now;
        let heardAt = Number.NEGATIVE_INFINITY;
        for (let at = 0; at < count; at += 1) {
          heardAt = Math.max(heardAt, this.#records.numbered(piece.requesterAt(block, at)).heardAt);
        }
        const askedAt = now - piece.ageOf(block, now);
        first = Math.min(first, Math.max(askedAt, heardAt) + OVERDUE_MS);
      }
    }
    return first;
  }

  /** Takes an overdue block back from one that is asked for it when no further peer may be. @returns whether one may be */
  #makeRoom(piece: ActivePiece<P>, block: number, record: PeerRecord<P>, now: number): boolean {
    const count = piece.requesterCount(block);
    if (count < keepingOneFor(record, MAX_RESCUERS)) return true;
    for (let at = 0; at < count; at += 1) {
      const owing = this.#records.numbered(piece.requesterAt(block, at));
      if (!owing.isSilent(now) || (owing.trust === 'proven' && record.trust !== 'proven')) continue;
      return this.takeBackBlock(piece, block, owing);
    }
    return false;
  }

  /** Whether none of those who are asked for the block can be counted on. @param mayBeLate whether they may send others */
  #isOverdue(piece: ActivePiece<P>, block: number, now: number, mayBeLate: boolean): boolean {
    const age = piece.ageOf(block, now);
    if (age < OVERDUE_MS) return false;
    if (mayBeLate && age >= LATE_MS) return true;
    for (let at = piece.requesterCount(block) - 1; at >= 0; at -= 1) {
      if (!this.#records.numbered(piece.requesterAt(block, at)).isSilent(now)) return false;
    }
    return true;
  }

  /** The peer will send nothing of what it was asked for, nor goes on with the pieces it had to itself. */
  releaseAll(record: PeerRecord<P>): void {
    for (const piece of this.#active) {
      if (piece.owner === record.peer) piece.owner = undefined;
      for (let block = 0; block < piece.blockCount && record.outstanding > 0; block += 1) {
        this.release(record, piece, block);
      }
    }
  }

  /** The peer will not send this block. Nothing when it was not asked for it. */
  release(record: PeerRecord<P>, piece: ActivePiece<P>, block: number): void {
    if (!piece.removeRequester(block, record.number)) return;
    record.outstanding -= 1;
    // Those that are left may be silent.
    if (piece.requesterCount(block) > 0) this.#overdueFrom = Number.NEGATIVE_INFINITY;
    this.#active.refresh(piece);
  }

  /** Cancels what the peer was asked for of a piece. */
  takeBack(piece: ActivePiece<P>, from: PeerRecord<P>): void {
    for (let block = 0; block < piece.blockCount; block += 1) this.takeBackBlock(piece, block, from);
  }

  /** Cancels the request for a block. @returns whether the peer was asked for it */
  takeBackBlock(piece: ActivePiece<P>, block: number, from: PeerRecord<P>): boolean {
    if (!piece.isRequestedFrom(block, from.number)) return false;
    this.release(from, piece, block);
    cancelBlock(from.peer, piece, block);
    return true;
  }

  /** Nobody owes this block any more. @returns the peers but `sender` that did */
  drop(piece: ActivePiece<P>, block: number, sender: P): readonly P[] {
    const others: P[] = [];
    for (let at = piece.requesterCount(block) - 1; at >= 0; at -= 1) {
      const record = this.#records.numbered(piece.requesterAt(block, at));
      record.outstanding -= 1;
      if (record.peer !== sender) others.push(record.peer);
    }
    return others;
  }

  /** In endgame a peer whose blocks come first is asked again for more and more, one whose blocks come late for less. */
  wasFaster(record: PeerRecord<P>, others: readonly P[]): void {
    record.endgameWindow += 1;
    for (const other of others) {
      const late = this.#records.of(other);
      late.endgameWindow = Math.max(MIN_ENDGAME_WINDOW, late.endgameWindow - 1);
    }
  }

  #request(record: PeerRecord<P>, piece: ActivePiece<P>, block: number, now: number): void {
    record.asked(now);
    if (record.trust === 'proven') piece.hasProven = true;
    record.peer.request(piece.index, block * BLOCK_BYTES, requestLength(record.peer, piece, block));
  }
}

/** Tells how many of the peers that are asked for a block may be there for this one to be asked: one place is kept for a proven peer. */
function keepingOneFor<P extends PickerPeer>({ trust }: PeerRecord<P>, places: number): number {
  return trust === 'proven' ? places : places - 1;
}

/** Takes back the request for a block that the peer was asked for. */
export function cancelBlock<P extends PickerPeer>(peer: P, piece: ActivePiece<P>, block: number): void {
  peer.cancel(piece.index, block * BLOCK_BYTES, requestLength(peer, piece, block));
}

function requestLength<P extends PickerPeer>(peer: P, piece: ActivePiece<P>, block: number): number {
  return peer.takesPartBlocks ? piece.wantedLength(block) : piece.blockLength(block);
}
