import { BLOCK_BYTES } from '../metainfo/index.ts';

/** The most peers that a block is asked of in endgame. */
export const MAX_REQUESTERS = 3;

/**
 * The most peers that a block is asked of while nobody sends it. Each time that it is overdue, twice as many are asked
 * as the time before: peers that keep back the last block, one after the other, cost the logarithm of their number.
 */
export const MAX_RESCUERS = 16;

/** Marks a block that is there, in the place of its first requester. */
const RECEIVED = -1;

/**
 * A piece that has been started: every block of it is exactly one of free, requested and received. A block that is
 * known without asking, because it is pad bytes alone, is received from the start and counts nowhere.
 *
 * A block's state is who it is requested from: a row of at most {@link MAX_RESCUERS} peer numbers (from 1), filled
 * from the front. No block is an object.
 */
export class ActivePiece<P> {
  readonly index: number;
  /** Bytes. */
  readonly length: number;
  /** The number of all blocks, those that are known without asking included. */
  readonly blockCount: number;
  /** The number of blocks that have to come from peers. */
  readonly wantedCount: number;
  /** Whether only {@link owner} is asked: an earlier try failed its hash, and it is to be certain whose fault the next one is. */
  isAlone: boolean;
  /** The peer that has the piece to itself as long as there are others to start. */
  owner: P | undefined;
  /** Whether its owner took it out of the queue of another peer: it is not taken a second time. */
  isTakenOver = false;
  /** Whether a proven peer is, or was, asked for blocks of it: peers that are not proven do not add theirs. */
  hasProven = false;
  /** The time, in milliseconds, at which {@link owner} was asked for it first; used only while it is asked of the owner alone. */
  ownedSince = 0;
  /** The number of times that it was taken from a peer that had it alone and owed blocks of it for too long. */
  takeOvers = 0;
  /** Its place among the pieces with free blocks; -1 when it has none. */
  openAt = -1;
  readonly #rows: Int32Array;
  /** The bytes wanted of each block; `undefined` when all of them are. */
  readonly #wantedLengths: ArrayLike<number> | undefined;
  /** The time, in milliseconds, at which each block was asked for last; used only while the block is requested. */
  readonly #askedAt: Float64Array;
  /** The number of times that each block was overdue; `undefined` until one is. */
  #rescues: Uint8Array | undefined;
  /** The number of further peers that may be asked for each block, see {@link placesOf}. */
  #places: Uint8Array | undefined;
  /** The peer that sent each block; `undefined` for a block that is missing, or known to be right. */
  readonly #senders: (P | undefined)[];
  /** The number of blocks that came from each of `#contributors`. */
  #counts: number[] = [];
  #contributors: P[] = [];
  #free: number;
  #received = 0;
  /** The first block that may be free: none before it is. */
  #firstFree = 0;

  /** @param wantedLengths bytes wanted of each block, 0 of those that are known; `undefined` when all blocks are wanted whole */
  constructor(
    index: number,
    length: number,
    owner: P | undefined,
    isAlone: boolean,
    wantedLengths?: ArrayLike<number>,
  ) {
    this.index = index;
    this.length = length;
    this.owner = owner;
    this.isAlone = isAlone;
    this.blockCount = Math.ceil(length / BLOCK_BYTES);
    this.#rows = new Int32Array(this.blockCount * MAX_RESCUERS);
    this.#askedAt = new Float64Array(this.blockCount);
    this.#senders = new Array<P | undefined>(this.blockCount).fill(undefined);
    this.#wantedLengths = wantedLengths;
    this.wantedCount = this.blockCount - this.#markKnown();
    this.#free = this.wantedCount;
  }

  /** The number of blocks that nobody is asked for. */
  get free(): number {
    return this.#free;
  }

  /** The number of blocks that came from peers. */
  get received(): number {
    return this.#received;
  }

  /** The number of blocks that at least one peer is asked for. */
  get requested(): number {
    return this.wantedCount - this.#free - this.#received;
  }

  /** The peers that sent blocks of it, those known to be right left out. */
  get contributors(): readonly P[] {
    return this.#contributors;
  }

  /** The peer that sent each block of it; `undefined` for a block that is missing, or known to be right. */
  get senders(): readonly (P | undefined)[] {
    return this.#senders;
  }

  /** Returns how many blocks of it came from the peer, those known to be right left out. */
  countFrom(peer: P): number {
    return this.#counts[this.#contributors.indexOf(peer)] ?? 0;
  }

  /** Returns how long ago the block was asked for last, in milliseconds; 0 when it is not on its way. */
  ageOf(block: number, now: number): number {
    return this.#rows[block * MAX_RESCUERS]! > 0 ? now - this.#askedAt[block]! : 0;
  }

  /** Finds the block that these bytes are: all of it, or as much as is wanted. @returns -1 when they are no block */
  blockAt(begin: number, length: number): number {
    const block = begin / BLOCK_BYTES;
    if (!Number.isInteger(block) || block < 0 || block >= this.blockCount) return -1;
    return length === this.blockLength(block) || length === this.wantedLength(block) ? block : -1;
  }

  /** Bytes. */
  blockLength(block: number): number {
    return Math.min(BLOCK_BYTES, this.length - block * BLOCK_BYTES);
  }

  /** Returns the bytes of a block up to the last one that is wanted; 0 when the block is known. */
  wantedLength(block: number): number {
    return this.#wantedLengths?.[block] ?? this.blockLength(block);
  }

