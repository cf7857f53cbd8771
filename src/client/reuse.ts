import type { HashPool } from '../hashing/index.ts';
import { expectedPieceHash, Layout, type Metainfo, pieceLengthAt } from '../metainfo/index.ts';
import type { Completion, PieceBytes } from '../session/index.ts';
import {
  cloneFile,
  FileStorage,
  type OpenFiles,
  type Part,
  type PartState,
  type Preallocation,
  type Storage,
  StorageError,
} from '../storage/index.ts';
import { Bitfield } from '../util/index.ts';
import { bytesOf } from './bytes-of.ts';
import { checkPieces } from './check-pieces.ts';
import type { LocalFile } from './local-files.ts';
import type { ReuseCandidates } from './reuse-candidates.ts';

/** The most files on this disk that are tried, one after the other, for each file of a torrent. */
const MAX_REUSE_ROUNDS = 8;
/** The bytes of the smallest file that is cloned. Copying a smaller one costs no more. */
const MIN_CLONED_BYTES = 64 * 1024;
/** The number of files that could not be cloned after which no other one is tried. */
const MAX_FAILED_CLONES = 4;

/** The bytes that are compared at a time. */
const ZEROS = Buffer.alloc(64 * 1024);

/** The options of {@link Reuse}. */
export interface ReuseOptions {
  readonly metainfo: Metainfo;
  readonly part: Part;
  readonly candidates: ReuseCandidates;
  readonly pool: HashPool;
  readonly openFiles: OpenFiles;
  readonly preallocation: Preallocation;
  readonly signal: AbortSignal;
  /** Called while pieces are read, with the bytes that are done and those that there are. */
  readonly onRead: (done: number, total: number) => void;
}

/** The pieces that are there, and how a piece is stored. */
interface PartPieces extends Pick<Completion, 'have' | 'storePiece'> {
  /** Hears of each piece that was stored, after it was added to `have`. */
  readonly onStored: (index: number) => void;
}

/**
 * Takes pieces of a torrent from files that are on this disk already. They are checked and stored like the pieces that peers
 * send, so that a file that is wrong, or changes meanwhile, does no harm, and a good piece is never overwritten.
 */
export class Reuse {
  readonly #options: ReuseOptions;
  readonly #layout: Layout;
  /** The file on this disk from which each file of the torrent is read. */
  readonly #sources = new Map<number, LocalFile>();
  /** The files of the torrent that were cloned from their sources. */
  readonly #cloned = new Set<number>();
  /** The files of the torrent that were made anew at their full length, and so read as zeros where nothing was written. */
  readonly #zeros = new Set<number>();

  constructor(options: ReuseOptions) {
    this.#options = options;
    this.#layout = new Layout(options.metainfo.files);
  }

