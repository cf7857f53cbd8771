import type { HashPool } from '../hashing/index.ts';
import { Layout, type Metainfo, pieceLengthAt } from '../metainfo/index.ts';
import type { Completion } from '../session/index.ts';
import { FileStorage, type OpenFiles, type StoredFile } from '../storage/index.ts';
import { Bitfield } from '../util/index.ts';
import { checkPieces } from './check-pieces.ts';
import { contentKeyOf } from './content-key.ts';

/** The things that {@link Twins.copy} needs. */
export interface TwinCopyOptions extends Pick<Completion, 'have' | 'storePiece'> {
  /** The files of the part, in the order of the torrent. */
  readonly files: readonly StoredFile[];
  readonly pool: Pick<HashPool, 'threads'>;
  readonly openFiles: OpenFiles;
  readonly signal: AbortSignal;
  /** Hears of each piece that was stored, after it was added to `have`. */
  readonly onStored: (index: number) => void;
}

/**
 * Files of a torrent that have the same content as an earlier file of it, by the hash of the whole file. Only the earlier file
 * is downloaded. Its bytes are then copied, and checked as if they had come from a peer.
 */
export class Twins {
  readonly #metainfo: Metainfo;
  /** The earlier file of the same content, by the index of the twin. */
  readonly #originals: ReadonlyMap<number, number>;
  /** The pieces that have bytes of one twin alone, with the index of that. */
  readonly #pieces: ReadonlyMap<number, number>;

  private constructor(metainfo: Metainfo, originals: ReadonlyMap<number, number>) {
    this.#metainfo = metainfo;
    this.#originals = originals;
    this.#pieces = ownPieces(metainfo, originals.keys());
  }

  /** Finds the twins in a torrent. */
  static in(metainfo: Metainfo): Twins {
    const first = new Map<string, number>();
    const originals = new Map<number, number>();
    for (const [index, file] of metainfo.files.entries()) {
      const key = contentKeyOf(file);
      if (key === undefined || file.length === 0) continue;
      const original = first.get(key);
      if (original === undefined) first.set(key, index);
      else if (metainfo.files[original]!.length === file.length) originals.set(index, original);
    }
    return new Twins(metainfo, originals);
  }

  /**
   * Finds the pieces to download, which are all but those that can be copied later.
   *
   * @returns `undefined` for all that are missing
   */
  wanted(have: Bitfield): Bitfield | undefined {
    const later = [...this.#pieces.keys()].filter((piece) => !have.has(piece));
    if (later.length === 0) return undefined;
    const wanted = Bitfield.full(have.length);
    for (const piece of later) wanted.delete(piece);
    return wanted;
  }

  /**
   * Copies the missing pieces of twins whose original is there.
   *
   * @throws {StorageError} when the part cannot be written; HashingError, and the signal's reason
   */
  async copy(options: TwinCopyOptions): Promise<void> {
    const { have, storePiece, files, pool, openFiles, signal, onStored } = options;
    const pieces = new Bitfield(have.length);
    for (const [piece, twin] of this.#pieces) {
      if (!have.has(piece) && this.#isThere(this.#originals.get(twin)!, have)) pieces.add(piece);
    }
    if (pieces.isEmpty) return;
    const sources = files.map(({ offset, length, path, realPath }, index) => {
      const original = this.#originals.get(index);
      const from = original === undefined ? { path, realPath } : files[original]!;
      return { offset, length, path: from.path, realPath: from.realPath };
    });
    const storage = new FileStorage({ files: sources, mode: 'read', openFiles });
    const onGood = (index: number) => {
      have.add(index);
      onStored(index);
    };
    try {
      await checkPieces(this.#metainfo, pieces, onGood, {
        storage,
        threads: pool.threads,
        isRight: storePiece,
        signal,
        onProgress: () => {},
      });
    } finally {
      await storage.close();
    }
  }

  #isThere(file: number, have: Bitfield): boolean {
    const { first, last } = piecesOf(this.#metainfo, file);
    for (let piece = first; piece <= last; piece += 1) if (!have.has(piece)) return false;
    return true;
  }
}

/** Finds the pieces that have bytes of one of the files, and of no other file. */
function ownPieces(metainfo: Metainfo, files: Iterable<number>): Map<number, number> {
  const { pieceLength } = metainfo;
  const layout = new Layout(metainfo.files);
  const own = new Map<number, number>();
  for (const file of files) {
    const { first, last } = piecesOf(metainfo, file);
    for (let piece = first; piece <= last; piece += 1) {
      let isOwn = true;
      layout.visit(piece * pieceLength, pieceLengthAt(metainfo, piece), (found) => {
        isOwn &&= found < 0 || found === file;
      });
      if (isOwn) own.set(piece, file);
    }
  }
  return own;
}

function piecesOf({ pieceLength, files }: Metainfo, file: number): { first: number; last: number } {
  const { offset, length } = files[file]!;
  return { first: Math.floor(offset / pieceLength), last: Math.floor((offset + length - 1) / pieceLength) };
}
