import { type ActivePiece, MAX_REQUESTERS } from './active-piece.ts';
import type { ActivePieces } from './active-pieces.ts';
import { BLOCK_BYTES } from './block.ts';
import type { PeerRecords } from './peer-records.ts';
import { MIN_ENDGAME_WINDOW, type PeerRecord, type PickerPeer } from './picker-peer.ts';

/** Which blocks of active pieces are on their way from which peers, and how many each of them owes. */
export class BlockRequests<P extends PickerPeer> {
  readonly #active: ActivePieces<P>;
  readonly #records: PeerRecords<P>;

  constructor(active: ActivePieces<P>, records: PeerRecords<P>) {
    this.#active = active;
    this.#records = records;
  }

  /** Requests up to `count` blocks that nobody was asked for. @returns how many */
  addFree(record: PeerRecord<P>, piece: ActivePiece<P>, count: number): number {
    const taken = Math.min(count, piece.free);
    for (let left = taken; left > 0; left -= 1) this.#request(record, piece, piece.takeFree(record.number));
    this.#active.refresh(piece);
    return taken;
  }

  /** Endgame: blocks on the way from other peers, those from the fewest first. @returns how many */
  addAgain(record: PeerRecord<P>, count: number): number {
    let left = count;
    for (let copies = 1; copies < MAX_REQUESTERS; copies += 1) {
      for (const piece of this.#active) {
        if (piece.isAlone || !record.peer.pieces.has(piece.index)) continue;
        for (let block = piece.blockCount - 1; block >= 0 && left > 0; block -= 1) {
          if (piece.requesterCount(block) !== copies) continue;
          if (piece.isRequestedFrom(block, record.number)) continue;
          piece.addRequester(block, record.number);
          this.#request(record, piece, block);
          left -= 1;
        }
      }
    }
    return count - left;
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
    this.#active.refresh(piece);
  }

  /** Cancels what the peer was asked for of a piece. */
  takeBack(piece: ActivePiece<P>, from: PeerRecord<P>): void {
    for (let block = 0; block < piece.blockCount; block += 1) {
      if (!piece.isRequestedFrom(block, from.number)) continue;
      this.release(from, piece, block);
      cancelBlock(from.peer, piece, block);
    }
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

  #request(record: PeerRecord<P>, piece: ActivePiece<P>, block: number): void {
    record.outstanding += 1;
    record.peer.request(piece.index, block * BLOCK_BYTES, requestLength(record.peer, piece, block));
  }
}

/** Takes back the request for a block that the peer was asked for. */
export function cancelBlock<P extends PickerPeer>(peer: P, piece: ActivePiece<P>, block: number): void {
  peer.cancel(piece.index, block * BLOCK_BYTES, requestLength(peer, piece, block));
}

function requestLength<P extends PickerPeer>(peer: P, piece: ActivePiece<P>, block: number): number {
  return peer.takesPartBlocks ? piece.wantedLength(block) : piece.blockLength(block);
}
