import { PeerRecord, type PickerPeer } from './picker-peer.ts';

/** The peers the picker knows, found by the peer itself or by its number. */
export class PeerRecords<P extends PickerPeer> {
  readonly #byPeer = new Map<P, PeerRecord<P>>();
  /** No peer has number 0. */
  readonly #byNumber: (PeerRecord<P> | undefined)[] = [undefined];
  readonly #spareNumbers: number[] = [];

  [Symbol.iterator](): Iterator<PeerRecord<P>> {
    return this.#byPeer.values();
  }

  add(peer: P): PeerRecord<P> {
    if (this.#byPeer.has(peer)) throw new Error('Cannot add a peer to the picker: it is there already');
    const record = new PeerRecord(peer, this.#spareNumbers.pop() ?? this.#byNumber.length);
    this.#byPeer.set(peer, record);
    this.#byNumber[record.number] = record;
    return record;
  }

  remove(record: PeerRecord<P>): void {
    this.#byPeer.delete(record.peer);
    this.#byNumber[record.number] = undefined;
    this.#spareNumbers.push(record.number);
  }

  of(peer: P): PeerRecord<P> {
    const record = this.#byPeer.get(peer);
    if (record === undefined)
      throw new Error('Cannot find a peer in the picker: it was not added, or removed');
    return record;
  }

  /** A peer that is there. */
  numbered(number: number): PeerRecord<P> {
    return this.#byNumber[number]!;
  }

  /** The peers that have the piece. */
  *holders(index: number): Iterable<P> {
    for (const peer of this.#byPeer.keys()) if (peer.pieces.has(index)) yield peer;
  }

  /** The piece became, or is no longer, one that is still to come. */
  countWanted(index: number, change: 1 | -1): void {
    for (const record of this.#byPeer.values()) {
      if (!record.isSeed && record.peer.pieces.has(index)) record.wanted += change;
    }
  }
}
