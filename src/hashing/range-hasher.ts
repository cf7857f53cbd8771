import { createHash, type Hash, hash as hashOnce } from 'node:crypto';
import {
  BLOCK_BYTES,
  HASH_OF_NOTHING,
  leafHashes,
  MERKLE_HASH_BYTES,
  merkleRoot,
} from '../metainfo/index.ts';
import { PieceSha1s } from './piece-sha1s.ts';
import { type ReadState, readPart } from './read-part.ts';

/**
 * The bytes that are read at a time, which are whole leaves. They are few enough to stay in the processor's own cache while
 * all hashes are made, and enough for the calls to cost little.
 */
const READ_BYTES = 128 * 1024;

/** A range of pieces of a torrent: the parts of files to read for them, and the hashes to make. */
export interface RangeToHash {
  /** The length in bytes: whole pieces, of which only the last one of a torrent may be shorter. */
  readonly length: number;
  readonly pieceLength: number;
  /** Whether SHA-1 of the pieces is wanted. */
  readonly v1: boolean;
  /** Whether merkle roots of the pieces are wanted. Each part then begins with a piece. */
  readonly v2: boolean;
  /** The parts in the order of the range. Gaps between them count as zeros. */
  readonly parts: readonly PartToHash[];
}

/** A part of a file. */
export interface PartToHash {
  readonly path: string;
  /** See {@link readPart}. */
  readonly realPath?: string | undefined;
  /** The offset in the file. */
  readonly position: number;
  /** The offset in the range. */
  readonly begin: number;
  readonly length: number;
  /** The number of leaves under each of the file's pieces. */
  readonly leafCount: number;
  /** The SHA-256 of the file to which this part is added; `undefined` when it is not wanted. */
  readonly digest: { readonly id: number; readonly isLast: boolean } | undefined;
}

/** The hashes of a range, as far as they were asked for. */
export interface RangeHashes {
  /** The SHA-1 of the pieces, 20 bytes each; empty without `v1`. */
  readonly sha1s: Uint8Array;
  /** The roots of the pieces, 32 bytes each; empty without `v2`. */
  readonly roots: Uint8Array;
  /** The results of each part. */
  readonly parts: readonly HashedPart[];
}

/** The result of one part. */
export interface HashedPart {
  readonly state: ReadState;
  /** The SHA-256 of the whole file, in hex, with the file's last part; `undefined` otherwise, or when it is not wanted. */
  readonly sha256: string | undefined;
}

/** A hasher that reads ranges of torrents and makes their hashes, one range after the other. */
export class RangeHasher {
  readonly #block = new Uint8Array(READ_BYTES);
  /** The unfinished SHA-256 of each file whose last part has not come yet. */
  readonly #digests = new Map<number, Hash>();

  hash({ length, pieceLength, v1, v2, parts }: RangeToHash): RangeHashes {
    const pieces = v1 ? new PieceSha1s(length, pieceLength) : undefined;
    const roots = new Uint8Array(v2 ? Math.ceil(length / pieceLength) * MERKLE_HASH_BYTES : 0);
    let filled = 0;
    const hashed = parts.map((part): HashedPart => {
      pieces?.addZeros(part.begin - filled);
      filled = part.begin + part.length;
      const leaves = v2 ? new PartLeaves(part.length) : undefined;
      // One call is a third of the work of a hash that is made step by step.
      const isShort = part.digest?.isLast === true && part.position === 0 && part.length <= READ_BYTES;
      let sha256 = isShort ? HASH_OF_NOTHING : undefined;
      const digest = isShort ? undefined : this.#take(part);
      const state = readPart(part, this.#block, (bytes) => {
        pieces?.add(bytes);
        leaves?.add(bytes);
        digest?.update(bytes);
        if (isShort) sha256 = hashOnce('sha256', bytes, 'hex');
      });
      leaves?.putRoots(pieceLength, part.leafCount, roots, (part.begin / pieceLength) * MERKLE_HASH_BYTES);
      return { state, sha256: part.digest?.isLast ? (sha256 ?? digest?.digest('hex')) : undefined };
    });
    pieces?.addZeros(length - filled);
    return { sha1s: pieces?.sha1s ?? new Uint8Array(0), roots, parts: hashed };
  }

  /** Forgets the SHA-256 of a file whose last part will not come. */
  drop(digest: number): void {
    this.#digests.delete(digest);
  }

  /** Finds the SHA-256 to which a part is added, and keeps it if more parts follow. */
  #take({ digest }: PartToHash): Hash | undefined {
    if (!digest) return undefined;
    const running = this.#digests.get(digest.id) ?? createHash('sha256');
    if (digest.isLast) this.#digests.delete(digest.id);
    else this.#digests.set(digest.id, running);
    return running;
  }
}

/** The leaves of a part of a file. The bytes come in blocks of whole leaves, of which only the last may be shorter. */
class PartLeaves {
  readonly #leaves: Uint8Array;
  #filled = 0;

  constructor(length: number) {
    this.#leaves = new Uint8Array(Math.ceil(length / BLOCK_BYTES) * MERKLE_HASH_BYTES);
  }

  add(bytes: Uint8Array): void {
    const leaves = leafHashes(bytes);
    this.#leaves.set(leaves, this.#filled);
    this.#filled += leaves.length;
  }

  /** Puts the roots of the pieces into `roots`, from `at` on. */
  putRoots(pieceLength: number, leafCount: number, roots: Uint8Array, at: number): void {
    const step = (pieceLength / BLOCK_BYTES) * MERKLE_HASH_BYTES;
    for (let from = 0, to = at; from < this.#leaves.length; from += step, to += MERKLE_HASH_BYTES) {
      roots.set(merkleRoot(this.#leaves.subarray(from, from + step), leafCount), to);
    }
  }
}
