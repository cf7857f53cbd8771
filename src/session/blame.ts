import { hash } from 'node:crypto';
import { BLOCK_BYTES } from '../wire/index.ts';

/** Blocks of pieces with a wrong hash that are remembered until their piece is right; beyond, the oldest are forgotten. */
export const MAX_SUSPECT_BLOCKS = 16_384;

interface Suspect<P> {
  readonly sender: P;
  readonly digest: string;
}

/**
 * Finds who sent wrong data. A wrong piece that came from one peer names it at once. Of one that several sent it is
 * remembered who sent which block, and when the piece is right at last, whoever had sent another block than the right
 * one is found, and nobody else.
 */
export class Blame<P> {
  /** Of pieces that are not settled, by block; without those of blocks known to be right. */
  readonly #senders = new Map<number, (P | undefined)[]>();
  /** Of pieces whose hash was wrong, by block and in the order of failing. */
  readonly #suspects = new Map<number, Suspect<P>[][]>();
  #suspectCount = 0;

  /** A block of the piece is in its buffer. */
  received(index: number, begin: number, sender: P): void {
    const senders = this.#senders.get(index) ?? [];
    this.#senders.set(index, senders);
    senders[begin / BLOCK_BYTES] = sender;
  }

  /** The piece was given up before it was whole. */
  forget(index: number): void {
    this.#senders.delete(index);
  }

  /** The blocks of pieces that are not settled that came from a peer, by piece. */
  sentBy(peer: P): [index: number, blocks: number[]][] {
    return [...this.#senders].flatMap(([index, senders]) => {
      const blocks = senders.flatMap((sender, block) => (sender === peer ? [block] : []));
      return blocks.length > 0 ? [[index, blocks]] : [];
    });
  }

  /** Blocks of a piece that is not whole are wanted again. */
  forgetBlocks(index: number, blocks: readonly number[]): void {
    const senders = this.#senders.get(index);
    for (const block of blocks) if (senders !== undefined) senders[block] = undefined;
  }

  /** Finds the peer that sent the whole piece, or all of it that is not known to be right; `undefined` when several did. */
  soleSender(index: number): P | undefined {
    const [sender, ...others] = new Set(this.#senders.get(index)?.filter((known) => known !== undefined));
    return others.length === 0 ? sender : undefined;
  }

  /** The piece is whole and its hash wrong. @returns who is to blame, as far as that is certain */
  failed(index: number, bytes: Uint8Array): P[] {
    const sole = this.soleSender(index);
    const senders = this.#takeSenders(index);
    if (sole !== undefined) return [sole];
    const suspects = this.#suspects.get(index) ?? Array.from(senders, () => []);
    this.#suspects.set(index, suspects);
    for (const [block, sender] of senders.entries()) {
      if (sender === undefined) continue;
      suspects[block]!.push({ sender, digest: digestOf(bytes, block) });
      this.#suspectCount += 1;
    }
    this.#trim(index);
    return [];
  }

  /** The piece is whole, and it is known which of its blocks are wrong. @returns who sent them */
  proven(index: number, blocks: readonly number[]): P[] {
    const senders = this.#takeSenders(index);
    return [...new Set(blocks.flatMap((block) => senders[block] ?? []))];
  }

  /** The piece is whole and its hash right. @returns who had sent wrong blocks of it */
  verified(index: number, bytes: Uint8Array): P[] {
    this.#takeSenders(index);
    const suspects = this.#suspects.get(index);
    if (suspects === undefined) return [];
    this.#drop(index);
    const guilty = new Set<P>();
    for (const [block, tries] of suspects.entries()) {
      const right = digestOf(bytes, block);
      for (const { sender, digest } of tries) if (digest !== right) guilty.add(sender);
    }
    return [...guilty];
  }

  #takeSenders(index: number): (P | undefined)[] {
    const senders = this.#senders.get(index) ?? [];
    this.#senders.delete(index);
    return senders;
  }

  #trim(newest: number): void {
    for (const index of this.#suspects.keys()) {
      if (this.#suspectCount <= MAX_SUSPECT_BLOCKS || index === newest) return;
      this.#drop(index);
    }
  }

  #drop(index: number): void {
    for (const tries of this.#suspects.get(index) ?? []) this.#suspectCount -= tries.length;
    this.#suspects.delete(index);
  }
}

function digestOf(bytes: Uint8Array, block: number): string {
  return hash('sha1', bytes.subarray(block * BLOCK_BYTES, (block + 1) * BLOCK_BYTES), 'base64');
}
