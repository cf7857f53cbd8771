import { type Random, randomBelow } from '../util/index.ts';
import { type PeerRecord, type PickerPeer, piecesOf } from './picker-peer.ts';
import { RarityOrder } from './rarity-order.ts';

/** A peer with at most this many wanted pieces is searched by its own list of them, not by walking the queue. */
const FEW_PIECES = 256;

/**
 * The pieces nobody has been asked for yet, and which of them a peer is to start next: the rarest it has, at random
 * among equals.
 *
 * What it costs does not grow with the number of pieces. The queue is walked from the rarest; a peer with few pieces is
 * searched by a list of its own; and of a peer without rare pieces it is remembered from which availability on it has
 * any (`PeerRecord.level`), so that the rare ones it lacks are walked past once and not at each pick.
 */
export class PieceQueue<P extends PickerPeer> {
  readonly #order: RarityOrder;
  readonly #random: Random;
  readonly #records: Iterable<PeerRecord<P>>;
  readonly #fewPieces: number;
  #seeds = 0;

  /**
   * @param queued - the pieces it starts with
   * @param records - all peers, a live view
   */
  constructor(
    pieceCount: number,
    queued: Iterable<number>,
    random: Random,
    records: Iterable<PeerRecord<P>>,
    fewPieces = FEW_PIECES,
  ) {
    this.#order = new RarityOrder(pieceCount);
    this.#random = random;
    this.#records = records;
    this.#fewPieces = fewPieces;
    for (const index of queued) this.#order.insert(index);
    this.#order.shuffle(random);
  }

  get size(): number {
    return this.#order.size;
  }

  /** How many of the pieces at least one peer has. */
  get availableCount(): number {
    return this.#seeds > 0 ? this.size : this.size - this.#order.end(0);
  }

  /** How many peers have the piece. */
  availability(index: number): number {
    return this.#order.availability(index) + this.#seeds;
  }

  addPeer(record: PeerRecord<P>): void {
    if (record.isSeed) this.#seeds += 1;
    else for (const index of piecesOf(record.peer)) this.#order.gained(index);
  }

  removePeer(record: PeerRecord<P>): void {
    if (record.isSeed) {
      this.#seeds -= 1;
      return;
    }
    for (const index of piecesOf(record.peer)) this.#order.lost(index);
    for (const other of this.#records) other.level = Math.max(0, other.level - 1);
  }

  peerHas(record: PeerRecord<P>, index: number): void {
    this.#order.gained(index);
    if (!this.#hasFew(record)) record.few = undefined;
    if (this.#order.has(index)) this.#offer(record, index);
  }

  /** A peer has lost a piece. One that was counted as a seed is counted in the availability of its pieces from now on. */
  peerLost(record: PeerRecord<P>, index: number): void {
    if (record.isSeed) {
      record.isSeed = false;
      this.#seeds -= 1;
      for (const held of piecesOf(record.peer)) this.#order.gained(held);
      return;
    }
    this.#order.lost(index);
    record.few = undefined;
    for (const other of this.#records) other.level = Math.max(0, other.level - 1);
  }

  add(index: number): void {
    this.#order.insert(index);
    for (const record of this.#records) {
      if (record.peer.pieces.has(index)) this.#offer(record, index);
    }
  }

  remove(index: number): void {
    this.#order.remove(index);
  }

  /**
   * The rarest piece the peer has.
   *
   * @param mayAsk - whether a piece it has may be asked of it
   * @returns -1 when there is none
   */
  rarestFor(record: PeerRecord<P>, mayAsk: (index: number) => boolean): number {
    if (this.#hasFew(record))
      return this.#bestOfFew(record, mayAsk, (index) => this.#order.availability(index));
    let allBelowLacked = true;
    for (let level = record.level; level < this.#order.levels; level += 1) {
      const start = this.#order.start(level);
      const length = this.#order.end(level) - start;
      const offset = randomBelow(this.#random, length);
      for (let step = 0; step < length; step += 1) {
        const index = this.#order.at(start + ((offset + step) % length));
        if (!record.peer.pieces.has(index)) continue;
        if (mayAsk(index)) return index;
        allBelowLacked = false;
      }
      if (allBelowLacked) record.level = level + 1;
    }
    return -1;
  }

  /** Any piece the peer has, at random; otherwise as {@link rarestFor}. */
  randomFor(record: PeerRecord<P>, mayAsk: (index: number) => boolean): number {
    if (this.#hasFew(record)) return this.#bestOfFew(record, mayAsk, () => 0);
    const length = this.size;
    const offset = randomBelow(this.#random, length);
    for (let step = 0; step < length; step += 1) {
      const index = this.#order.at((offset + step) % length);
      if (record.peer.pieces.has(index) && mayAsk(index)) return index;
    }
    return -1;
  }

  /** The peer has a queued piece that it lacked or that was not queued. */
  #offer(record: PeerRecord<P>, index: number): void {
    record.level = Math.min(record.level, this.#order.availability(index));
    if (record.few?.includes(index) === false) record.few.push(index);
  }

  #hasFew(record: PeerRecord<P>): boolean {
    return !record.isSeed && record.wanted <= this.#fewPieces;
  }

  #bestOfFew(
    record: PeerRecord<P>,
    mayAsk: (index: number) => boolean,
    rank: (index: number) => number,
  ): number {
    record.few = (record.few ?? piecesOf(record.peer)).filter((index) => this.#order.has(index));
    let best = -1;
    let ties = 0;
    for (const index of record.few) {
      const difference = best < 0 ? -1 : rank(index) - rank(best);
      if (difference > 0 || !mayAsk(index)) continue;
      ties = difference < 0 ? 1 : ties + 1;
      if (randomBelow(this.#random, ties) === 0) best = index;
    }
    return best;
  }
}
