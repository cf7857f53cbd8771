import type { Bitfield, Random } from '../util/index.ts';

/** Supplies the buffers for the bytes of active pieces: there are not as many as there are pieces. */
export interface BufferSupply {
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

/** The options of a `PiecePicker`. */
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
  /** The pieces to fetch; read once. Absent: all. */
  readonly wanted?: Bitfield | undefined;
  readonly buffers: BufferSupply;
  readonly random: Random;
}

/** The use of a block that came: it is kept, it is kept and made its piece complete, or it is thrown away. */
export type Receipt = 'wanted' | 'completed' | 'unwanted';
