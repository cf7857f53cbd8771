import { type Random, randomBelow } from '../util/index.ts';
import { type PeerRecord, type PickerPeer, piecesOf } from './picker-peer.ts';
import { RarityOrder } from './rarity-order.ts';

/** The number of wanted pieces up to which a peer has a list of them, which is searched instead of the queue. */
const FEW_PIECES = 256;

/**
 * The queue of the pieces that are not started. It chooses the piece that a peer is to start next: the rarest that the peer
 * has, at random among equals.
 *
 * The time for a choice does not grow with the number of pieces. The queue is searched from the rarest piece on. A peer with
 * few pieces has a list of its own. For a peer without rare pieces the lowest availability of its pieces is remembered
 * (`PeerRecord.level`), so that the pieces that it lacks are passed once and not at each choice.
 */
export class PieceQueue<P extends PickerPeer> {
  readonly #order: RarityOrder;
  readonly #random: Random;
  readonly #records: Iterable<PeerRecord<P>>;
  readonly #fewPieces: number;
  #seeds = 0;

  /**
   * @param queued the pieces that are queued from the start
   * @param records all peers, a live view
   * @param fewPieces the number of wanted pieces up to which a peer has a list of its own
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

  /** The number of queued pieces. */
  get size(): number {
    return this.#order.size;
  }

  /** The number of queued pieces that at least one peer has. */
  get availableCount(): number {
    return this.#seeds > 0 ? this.size : this.size - this.#order.end(0);
  }

  /** Returns the number of peers that have the piece. */
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

  /** Counts a piece that a peer has gained. */
  peerHas(record: PeerRecord<P>, index: number): void {
    this.#order.gained(index);
    if (!this.#hasFew(record)) record.few = undefined;
    if (this.#order.has(index)) this.#offer(record, index);
  }

  /** Counts a piece that a peer has lost. A seed that loses one is no seed any more; its other pieces are counted one by one. */
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

  /** Queues a piece that is not queued. */
  add(index: number): void {
    this.#order.insert(index);
    for (const record of this.#records) {
      if (record.peer.pieces.has(index)) this.#offer(record, index);
    }
  }

  /** Removes a queued piece. */
  remove(index: number): void {
    this.#order.remove(index);
  }

  /**
   * Finds the rarest queued piece that a peer has and may be asked for.
   *
   * @param mayAsk tells whether the peer may be asked for a piece that it has
   * @returns its index; -1 when there is none
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

  /** Finds a random queued piece that a peer has and may be asked for. @returns its index; -1 when there is none */
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

  /** Takes note of a queued piece of a peer that either the peer or the queue did not have before. */
  #offer(record: PeerRecord<P>, index: number): void {
    record.level = Math.min(record.level, this.#order.availability(index));
    if (record.few?.includes(index) === false) record.few.push(index);
  }

  #hasFew(record: PeerRecord<P>): boolean {
    return !record.isSeed && record.wanted <= this.#fewPieces;
  }

  /** Finds the piece of lowest rank on the peer's own list, at random among equals. @returns its index; -1 when there is none */
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
