import { BLOCK_BYTES } from '../metainfo/index.ts';
import type { ActivePiece } from './active-piece.ts';
import { type ActivePieces, Claim, maySharePiece } from './active-pieces.ts';
import type { PeerRecord, PickerPeer } from './picker-peer.ts';
import type { PieceQueue } from './piece-queue.ts';

/**
 * A peer that is asked for this many blocks at a time, 1 MiB, has pieces to itself however long they are. If pieces of more
 * were shared, a seed would be asked for the rest of pieces that others have too, and for less of what it alone has.
 */
const FAST_BLOCKS = 64;

/** The options of a {@link PieceChoice}. */
export interface PieceChoiceOptions<P extends PickerPeer> {
  /** Bytes of a piece that is neither the last nor cut short by the end of a file. */
  readonly pieceLength: number;
  readonly queue: PieceQueue<P>;
  readonly active: ActivePieces<P>;
  /** Tells whether a piece is there already. */
  hasAny(): boolean;
  /** Tells whether the peer may be asked for the piece. */
  mayAsk(record: PeerRecord<P>, index: number): boolean;
  /** Sets a buffer aside for a piece that the peer is to start. @returns whether there was one */
  reserve(record: PeerRecord<P>, index: number): boolean;
  /** Starts a queued piece that has a buffer. @param isToItself whether the peer has it to itself */
  start(peer: P, index: number, isToItself: boolean): ActivePiece<P>;
  /** Puts a started piece back into the queue, and frees its buffer. */
  giveUp(piece: ActivePiece<P>): void;
}

/**
 * Chooses the piece that a peer is asked for next.
 *
 * A peer goes on with a started piece before it starts another, and starts the rarest; the first piece of all is any,
 * because a rare one takes long and without a piece there is nothing to trade. A peer whose pipeline holds a whole
 * piece, or {@link FAST_BLOCKS}, is fast: it gets pieces to itself, so that a wrong hash names the culprit and a piece
 * is never left half done; slow peers share. When no piece can be started a peer joins any.
 */
export class PieceChoice<P extends PickerPeer> {
  readonly #options: PieceChoiceOptions<P>;
  readonly #fastBlocks: number;

  constructor(options: PieceChoiceOptions<P>) {
    this.#options = options;
    this.#fastBlocks = Math.min(Math.ceil(options.pieceLength / BLOCK_BYTES), FAST_BLOCKS);
  }

  /**
   * Finds the piece with free blocks to go on with, or starts one.
   *
   * @param left how many more blocks fit the peer's pipeline
   * @param now the time in milliseconds
   */
  next(record: PeerRecord<P>, left: number, now: number): ActivePiece<P> | undefined {
    if (!mayStart(record, now)) return trialOf(record);
    const { active, queue } = this.#options;
    const isFast = record.trust === 'suspect' || record.outstanding + left >= this.#fastBlocks;
    const mayAsk = (index: number) => this.#options.mayAsk(record, index);
    const started = active.joinable(record, isFast ? Claim.abandoned : Claim.shared, mayAsk);
    if (started !== undefined) {
      if (isFast || started.isAlone) active.adopt(started, record, now);
      return started;
    }
    const index = this.#options.hasAny() ? queue.rarestFor(record, mayAsk) : queue.randomFor(record, mayAsk);
    if (index >= 0 && this.#options.reserve(record, index))
      return this.#options.start(record.peer, index, isFast);
    const joined = active.joinable(record, Claim.others, mayAsk);
    if (joined !== undefined || index < 0) return joined;
    return this.#giveUpIdle(record) && this.#options.reserve(record, index)
      ? this.#options.start(record.peer, index, isFast)
      : undefined;
  }

  /** Frees the buffer of a piece that has been abandoned. @returns whether there was one */
  #giveUpIdle(record: PeerRecord<P>): boolean {
    const idle = this.#options.active.idle(record.trust !== 'proven');
    if (idle !== undefined) this.#options.giveUp(idle);
    return idle !== undefined;
  }
}

/**
 * Tells whether a peer may be asked for another piece: one that is not proven has one piece at a time, and one that others
 * had to be asked for is left alone for a while.
 */
function mayStart<P extends PickerPeer>(record: PeerRecord<P>, now: number): boolean {
  return now >= record.pausedUntil && (record.trust === 'proven' || record.outstanding === 0);
}

/** Finds the piece that a peer without proof has already, when there are blocks of it that it may be asked for. */
function trialOf<P extends PickerPeer>(record: PeerRecord<P>): ActivePiece<P> | undefined {
  const { trial, peer } = record;
  if (trial === undefined || trial.openAt < 0 || !peer.pieces.has(trial.index)) return undefined;
  return trial.owner === peer || maySharePiece(record, trial) ? trial : undefined;
}