  isReceived(block: number): boolean {
    return this.#rows[block * MAX_RESCUERS] === RECEIVED;
  }

  /** Returns how many peers the block is requested from: 0 when it is free or received. */
  requesterCount(block: number): number {
    let count = 0;
    while (count < MAX_RESCUERS && this.requesterAt(block, count) > 0) count += 1;
    return count;
  }

  /** Returns the number of a peer that the block is requested from. @param at at least 0 and below {@link requesterCount} */
  requesterAt(block: number, at: number): number {
    return this.#rows[block * MAX_RESCUERS + at]!;
  }

  isRequestedFrom(block: number, peer: number): boolean {
    for (let at = this.requesterCount(block) - 1; at >= 0; at -= 1) {
      if (this.requesterAt(block, at) === peer) return true;
    }
    return false;
  }

  /** Requests the first free block, of which there is at least one. @returns the block */
  takeFree(peer: number, now: number): number {
    while (this.#rows[this.#firstFree * MAX_RESCUERS] !== 0) this.#firstFree += 1;
    this.#rows[this.#firstFree * MAX_RESCUERS] = peer;
    this.#askedAt[this.#firstFree] = now;
    this.#free -= 1;
    return this.#firstFree;
  }

  /** Requests a block that is requested from other peers, fewer than {@link MAX_RESCUERS}, from this one too. */
  addRequester(block: number, peer: number, now: number): void {
    this.#rows[block * MAX_RESCUERS + this.requesterCount(block)] = peer;
    this.#askedAt[block] = now;
  }

  /** Returns how many more peers may be asked for the block; the number grows each time that the block is overdue. */
  placesOf(block: number): number {
    return this.#places?.[block] ?? 0;
  }

  /** Lets an overdue block be asked of further peers, of twice as many as the time before, up to the limit. */
  openPlaces(block: number): void {
    this.#places ??= new Uint8Array(this.blockCount);
    this.#rescues ??= new Uint8Array(this.blockCount);
    this.#places[block] = Math.min(2 ** this.#rescues[block]!, MAX_RESCUERS - 1);
    this.#rescues[block] = Math.min(this.#rescues[block]! + 1, MAX_RESCUERS);
  }

  /** Takes one of the {@link placesOf} the block, of which there is at least one. */
  takePlace(block: number): void {
    this.#places![block]! -= 1;
  }

  /** Gives a request back. @returns whether the block was requested from this peer */
  removeRequester(block: number, peer: number): boolean {
    const row = block * MAX_RESCUERS;
    const found = this.#rows.subarray(row, row + MAX_RESCUERS).indexOf(peer);
    if (found < 0) return false;
    this.#rows.copyWithin(row + found, row + found + 1, row + MAX_RESCUERS);
    this.#rows[row + MAX_RESCUERS - 1] = 0;
    if (this.#rows[row] === 0) this.#becomesFree(block);
    return true;
  }

  /** Takes a block that was not received yet. Nobody is asked for it any more. */
  receive(block: number, peer: P): void {
    const row = block * MAX_RESCUERS;
    if (this.#rows[row] === 0) this.#free -= 1;
    this.#rows[row] = RECEIVED;
    // fill() would take longer: there are few.
    for (let at = 1; at < MAX_RESCUERS && this.#rows[row + at] !== 0; at += 1) this.#rows[row + at] = 0;
    this.#received += 1;
    this.#senders[block] = peer;
    const at = this.#contributors.indexOf(peer);
    if (at >= 0) this.#counts[at]! += 1;
    else this.#counts[this.#contributors.push(peer) - 1] = 1;
  }

  /** Frees the blocks that were received. To be called while nobody is asked for any of the others. */
  startOver(): void {
    this.#rows.fill(0);
    this.#markKnown();
    this.#forgetContributors();
    this.hasProven = false;
    this.#free = this.wantedCount;
    this.#received = 0;
    this.#firstFree = 0;
  }

  /** Frees wrong blocks. The other blocks are right, and nobody is to blame for them any more. */
  reopen(blocks: readonly number[]): void {
    this.#forgetContributors();
    this.#freeReceived(blocks);
  }

  /** Frees the blocks that came from a peer. @returns whether there were any */
  discard(peer: P): boolean {
    const at = this.#contributors.indexOf(peer);
    if (at < 0) return false;
    this.#contributors.splice(at, 1);
    this.#counts.splice(at, 1);
    this.#freeReceived(this.#senders.flatMap((sender, block) => (sender === peer ? [block] : [])));
    return true;
  }

  #forgetContributors(): void {
    this.#contributors = [];
    this.#counts = [];
    this.#senders.fill(undefined);
  }

  #freeReceived(blocks: readonly number[]): void {
    for (const block of blocks) {
      this.#rows[block * MAX_RESCUERS] = 0;
      this.#senders[block] = undefined;
      this.#received -= 1;
      this.#becomesFree(block);
    }
  }

  /** @returns how many blocks are known without asking */
  #markKnown(): number {
    let known = 0;
    for (let block = 0; block < (this.#wantedLengths?.length ?? 0); block += 1) {
      if (this.#wantedLengths![block] !== 0) continue;
      this.#rows[block * MAX_RESCUERS] = RECEIVED;
      known += 1;
    }
    return known;
  }

  #becomesFree(block: number): void {
    this.#free += 1;
    this.#firstFree = Math.min(this.#firstFree, block);
  }
}
