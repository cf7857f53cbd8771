import { BLOCK_BYTES } from '../metainfo/index.ts';
import { ActivePiece } from './active-piece.ts';
import { ActivePieces } from './active-pieces.ts';
import { Blame } from './blame.ts';
import { BlockRequests, cancelBlock } from './block-requests.ts';
import { PeerRecords } from './peer-records.ts';
import { type PeerRecord, type PickerPeer, piecesOf } from './picker-peer.ts';
import { PieceChoice } from './piece-choice.ts';
import type { PiecePickerOptions, Receipt } from './piece-picker-options.ts';
import { PieceQueue } from './piece-queue.ts';
import { TakeOvers } from './take-overs.ts';
import type { Trust } from './trust.ts';

const State = { have: 0, queued: 1, active: 2, verifying: 3, unwanted: 4 } as const;

/**
 * Decides which block to ask which peer for.
 *
 * Every piece is exactly one of
 * - have,
 * - queued: nobody was asked for any of it and it has no buffer ({@link PieceQueue}),
 * - active: it has a buffer and blocks of it are missing ({@link ActivePieces}),
 * - verifying: all blocks are there, its hash is not known yet,
 * - unwanted: it is not there, and nobody is asked for it.
 *
 * {@link PieceChoice} says which piece a peer goes on with or starts. A peer that is then asked for nothing takes over a
 * piece that waits in another's queue. When every block is requested (endgame) the ones on the way are asked of others too,
 * a few at a time, the last ones of a piece first, and cancelled as they come.
 *
 * Nobody is believed ({@link Trust}). A peer that is not proven has one piece at a time, adds nothing to what proven
 * peers are asked for, and has a piece alone once it is suspect. A piece whose hash was wrong is fetched from one peer
 * alone, the best there is ({@link Blame}). What a peer owes for too long is asked of others as well ({@link TakeOvers}).
 */
