import type { ActivePiece } from './active-piece.ts';
import { Distrust } from './distrust.ts';
import { Evidence } from './evidence.ts';
import type { PeerRecords } from './peer-records.ts';
import type { PeerRecord, PickerPeer } from './picker-peer.ts';

/**
 * Judges the peers that sent a piece, by what came of its hash: which of them are proven, which are suspect, and which sent
 * wrong data for certain.
 *
 * A wrong piece that came from one peer names it at once. One that several peers sent names nobody yet: it is fetched from
 * one peer alone ({@link Distrust}), and when it is right at last its blocks tell who lied ({@link Evidence}).
 */
export class Blame<P extends PickerPeer> {
  readonly #records: PeerRecords<P>;
  readonly #distrust = new Distrust<P>();
  readonly #evidence = new Evidence<P>();

  constructor(records: PeerRecords<P>) {
    this.#records = records;
  }

  /** Tells whether the hash of the piece was wrong the last time, and nobody knows yet which of its blocks were. */
  concerns(index: number): boolean {
    return this.#distrust.concerns(index);
  }

  /** Tells whether the peer may be asked for the piece now. */
  mayAsk(record: PeerRecord<P>, index: number, now: number): boolean {
    return this.#distrust.mayAsk(record, index, now, () => this.#records.holders(index));
  }

  /** The hash of the piece is right. @returns the peers that had sent wrong blocks of it before */
  verified(piece: ActivePiece<P>, bytes: Uint8Array): readonly P[] {
    this.#records.prove(piece);
    this.#distrust.forgetPiece(piece.index);
    return this.#evidence.settle(piece.index, bytes);
  }

  /** The hash of the piece is wrong. @returns the peer that sent all of it, if it was one: it is to blame */
  failed(piece: ActivePiece<P>, bytes: Uint8Array, now: number): readonly P[] {
    const { index, contributors, senders } = piece;
    this.#distrust.failed(index, contributors, this.#records.suspect(contributors), now);
    if (contributors.length === 1) return contributors;
    this.#evidence.add(index, bytes, senders);
    return [];
  }

  /** Some blocks of the piece are wrong for certain, and the others right. @returns the peers that sent the wrong ones */
  blocksFailed({ index, senders }: ActivePiece<P>, blocks: readonly number[]): readonly P[] {
    this.#distrust.forgetPiece(index);
    return [...new Set(blocks.flatMap((block) => senders[block] ?? []))];
  }

  forgetPeer(peer: P): void {
    this.#distrust.forgetPeer(peer);
  }
}
