import { hash } from 'node:crypto';
import { BLOCK_BYTES } from '../metainfo/index.ts';

/** Blocks of pieces with a wrong hash that are remembered until their piece is right; beyond, the oldest are forgotten. */
export const MAX_SUSPECT_BLOCKS = 16_384;

/** A block of a piece whose hash was wrong. */
interface SuspectBlock<P> {
  readonly sender: P;
  readonly digest: string;
}

/**
 * Remembers who sent which block of pieces whose hash was wrong. When such a piece is right at last, each peer that had sent
 * another block than the right one is found, and no other.
 */
export class Evidence<P> {
  /** The blocks by piece, the piece that failed first first, and by block, in the order in which they failed. */
  readonly #pieces = new Map<number, SuspectBlock<P>[][]>();
  #blockCount = 0;

  /**
   * A piece is whole and its hash wrong.
   *
   * @param senders the sender of each block; `undefined` for a block that is known to be right
   */
  add(index: number, bytes: Uint8Array, senders: readonly (P | undefined)[]): void {
    const blocks = this.#pieces.get(index) ?? Array.from(senders, () => []);
    this.#pieces.set(index, blocks);
    for (const [block, sender] of senders.entries()) {
      if (sender === undefined) continue;
      blocks[block]!.push({ sender, digest: digestOf(bytes, block) });
      this.#blockCount += 1;
    }
    this.#trim(index);
  }

  /** A piece is whole and its hash right: its evidence is used, and forgotten. @returns the peers that had sent wrong blocks */
  settle(index: number, bytes: Uint8Array): P[] {
    const blocks = this.#pieces.get(index);
    if (blocks === undefined) return [];
    this.#drop(index);
    const guilty = new Set<P>();
    for (const [block, tries] of blocks.entries()) {
      const right = digestOf(bytes, block);
      for (const { sender, digest } of tries) if (digest !== right) guilty.add(sender);
    }
    return [...guilty];
  }

  #trim(newest: number): void {
    for (const index of this.#pieces.keys()) {
      if (this.#blockCount <= MAX_SUSPECT_BLOCKS || index === newest) return;
      this.#drop(index);
    }
  }

  #drop(index: number): void {
    for (const tries of this.#pieces.get(index) ?? []) this.#blockCount -= tries.length;
    this.#pieces.delete(index);
  }
}

function digestOf(bytes: Uint8Array, block: number): string {
  return hash('sha1', bytes.subarray(block * BLOCK_BYTES, (block + 1) * BLOCK_BYTES), 'base64');
}
