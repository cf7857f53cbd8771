import { BLOCK_BYTES } from '../metainfo/index.ts';
import { type ActivePiece, MAX_REQUESTERS, MAX_RESCUERS } from './active-piece.ts';
import { type ActivePieces, maySharePiece } from './active-pieces.ts';
import type { PeerRecords } from './peer-records.ts';
import { MIN_ENDGAME_WINDOW, type PeerRecord, type PickerPeer } from './picker-peer.ts';
import { LATE_MS, OVERDUE_MS } from './trust.ts';

/** The requests for blocks of active pieces: it knows which peers owe which blocks, and how many. */
export class BlockRequests<P extends PickerPeer> {
  readonly #active: ActivePieces<P>;
  readonly #records: PeerRecords<P>;
  /** The time in milliseconds before which no block can be overdue, so that there is no need to look at all of them. */
  #overdueFrom = Number.NEGATIVE_INFINITY;

  constructor(active: ActivePieces<P>, records: PeerRecords<P>) {
    this.#active = active;
    this.#records = records;
  }

  /** Requests up to `count` blocks of a piece that no peer owes. @returns the number of blocks that were requested */
  addFree(record: PeerRecord<P>, piece: ActivePiece<P>, count: number, now: number): number {
    const taken = Math.min(count, piece.free);
    if (record.trust !== 'proven') record.trial = piece;
    for (let left = taken; left > 0; left -= 1)
      this.#request(record, piece, piece.takeFree(record.number, now), now);
    this.#active.refresh(piece);
    return taken;
  }

  /**
   * Requests up to `count` blocks that other peers owe, those that the fewest owe first. This is the endgame.
   *
   * @returns the number of blocks that were requested
   */
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
   * Requests blocks from this peer that others have owed for too long: from a proven peer up to `count`, from another one
   * few, as in endgame. Each time that a block is overdue, more peers may owe it, see {@link MAX_RESCUERS}. When as many as
   * may be owe it, this peer takes the place of the first one that is silent.
   *
   * @param mayBeLate whether a few blocks may be requested that are late, although the peers that owe them send others
   * @returns the number of blocks that were requested
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

  /** Finds the earliest time at which a block may be overdue, if no peer sends anything until then, in milliseconds. */
  #findOverdueFrom(now: number): number {
    // A block that is requested from now on cannot be overdue earlier.
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

  /** Cancels one request for an overdue block if no further peer may be asked for it. @returns whether one may be asked now */
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

  /** Tells whether a block is overdue. @param mayBeLate whether it is enough that it is late, though the peers send others */
  #isOverdue(piece: ActivePiece<P>, block: number, now: number, mayBeLate: boolean): boolean {
    const age = piece.ageOf(block, now);
    if (age < OVERDUE_MS) return false;
    if (mayBeLate && age >= LATE_MS) return true;
    for (let at = piece.requesterCount(block) - 1; at >= 0; at -= 1) {
      if (!this.#records.numbered(piece.requesterAt(block, at)).isSilent(now)) return false;
    }
    return true;
  }

  /** Notes that a peer will send none of the blocks that it owes, and that it has no piece to itself any more. */
  releaseAll(record: PeerRecord<P>): void {
    for (const piece of this.#active) {
      if (piece.owner === record.peer) piece.owner = undefined;
      for (let block = 0; block < piece.blockCount && record.outstanding > 0; block += 1) {
        this.release(record, piece, block);
      }
    }
  }

  /** Notes that a peer will not send a block. Does nothing when the peer does not owe it. */
  release(record: PeerRecord<P>, piece: ActivePiece<P>, block: number): void {
    if (!piece.removeRequester(block, record.number)) return;
    record.outstanding -= 1;
    // The other peers that owe the block may be silent.
    if (piece.requesterCount(block) > 0) this.#overdueFrom = Number.NEGATIVE_INFINITY;
    this.#active.refresh(piece);
  }

  /** Cancels all requests to a peer for blocks of a piece. */
  takeBack(piece: ActivePiece<P>, from: PeerRecord<P>): void {
    for (let block = 0; block < piece.blockCount; block += 1) this.takeBackBlock(piece, block, from);
  }

  /** Cancels the request to a peer for a block. @returns whether the peer owed it */
  takeBackBlock(piece: ActivePiece<P>, block: number, from: PeerRecord<P>): boolean {
    if (!piece.isRequestedFrom(block, from.number)) return false;
    this.release(from, piece, block);
    cancelBlock(from.peer, piece, block);
    return true;
  }

  /** Counts a block as owed by no peer. @returns the peers that owed it, without `sender` */
  drop(piece: ActivePiece<P>, block: number, sender: P): readonly P[] {
    const others: P[] = [];
    for (let at = piece.requesterCount(block) - 1; at >= 0; at -= 1) {
      const record = this.#records.numbered(piece.requesterAt(block, at));
      record.outstanding -= 1;
      if (record.peer !== sender) others.push(record.peer);
    }
    return others;
  }

  /** Lets a peer whose block came first have more requests in endgame, and the peers that also owed it fewer. */
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

/** Returns the number of places for peers that owe a block, of which one is kept for a proven peer. */
function keepingOneFor<P extends PickerPeer>({ trust }: PeerRecord<P>, places: number): number {
  return trust === 'proven' ? places : places - 1;
}

/** Sends a peer the cancellation of its request for a block. */
export function cancelBlock<P extends PickerPeer>(peer: P, piece: ActivePiece<P>, block: number): void {
  peer.cancel(piece.index, block * BLOCK_BYTES, requestLength(peer, piece, block));
}

/** Returns the bytes of a block to request: only those that we need, if the peer takes requests for parts of blocks. */
function requestLength<P extends PickerPeer>(peer: P, piece: ActivePiece<P>, block: number): number {
  return peer.takesPartBlocks ? piece.wantedLength(block) : piece.blockLength(block);
}
