import type { ActivePiece } from './active-piece.ts';
import { PeerRecord, type PickerPeer } from './picker-peer.ts';
import { PROVING_BLOCKS, type Trust } from './trust.ts';

/** Keeps the records of the peers that the picker knows, found by the peer itself or by its number. */
export class PeerRecords<P extends PickerPeer> {
  readonly #byPeer = new Map<P, PeerRecord<P>>();
  /** No peer has number 0. */
  readonly #byNumber: (PeerRecord<P> | undefined)[] = [undefined];
  readonly #spareNumbers: number[] = [];

  [Symbol.iterator](): Iterator<PeerRecord<P>> {
    return this.#byPeer.values();
  }

  add(peer: P, trust: Trust): PeerRecord<P> {
    if (this.#byPeer.has(peer)) throw new Error('Cannot add a peer to the picker: it is there already');
    const record = new PeerRecord(peer, this.#spareNumbers.pop() ?? this.#byNumber.length, trust);
    this.#byPeer.set(peer, record);
    this.#byNumber[record.number] = record;
    return record;
  }

  remove(record: PeerRecord<P>): void {
    this.#byPeer.delete(record.peer);
    this.#byNumber[record.number] = undefined;
    this.#spareNumbers.push(record.number);
  }

  find(peer: P): PeerRecord<P> | undefined {
    return this.#byPeer.get(peer);
  }

  of(peer: P): PeerRecord<P> {
    const record = this.#byPeer.get(peer);
    if (record === undefined)
      throw new Error('Cannot find a peer in the picker: it was not added, or removed');
    return record;
  }

  /** Finds the record with this number, which there is. */
  numbered(number: number): PeerRecord<P> {
    return this.#byNumber[number]!;
  }

  /** Yields the peers that have the piece. */
  *holders(index: number): Iterable<PeerRecord<P>> {
    for (const record of this.#byPeer.values()) if (record.peer.pieces.has(index)) yield record;
  }

  /** Counts the blocks of a right piece for the peers that sent them: a peer with enough right blocks is proven. */
  prove(piece: ActivePiece<P>): void {
    const enough = Math.min(piece.wantedCount, PROVING_BLOCKS);
    for (const peer of piece.contributors) {
      const record = this.#byPeer.get(peer);
      if (record === undefined || record.trust === 'proven') continue;
      record.rightBlocks += piece.countFrom(peer);
      if (record.rightBlocks >= enough) record.trust = 'proven';
    }
  }

  /**
   * Makes peers suspect that sent a wrong piece: those of them that were not proven, or all when all were proven.
   *
   * @returns the peers that are suspect now
   */
  suspect(contributors: readonly P[]): readonly P[] {
    const unproven = contributors.filter((peer) => this.#byPeer.get(peer)?.trust !== 'proven');
    const suspects = unproven.length > 0 ? unproven : contributors;
    for (const peer of suspects) {
      const record = this.#byPeer.get(peer);
      if (record === undefined) continue;
      record.trust = 'suspect';
      record.rightBlocks = 0;
    }
    return suspects;
  }

  /** Counts a piece for each peer that has it: it became one that is still to come (1), or is one no longer (-1). */
  countWanted(index: number, change: 1 | -1): void {
    for (const record of this.#byPeer.values()) {
      if (!record.isSeed && record.peer.pieces.has(index)) record.wanted += change;
    }
  }
}
