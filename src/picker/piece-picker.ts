import { BLOCK_BYTES } from '../metainfo/index.ts';
import type { Bitfield, Random } from '../util/index.ts';
import { ActivePiece } from './active-piece.ts';
import { ActivePieces, Claim, maySharePiece } from './active-pieces.ts';
import { BlockRequests, cancelBlock } from './block-requests.ts';
import { Distrust } from './distrust.ts';
import { PeerRecords } from './peer-records.ts';
import { type PeerRecord, type PickerPeer, piecesOf } from './picker-peer.ts';
import { PieceQueue } from './piece-queue.ts';
import { TakeOvers } from './take-overs.ts';
import type { Trust } from './trust.ts';

/** Where the bytes of active pieces go: there are not as many buffers as there are pieces. */
export interface PieceBuffers {
  /**
   * Sets a buffer aside for a piece about to be started.
   *
   * @param trials - absent when a proven peer is to be asked; otherwise how many pieces that no proven peer was asked for
   *   have a buffer, so that what peers without proof may hold can be kept small
   * @returns whether there was one
   */
  reserve(index: number, trials?: number): boolean;
  /** The picker gave the piece up so that another one can be started: its buffer is free now, its bytes are lost. */
  giveUp(index: number): void;
}

export interface PiecePickerOptions {
  readonly pieceCount: number;
  /** Bytes of a piece that is neither the last nor cut short by the end of a file. */
  readonly pieceLength: number;
  /** Bytes of each piece, at least 1. */
  readonly pieceLengthAt: (index: number) => number;
  /**
   * Says how many bytes of each block are wanted, counted from its start, and at least one byte of the piece; 0 where
   * the block is known without asking. `undefined`: all of the piece is wanted. Is asked when a piece is started.
   */
  readonly wantedLengthsAt?: (index: number) => ArrayLike<number> | undefined;
  /** The pieces that are there; read once. */
  readonly have: Bitfield;
  readonly buffers: PieceBuffers;
  readonly random: Random;
}

/**
 * A peer that is asked for this many blocks at a time, 1 MiB, has pieces to itself however long they are. If pieces of more
 * were shared, a seed would be asked for the rest of pieces that others have too, and for less of what it alone has.
 */
const FAST_BLOCKS = 64;

/** What a block was: one to keep, the one that made its piece complete, or one to throw away. */
export type Receipt = 'wanted' | 'completed' | 'unwanted';

const State = { have: 0, queued: 1, active: 2, verifying: 3, notNeeded: 4 } as const;

/**
 * Decides which block to ask which peer for.
 *
 * Every piece is exactly one of
 * - have,
 * - queued: nobody was asked for any of it and it has no buffer ({@link PieceQueue}),
 * - active: it has a buffer and blocks of it are missing ({@link ActivePieces}),
 * - verifying: all blocks are there, its hash is not known yet,
 * - not needed.
 *
 * A peer goes on with a started piece before it starts another, and starts the rarest; the first piece of all is any,
 * because a rare one takes long and without a piece there is nothing to trade. A peer whose pipeline holds a whole
 * piece, or {@link FAST_BLOCKS}, is fast: it gets pieces to itself, so that a wrong hash names the culprit and a piece
 * is never left half done; slow peers share. When no piece can be started a peer joins any; if it is then asked for
 * nothing, it takes over one that waits in another's queue. When every block is requested (endgame) the ones on the way
 * are asked of others too, a few at a time, the last ones of a piece first, and cancelled as they come.
 *
 * Nobody is believed ({@link Trust}). A peer that is not proven has one piece at a time, adds nothing to what proven
 * peers are asked for, and has a piece alone once it is suspect. A piece whose hash was wrong is fetched from one peer
 * alone, the best there is. What a peer owes for too long is asked of others as well ({@link TakeOvers}).
 */