export class PiecePicker<P extends PickerPeer> {
  readonly #options: PiecePickerOptions;
  readonly #states: Uint8Array;
  readonly #queue: PieceQueue<P>;
  readonly #active = new ActivePieces<P>();
  readonly #verifying = new Map<number, ActivePiece<P>>();
  readonly #records = new PeerRecords<P>();
  readonly #blame = new Blame<P>(this.#records);
  readonly #choice: PieceChoice<P>;
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
    const { pieceCount, pieceLength, have, wanted, random } = options;
    this.#options = options;
    this.#hasAny = !have.isEmpty;
    this.#states = new Uint8Array(pieceCount);
    const queued: number[] = [];
    for (let index = 0; index < pieceCount; index += 1) {
      if (have.has(index)) continue;
      const isWanted = wanted?.has(index) ?? true;
      this.#states[index] = isWanted ? State.queued : State.unwanted;
      if (isWanted) queued.push(index);
    }
    this.#wanted = queued.length;
    this.#queue = new PieceQueue(pieceCount, queued, random, this.#records);
    this.#choice = new PieceChoice({
      pieceLength,
      queue: this.#queue,
      active: this.#active,
      hasAny: () => this.#hasAny,
      mayAsk: (record, index) => this.#mayAsk(record, index),
      reserve: (record, index) => this.#reserve(record, index),
      start: (peer, index, isToItself) => this.#start(peer, index, isToItself),
      giveUp: (piece) => this.#giveUp(piece),
    });
  }

  /** Pieces still to come: queued, active or verifying. */
  get wantedCount(): number {
    return this.#wanted;
  }

  /** Tells whether every block that any peer has is requested or there, while some are missing. */
  get isEndgame(): boolean {
    return (
      this.#active.size > 0 &&
      this.#queue.availableCount === 0 &&
      this.#active.open.every((piece) => this.#queue.availability(piece.index) === 0)
    );
  }

  /** Returns how many peers have the piece. */
  availability(index: number): number {
    return this.#queue.availability(index);
  }

  /** Tells whether the peer has a piece that is still to come. */
  isInteresting(peer: P): boolean {
    return this.#wantedOf(this.#records.of(peer)) > 0;
  }

  /** Adds a peer whose pieces are known. A seed costs nothing, another peer time in proportion to the pieces it has. */
  addPeer(peer: P, trust: Trust = 'fresh'): void {
    const record = this.#records.add(peer, trust);
    this.#queue.addPeer(record);
    if (record.isSeed) return;
    for (const index of piecesOf(peer)) if (this.#isWanted(index)) record.wanted += 1;
  }

  /** Removes a peer that is gone: what it was asked for is free again. Its `pieces` are what they were last. */
  removePeer(peer: P): void {
    const record = this.#records.of(peer);
    this.releaseAll(peer);
    this.#records.remove(record);
    this.#queue.removePeer(record);
    this.#blame.forgetPeer(peer);
  }

  /** Notes that `peer.pieces` got this piece, which it did not have. Called once for each piece gained after {@link addPeer}. */
  peerHas(peer: P, index: number): void {
    const record = this.#records.of(peer);
    if (this.#isWanted(index)) record.wanted += 1;
    this.#queue.peerHas(record, index);
  }

  /**
   * Notes that `peer.pieces` has lost this piece, which it had. What the peer owes of it, it still owes, unless the piece
   * was fetched from it alone: that is fetched from another peer now.
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
      const piece = this.#choice.next(record, left, now);
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

  /** Tells whether these bytes are a block that is missing, or its wanted part, of a piece that has a buffer to copy it to. */
  isMissing(index: number, begin: number, length: number): boolean {
    const piece = this.#active.get(index);
    const block = piece?.blockAt(begin, length) ?? -1;
    return block >= 0 && !piece!.isReceived(block);
  }

  /**
   * Takes a block that came. The requests for it to other peers are cancelled. After `'completed'` the piece waits for
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

  /** Notes that a missing block has begun to come from the peer. */
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

  /** Frees a block that the peer will not send (rejected, timed out). Does nothing when it was not asked for it. */
  release(peer: P, index: number, begin: number): void {
    const piece = this.#active.get(index);
    if (piece !== undefined)
      this.#requests.release(this.#records.of(peer), piece, Math.floor(begin / BLOCK_BYTES));
  }

  /** Frees all that the peer was asked for: it will send nothing of it (it choked us, is snubbed). */
  releaseAll(peer: P): void {
    this.#requests.releaseAll(this.#records.of(peer));
  }

  /** Finds the peer that sent all of a complete piece that is not known to be right; `undefined` when several did. */
  soleSender(index: number): P | undefined {
    const [sender, ...others] = this.#verifying.get(index)?.contributors ?? [];
    return others.length === 0 ? sender : undefined;
  }

  /** A complete piece's hash is right: it is there. @param bytes all of it @returns the peers that had sent wrong blocks of it */
  pieceVerified(index: number, bytes: Uint8Array): readonly P[] {
    const guilty = this.#blame.verified(this.#takeVerifying(index), bytes);
    this.#states[index] = State.have;
    this.#hasAny = true;
    this.#countWanted(index, -1);
    return guilty;
  }

  /**
   * A complete piece's hash is wrong: all of it is wanted again, from one peer alone, the best there is.
   *
   * @param bytes all of it
   * @returns the peers that are to blame, as far as that is certain
   */
  pieceFailed(index: number, bytes: Uint8Array): readonly P[] {
    const guilty = this.#blame.failed(this.#takeVerifying(index), bytes, this.#now);
    this.#enqueue(index);
    return guilty;
  }

  /**
   * Some blocks of a complete piece, at least one, are wrong and the others right: those are wanted again, and now that it
   * is certain which they are, from any peer.
   *
   * @returns the peers that sent them
   */
  blocksFailed(index: number, blocks: readonly number[]): readonly P[] {
    const piece = this.#takeVerifying(index);
    const guilty = this.#blame.blocksFailed(piece, blocks);
    piece.isAlone = false;
    piece.owner = undefined;
    piece.reopen(blocks);
    this.#states[index] = State.active;
    this.#active.add(piece);
    return guilty;
  }

  /** Frees the blocks of active pieces that came from a peer which has turned out to send wrong ones. */
  discard(peer: P): void {
    for (const piece of this.#active) if (piece.discard(peer)) this.#active.refresh(piece);
  }

  /** Ranks a peer among those that could be asked for what others owe; the lowest is asked first. */
  rankOf(peer: P): number {
    const { wasLate, trust, isUnheard, pace } = this.#records.of(peer);
    const slowness = 1 / (1 + pace);
    if (wasLate) return 4 + slowness;
    if (trust !== 'fresh') return (trust === 'proven' ? 0 : 3) + slowness;
    return (isUnheard ? 2 : 1) + slowness;
  }

  /** Tells how far a peer is trusted; `undefined` when it is not there. */
  trustOf(peer: P): Trust | undefined {
    return this.#records.find(peer)?.trust;
  }

  /** Takes a piece that is not there in or leaves it out. A piece that was started is fetched all the same. */
  setWanted(index: number, isWanted: boolean): void {
    const state = this.#states[index];
    if (isWanted && state === State.unwanted) {
      this.#enqueue(index);
      this.#countWanted(index, 1);
    } else if (!isWanted && state === State.queued) {
      this.#queue.remove(index);
      this.#states[index] = State.unwanted;
      this.#countWanted(index, -1);
    }
  }

  #reserve(record: PeerRecord<P>, index: number): boolean {
    const { buffers } = this.#options;
    if (record.trust === 'proven') return buffers.reserve(index);
    let trials = this.#active.trialCount;
    for (const piece of this.#verifying.values()) if (!piece.hasProven) trials += 1;
    return buffers.reserve(index, trials);
  }

  #mayAsk(record: PeerRecord<P>, index: number): boolean {
    return this.#blame.mayAsk(record, index, this.#now);
  }

  #start(peer: P, index: number, isToItself: boolean): ActivePiece<P> {
    const isAlone = this.#blame.concerns(index);
    const owner = isToItself || isAlone ? peer : undefined;
    const { pieceLengthAt, wantedLengthsAt } = this.#options;
    const piece = new ActivePiece(index, pieceLengthAt(index), owner, isAlone, wantedLengthsAt?.(index));
    piece.ownedSince = this.#now;
    this.#queue.remove(index);
    this.#states[index] = State.active;
    this.#active.add(piece);
    return piece;
  }

  #giveUp(piece: ActivePiece<P>): void {
    this.#active.delete(piece);
    this.#enqueue(piece.index);
    this.#options.buffers.giveUp(piece.index);
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