  /**
   * Makes files that the part does not have yet as clones of files on this disk, where the file system can do that.
   *
   * @returns whether there are any, so that the state of the part has changed
   * @throws {StorageError} and the signal's reason
   */
  async cloneFiles({ found, good }: PartState): Promise<boolean> {
    const { metainfo, part, signal, candidates, preallocation } = this.#options;
    const missing = this.#filesMissing(good);
    const chosen = await candidates.next([...missing]);
    let failed = 0;
    for (const [index, local] of chosen) {
      this.#sources.set(index, local);
      signal.throwIfAborted();
      const isWorthIt = found[index] === undefined && metainfo.files[index]!.length >= MIN_CLONED_BYTES;
      if (!isWorthIt || failed === MAX_FAILED_CLONES) continue;
      const result = await cloneFile(part, part.files[index]!, local.realPath);
      if (result === 'cloned') this.#cloned.add(index);
      if (result === 'unsupported') failed += 1;
    }
    if (preallocation !== 'none') {
      for (const [index, file] of found.entries())
        if (file === undefined && !this.#cloned.has(index)) this.#zeros.add(index);
    }
    return this.#cloned.size > 0;
  }

  /**
   * Takes the missing pieces that files on this disk have, after {@link cloneFiles}.
   *
   * @throws {StorageError} when the part cannot be written; HashingError, and the signal's reason
   */
  async takePieces(pieces: PartPieces): Promise<void> {
    const { candidates } = this.#options;
    // Pieces of clones were checked with the part.
    let isNew = (index: number) => this.#sources.has(index) && !this.#cloned.has(index);
    for (let round = 0; round < MAX_REUSE_ROUNDS; round += 1) {
      await this.#takeFrom(this.#piecesToTry(pieces.have, isNew), pieces);
      const chosen = await candidates.next(await this.#filesToSeek(pieces.have));
      if (chosen.size === 0) return;
      for (const [index, local] of chosen) this.#sources.set(index, local);
      isNew = (index) => chosen.has(index);
    }
  }

  /** Finds the files with missing pieces for which another source should be chosen. */
  async #filesToSeek(have: Bitfield): Promise<number[]> {
    const { candidates } = this.#options;
    const wrong: number[] = [];
    const unsure = new Map<number, LocalFile>();
    for (const [index, local] of this.#sources) {
      const isRight = this.#isRight(index, local, have);
      if (isRight === undefined) unsure.set(index, local);
      else if (isRight) candidates.noteContent(index, local);
      else {
        candidates.dropContent(index, local);
        wrong.push(index);
      }
    }
    const missing = this.#filesMissing(have);
    const known = new Set(wrong);
    const incomplete = new Map([...unsure].filter(([index]) => missing.has(index)));
    for (const index of await candidates.differing(incomplete)) known.add(index);
    return [...missing].filter((index) => known.has(index) || !this.#sources.has(index));
  }

  /**
   * Tells whether a file on this disk is a whole file of the torrent, by the pieces that were taken from it.
   *
   * @returns `undefined` when all pieces of the file have bytes of other files, too, and some of them are missing
   */
  #isRight(index: number, local: LocalFile, have: Bitfield): boolean | undefined {
    const { pieceLength, files } = this.#options.metainfo;
    const { offset, length } = files[index]!;
    if (local.length !== length) return false;
    const first = Math.floor(offset / pieceLength);
    const last = Math.floor((offset + length - 1) / pieceLength);
    let hasOwn = false;
    let isWhole = true;
    for (let piece = first; piece <= last; piece += 1) {
      const isInside = piece > first && piece < last;
      const isOwn = isInside || this.#filesOf(piece).length === 1;
      hasOwn ||= isOwn;
      if (isOwn && !have.has(piece)) return false;
      isWhole &&= have.has(piece);
    }
    return hasOwn || isWhole ? true : undefined;
  }

  async #takeFrom(indices: Bitfield, { have, storePiece, onStored }: PartPieces): Promise<void> {
    if (indices.isEmpty) return;
    const { metainfo, pool, openFiles, signal, onRead } = this.#options;
    const files = metainfo.files.map(({ offset, length }, index) => {
      const { path, realPath } = this.#sources.get(index) ?? { path: '', realPath: '' };
      return { offset, length, path, realPath };
    });
    const storage = new FileStorage({ files, mode: 'read', openFiles });
    const total = bytesOf(metainfo, indices);
    const onGood = (index: number) => {
      have.add(index);
      onStored(index);
    };
    try {
      await checkPieces(metainfo, indices, onGood, {
        storage: { read: (offset, ...into) => this.#read(storage, offset, into) },
        threads: pool.threads,
        isRight: (index, bytes) => this.#store(index, bytes, storePiece),
        signal,
        onProgress: (done) => onRead(done, total),
      });
    } finally {
      await storage.close();
    }
  }

  /** Checks a piece and stores it. Zeros where nothing was written yet need not be written, so that holes stay holes. */
  #store(index: number, bytes: PieceBytes, storePiece: Completion['storePiece']): Promise<boolean> {
    const { metainfo, pool } = this.#options;
    const isHole = this.#filesOf(index).every((file) => this.#zeros.has(file)) && isZero(bytes);
    return isHole ? pool.checkPiece(bytes, expectedPieceHash(metainfo, index)) : storePiece(index, bytes);
  }

  /** Reads from files on this disk. A file that cannot be read counts as too short, which ends nothing. */
  async #read(storage: Storage, offset: number, into: readonly Uint8Array[]): Promise<void> {
    try {
      await storage.read(offset, ...into);
    } catch (thrown) {
      if (!(thrown instanceof StorageError)) throw thrown;
      throw new StorageError('TOO_SHORT', thrown.path, {
        action: 'reuse',
        reason: thrown.reason,
        cause: thrown,
      });
    }
  }

  /** Finds the missing pieces of which a file has a new source, and all files have one. */
  #piecesToTry(have: Bitfield, isNew: (file: number) => boolean): Bitfield {
    const { pieceCount } = this.#options.metainfo;
    const found = new Bitfield(pieceCount);
    for (let index = 0; index < pieceCount; index += 1) {
      if (have.has(index)) continue;
      const files = this.#filesOf(index);
      if (files.some(isNew) && files.every((file) => this.#sources.has(file))) found.add(index);
    }
    return found;
  }

  /** Lists the files of which a piece is missing. */
  #filesMissing(have: Bitfield): Set<number> {
    const { pieceCount } = this.#options.metainfo;
    const missing = new Set<number>();
    for (let index = 0; index < pieceCount; index += 1) {
      if (!have.has(index)) for (const file of this.#filesOf(index)) missing.add(file);
    }
    return missing;
  }

  #filesOf(piece: number): number[] {
    const { metainfo } = this.#options;
    const files: number[] = [];
    this.#layout.visit(piece * metainfo.pieceLength, pieceLengthAt(metainfo, piece), (file) => {
      if (file >= 0) files.push(file);
    });
    return files;
  }
}

function isZero(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at += ZEROS.length) {
    const some = bytes.subarray(at, at + ZEROS.length);
    if (ZEROS.compare(some, 0, some.length, 0, some.length) !== 0) return false;
  }
  return true;
}