export class PiecePicker<P extends PickerPeer> {
  readonly #options: PiecePickerOptions;
  readonly #fastBlocks: number;
  readonly #states: Uint8Array;
  readonly #queue: PieceQueue<P>;
  readonly #active = new ActivePieces<P>();
  readonly #verifying = new Map<number, ActivePiece<P>>();
  readonly #distrust = new Distrust<P>();
  readonly #records = new PeerRecords<P>();
  readonly #requests = new BlockRequests<P>(this.#active, this.#records);
  readonly #takeOvers = new TakeOvers<P>({
    active: this.#active,
    records: this.#records,
    requests: this.#requests,
    mayAsk: (record, index) => this.#mayAsk(record, index),
    availability: (index) => this.availability(index),
  });
  #wanted = 0;
  #hasAny: boolean;
  /** The time at the last pick, in milliseconds. */
  #now = 0;

  constructor(options: PiecePickerOptions) {
    const { pieceCount, pieceLength, have, random } = options;
    this.#options = options;
    this.#fastBlocks = Math.min(Math.ceil(pieceLength / BLOCK_BYTES), FAST_BLOCKS);
    this.#hasAny = !have.isEmpty;
    this.#states = new Uint8Array(pieceCount);
    const queued: number[] = [];
    for (let index = 0; index < pieceCount; index += 1) {
      if (have.has(index)) continue;
      this.#states[index] = State.queued;
      queued.push(index);
    }
    this.#wanted = queued.length;
    this.#queue = new PieceQueue(pieceCount, queued, random, this.#records);
  }

  /** Pieces still to come: queued, active or verifying. */
  get wantedCount(): number {
    return this.#wanted;
  }

  get isDone(): boolean {
    return this.#wanted === 0;
  }

  /** Whether every block that any peer has is requested or there, while some are missing. */
  get isEndgame(): boolean {
    return (
      this.#active.size > 0 &&
      this.#queue.availableCount === 0 &&
      this.#active.open.every((piece) => this.#queue.availability(piece.index) === 0)
    );
  }

  /** How many peers have the piece. */
  availability(index: number): number {
    return this.#queue.availability(index);
  }

  /** Whether the peer has a piece that is still to come. */
  isInteresting(peer: P): boolean {
    return this.#wantedOf(this.#records.of(peer)) > 0;
  }

  /** A peer whose pieces are known; a seed costs nothing, another peer in proportion to the pieces it has. */
  addPeer(peer: P, trust: Trust = 'fresh'): void {
    const record = this.#records.add(peer, trust);
    this.#queue.addPeer(record);
    if (record.isSeed) return;
    for (const index of piecesOf(peer)) if (this.#isWanted(index)) record.wanted += 1;
  }

  /** A peer is gone: what it was asked for is free again. Its `pieces` are what they were last. */
  removePeer(peer: P): void {
    const record = this.#records.of(peer);
    this.releaseAll(peer);
    this.#records.remove(record);
    this.#queue.removePeer(record);
    this.#distrust.forgetPeer(peer);
  }

  /** `peer.pieces` got this piece, which it did not have: to be called once for each piece gained after {@link addPeer}. */
  peerHas(peer: P, index: number): void {
    const record = this.#records.of(peer);
    if (this.#isWanted(index)) record.wanted += 1;
    this.#queue.peerHas(record, index);
  }

  /**
   * `peer.pieces` has lost this piece, which it had. What the peer owes of it, it still owes, unless it had the piece
   * alone: that is fetched from another peer now.
   *
   * @see BEP 54
   */
  peerLost(peer: P, index: number): void {
    const record = this.#records.of(peer);
    if (record.isSeed) record.wanted = piecesOf(peer).filter((held) => this.#isWanted(held)).length;
    else if (this.#isWanted(index)) record.wanted -= 1;
    this.#queue.peerLost(record, index);
    const piece = this.#active.get(index);
    if (piece?.owner !== peer) return;
    piece.owner = undefined;
    if (piece.isAlone) this.#requests.takeBack(piece, record);
  }

  /**
   * Requests up to `count` blocks from the peer, through its `request()`.
   *
   * @param count - how far the peer's pipeline is from full, as measured by its rate
   * @param now - the time in milliseconds, from any start
   * @returns how many were requested; fewer than `count` when there are no more it could be asked for now
   */
  pick(peer: P, count: number, now: number): number {
    const record = this.#records.of(peer);
    this.#now = now;
    if (this.#wantedOf(record) === 0) return 0;
    let left = count;
    while (left > 0) {
      const piece = this.#next(record, left);
      if (piece === undefined) break;
      left -= this.#requests.addFree(record, piece, left, now);
    }
    if (left === 0 || now < record.pausedUntil) return count - left;
    const { isEndgame } = this;
    if (record.trust !== 'suspect' && isEndgame) {
      left -= this.#requests.addAgain(record, Math.min(left, record.endgameWindow - record.outstanding), now);
    } else if (record.trust === 'proven' && record.outstanding === 0) {
      left -= this.#takeOvers.takeWaiting(record, left, now);
    }
    if (left > 0) left -= this.#takeOvers.takeOverdue(record, left, now, isEndgame);
    return count - left;
  }

  /** Whether these bytes are a block that is still missing, or its wanted part, of a piece that has a buffer to copy it to. */
  isMissing(index: number, begin: number, length: number): boolean {
    const piece = this.#active.get(index);
    const block = piece?.blockAt(begin, length) ?? -1;
    return block >= 0 && !piece!.isReceived(block);
  }

  /**
   * A block came. Other peers it was requested from are told to cancel it. After `'completed'` the piece waits for
   * {@link pieceVerified}, {@link pieceFailed} or {@link blocksFailed}.
   */
  received(peer: P, index: number, begin: number, length: number): Receipt {
    const piece = this.#active.get(index);
    const block = piece?.blockAt(begin, length) ?? -1;
    if (piece === undefined || block < 0 || piece.isReceived(block)) return 'unwanted';
    if (piece.isAlone && piece.owner !== peer) return 'unwanted';
    const record = this.#records.of(peer);
    const wasAsked = piece.isRequestedFrom(block, record.number);
    const others = this.#requests.drop(piece, block, peer);
    record.heard(this.#now, wasAsked);
    piece.receive(block, peer);
    this.#active.refresh(piece);
    const isComplete = piece.received === piece.wantedCount;
    if (isComplete) {
      this.#active.delete(piece);
      this.#verifying.set(index, piece);
      this.#states[index] = State.verifying;
    }
    for (const other of others) cancelBlock(other, piece, block);
    if (others.length > 0) this.#requests.wasFaster(record, others);
    return isComplete ? 'completed' : 'wanted';
  }

  /** A block that is missing has begun to come from the peer. */
  began(peer: P): void {
    this.#records.of(peer).heardAt = this.#now;
  }

  /**
   * Takes a block back from a peer that has begun to send it and does not go on, or is not proven, for another that has
   * begun to send it, too.
   *
   * @returns whether it did
   */
  replace(sender: P, other: P, index: number, begin: number): boolean {
    const [owing, record] = [this.#records.of(sender), this.#records.of(other)];
    const isBetter = record.trust === 'proven' && owing.trust !== 'proven';
    if (!isBetter && !owing.isSilent(this.#now)) return false;
    const piece = this.#active.get(index);
    return piece !== undefined && this.#requests.takeBackBlock(piece, Math.floor(begin / BLOCK_BYTES), owing);
  }

  /** The peer will not send this block (rejected, timed out): it is free again. Nothing when it was not asked for it. */
  release(peer: P, index: number, begin: number): void {
    const piece = this.#active.get(index);
    if (piece !== undefined)
      this.#requests.release(this.#records.of(peer), piece, Math.floor(begin / BLOCK_BYTES));
  }

  /** The peer will send nothing of what it was asked for (it choked us, is snubbed): all of it is free again. */
  releaseAll(peer: P): void {
    this.#requests.releaseAll(this.#records.of(peer));
  }

  /** The peers that sent blocks of a piece that is active or verifying, those known to be right left out. */
  contributors(index: number): readonly P[] {
    return (this.#active.get(index) ?? this.#verifying.get(index))?.contributors ?? [];
  }

  /** A complete piece's hash was right: it is there. */
  pieceVerified(index: number): void {
    this.#records.prove(this.#takeVerifying(index));
    this.#states[index] = State.have;
    this.#hasAny = true;
    this.#distrust.forgetPiece(index);
    this.#countWanted(index, -1);
  }

  /**
   * A complete piece's hash was wrong: all of it is wanted again, from one peer alone, the best there is ({@link Distrust}).
   *
   * @returns the peers that sent it. If it is one, that one is to blame
   */
  pieceFailed(index: number): readonly P[] {
    const { contributors } = this.#takeVerifying(index);
    this.#distrust.failed(index, contributors, this.#records.suspect(contributors), this.#now);
    this.#enqueue(index);
    return contributors;
  }

  /**
   * Frees blocks of an active piece that came from a peer that has turned out to send wrong ones.
   *
   * @param blocks - all that came from it
   * @returns whether the piece is active
   */
  discard(peer: P, index: number, blocks: readonly number[]): boolean {
    const piece = this.#active.get(index);
    if (piece === undefined) return false;
    piece.discard(peer, blocks);
    this.#active.refresh(piece);
    return true;
  }

  /** Ranks a peer among those that could be asked for what others owe; the lowest is asked first. */
  rankOf(peer: P): number {
    const { wasLate, trust, isUnheard, pace } = this.#records.of(peer);
    const slowness = 1 / (1 + pace);
    if (wasLate) return 4 + slowness;
    if (trust !== 'fresh') return (trust === 'proven' ? 0 : 3) + slowness;
    return (isUnheard ? 2 : 1) + slowness;
  }

  /** How far a peer is trusted. */
  trustOf(peer: P): Trust {
    return this.#records.of(peer).trust;
  }

  /**
   * Of a complete piece some blocks, at least one, were wrong and the others right: those are wanted again, and now that
   * it is certain which they were, of any peer.
   */
  blocksFailed(index: number, blocks: readonly number[]): void {
    const piece = this.#takeVerifying(index);
    this.#distrust.forgetPiece(index);
    piece.isAlone = false;
    piece.owner = undefined;
    piece.reopen(blocks);
    this.#states[index] = State.active;
    this.#active.add(piece);
  }

  /** Whether a piece that is not there is to be fetched. What has been started is finished all the same. */
  setNeeded(index: number, isNeeded: boolean): void {
    const state = this.#states[index];
    if (isNeeded && state === State.notNeeded) {
      this.#enqueue(index);
      this.#countWanted(index, 1);
    } else if (!isNeeded && state === State.queued) {
      this.#queue.remove(index);
      this.#states[index] = State.notNeeded;
      this.#countWanted(index, -1);
    }
  }

  /** The piece to go on with or to start, with free blocks; `left` more blocks fit the peer's pipeline. */
  #next(record: PeerRecord<P>, left: number): ActivePiece<P> | undefined {
    const { peer } = record;
    if (!this.#mayStart(record)) return trialOf(record);
    const isFast = record.trust === 'suspect' || record.outstanding + left >= this.#fastBlocks;
    const mayAsk = (index: number) => this.#mayAsk(record, index);
    const started = this.#active.joinable(record, isFast ? Claim.abandoned : Claim.shared, mayAsk);
    if (started !== undefined) {
      if (isFast || started.isAlone) this.#active.adopt(started, record, this.#now);
      return started;
    }
    const index = this.#hasAny
      ? this.#queue.rarestFor(record, mayAsk)
      : this.#queue.randomFor(record, mayAsk);
    if (index >= 0 && this.#reserve(record, index)) return this.#start(peer, index, isFast);
    const joined = this.#active.joinable(record, Claim.others, mayAsk);
    if (joined !== undefined || index < 0) return joined;
    return this.#giveUpIdle(record) && this.#reserve(record, index)
      ? this.#start(peer, index, isFast)
      : undefined;
  }

  /** A peer that is not proven has one piece at a time, and one that others had to be asked for is left alone for a while. */
  #mayStart(record: PeerRecord<P>): boolean {
    return this.#now >= record.pausedUntil && (record.trust === 'proven' || record.outstanding === 0);
  }

  #reserve(record: PeerRecord<P>, index: number): boolean {
    const { buffers } = this.#options;
    if (record.trust === 'proven') return buffers.reserve(index);
    let trials = this.#active.trialCount;
    for (const piece of this.#verifying.values()) if (!piece.hasProven) trials += 1;
    return buffers.reserve(index, trials);
  }

  #mayAsk(record: PeerRecord<P>, index: number): boolean {
    return this.#distrust.mayAsk(record, index, this.#now, () => this.#records.holders(index));
  }

  #start(peer: P, index: number, isFast: boolean): ActivePiece<P> {
    const isAlone = this.#distrust.concerns(index);
    const owner = isFast || isAlone ? peer : undefined;
    const { pieceLengthAt, wantedLengthsAt } = this.#options;
    const piece = new ActivePiece(index, pieceLengthAt(index), owner, isAlone, wantedLengthsAt?.(index));
    piece.ownedSince = this.#now;
    this.#queue.remove(index);
    this.#states[index] = State.active;
    this.#active.add(piece);
    return piece;
  }

  /** Frees the buffer of a piece that has been abandoned. @returns whether there was one */
  #giveUpIdle(record: PeerRecord<P>): boolean {
    const idle = this.#active.idle(record.trust !== 'proven');
    if (idle === undefined) return false;
    this.#active.delete(idle);
    this.#enqueue(idle.index);
    this.#options.buffers.giveUp(idle.index);
    return true;
  }

  #takeVerifying(index: number): ActivePiece<P> {
    const piece = this.#verifying.get(index);
    if (piece === undefined) throw new Error(`Cannot settle piece ${index}: it is not being verified`);
    this.#verifying.delete(index);
    return piece;
  }

  #enqueue(index: number): void {
    this.#states[index] = State.queued;
    this.#queue.add(index);
  }

  #countWanted(index: number, change: 1 | -1): void {
    this.#wanted += change;
    this.#records.countWanted(index, change);
  }

  #wantedOf(record: PeerRecord<P>): number {
    return record.isSeed ? this.#wanted : record.wanted;
  }

  #isWanted(index: number): boolean {
    const state = this.#states[index];
    return state === State.queued || state === State.active || state === State.verifying;
  }
}

/** Finds the piece that a peer without proof has already, when there are blocks of it that it may be asked for. */
function trialOf<P extends PickerPeer>(record: PeerRecord<P>): ActivePiece<P> | undefined {
  const { trial, peer } = record;
  if (trial === undefined || trial.openAt < 0 || !peer.pieces.has(trial.index)) return undefined;
  return trial.owner === peer || maySharePiece(record, trial) ? trial : undefined;
}
