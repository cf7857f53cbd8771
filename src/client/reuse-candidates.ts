import type { HashPool } from '../hashing/index.ts';
import type { Metainfo, MetainfoFile } from '../metainfo/index.ts';
import { inParallel } from '../storage/index.ts';
import { toHex } from '../util/index.ts';
import { contentKeyOf } from './content-key.ts';
import type { LocalFile, LocalFiles } from './local-files.ts';
import { Namesakes } from './namesakes.ts';

/** The most files that are tried for one file of the torrent because of their names or sizes alone. */
const MAX_GUESSES_PER_FILE = 3;

/** The options of {@link ReuseCandidates}. */
export interface CandidateOptions {
  readonly metainfo: Metainfo;
  /** The SHA-256 of the one file of the torrent, in hex; `undefined` when it is unknown. */
  readonly sha256: string | undefined;
  /** The names on disk of each file of the torrent, below the torrent's folder. */
  readonly diskNames: readonly (readonly string[])[];
  readonly local: LocalFiles;
  readonly pool: Pick<HashPool, 'hashFiles'>;
  readonly signal: AbortSignal;
  /** Called while files are hashed, with the bytes that are done and those that there are. */
  readonly onHashed: (done: number, total: number) => void;
}

/**
 * Chooses which file on this disk may have the bytes of a file of the torrent. The next choice is, in this order:
 *
 * 1. the file of the same path and size
 * 2. a file of the same content, wherever it is, by the hash of the whole file that the torrent has
 * 3. the file of the same path and another size
 * 4. a file of the same name in another folder, where most of the folders' names agree; or one of the same size, if the
 *    torrent has no hash of the whole file
 *
 * A file on this disk is hashed at most once, and only if it has the size of a file that is still looked for. It is tried at
 * most once for its name or size alone. So a torrent cannot make this machine read the same files again and again.
 */
export class ReuseCandidates {
  readonly #options: CandidateOptions;
  /** The files of the same path, by the index of the torrent's file. */
  readonly #atPath = new Map<number, readonly LocalFile[]>();
  /** The real paths that were chosen for each file of the torrent. */
  readonly #chosen = new Map<number, Set<string>>();
  /** The files on this disk by their content. */
  readonly #byContent = new Map<string, LocalFile>();
  /** The content of files on this disk by real path; `undefined` for a file that could not be hashed. */
  readonly #contents = new Map<string, string | undefined>();
  /** The real paths of files that are whole files of the torrent, so that they are no guess for another one. */
  readonly #known = new Set<string>();
  /** The number of guesses for each file of the torrent. */
  readonly #guesses = new Map<number, number>();
  #namesakes: Namesakes | undefined;

  constructor(options: CandidateOptions) {
    this.#options = options;
  }

  /**
   * Chooses the next file on this disk for each of some files of the torrent.
   *
   * @param files the indices of the files
   * @returns the chosen files by index, without those for which none is left
   * @throws {HashingError} when a thread fails; and the signal's reason
   */
  async next(files: readonly number[]): Promise<ReadonlyMap<number, LocalFile>> {
    const { signal } = this.#options;
    const chosen = new Map<number, LocalFile>();
    const rest = () => files.filter((index) => !chosen.has(index));
    const choose = (index: number, local: LocalFile | undefined) => {
      if (local === undefined || this.#wasChosen(index, local)) return;
      chosen.set(index, local);
      this.#noteChoice(index, local);
    };
    await inParallel(files, (index) => this.#lookAtPath(index), signal);
    const assumed = new Map<string, LocalFile>();
    for (const index of files) {
      const { length } = this.#fileAt(index);
      choose(
        index,
        this.#freeAtPath(index).find((local) => local.length === length),
      );
      const key = this.#contentOf(index);
      if (key !== undefined && chosen.has(index)) assumed.set(key, chosen.get(index)!);
    }
    await this.#hashFor(rest(), new Set([...assumed.values()].map(({ realPath }) => realPath)));
    for (const index of rest()) {
      const key = this.#contentOf(index) ?? '';
      choose(index, this.#byContent.get(key) ?? assumed.get(key));
    }
    for (const index of rest()) {
      choose(
        index,
        this.#freeAtPath(index).find((local) => this.#canHelp(index, local)),
      );
    }
    for (const index of rest()) choose(index, await this.#guess(index));
    return chosen;
  }

  /** Notes that a file on this disk has the content of a file of the torrent, so that it need not be hashed. */
  noteContent(index: number, local: LocalFile): void {
    this.#known.add(local.realPath);
    const key = this.#contentOf(index);
    this.#contents.set(local.realPath, key);
    if (key !== undefined) this.#byContent.set(key, local);
  }

  /** Drops a file on this disk that had a content only by its hash: it has changed, or the torrent contradicts itself. */
  dropContent(index: number, local: LocalFile): void {
    const key = this.#contentOf(index);
    if (key !== undefined && this.#byContent.get(key) === local) this.#byContent.delete(key);
  }

  /**
   * Finds the files whose content is another one than that of the torrent's file for which they were chosen. Without a hash
   * of the whole file in the torrent, a file of the right size counts as right.
   *
   * @param chosen the files on this disk by the index of the torrent's file
   * @returns the indices of those that differ
   * @throws what {@link next} does
   */
  async differing(chosen: ReadonlyMap<number, LocalFile>): Promise<number[]> {
    const alike = [...chosen].filter(([index, { length }]) => length === this.#fileAt(index).length);
    const unknown = new Map(
      alike
        .filter(
          ([index, { realPath }]) => this.#contentOf(index) !== undefined && !this.#contents.has(realPath),
        )
        .map(([, local]) => [local.realPath, local]),
    );
    await this.#hash([...unknown.values()]);
    const right = new Set(
      alike
        .filter(([index, { realPath }]) => {
          const key = this.#contentOf(index);
          return key === undefined || this.#contents.get(realPath) === key;
        })
        .map(([index]) => index),
    );
    return [...chosen.keys()].filter((index) => !right.has(index));
  }

  #fileAt(index: number): MetainfoFile {
    return this.#options.metainfo.files[index]!;
  }

  /** Finds the hash of a whole file of the torrent, as a key. */
  #contentOf(index: number): string | undefined {
    const { sha256 } = this.#options;
    return contentKeyOf(this.#fileAt(index)) ?? (sha256 && `sha256 ${sha256}`);
  }

  async #lookAtPath(index: number): Promise<void> {
    if (this.#atPath.has(index)) return;
    const { local, diskNames, metainfo } = this.#options;
    this.#atPath.set(index, await local.atPath(diskNames[index]!, metainfo.isSingleFile));
  }

  #freeAtPath(index: number): LocalFile[] {
    return this.#atPath.get(index)!.filter((local) => !this.#wasChosen(index, local));
  }

  #wasChosen(index: number, { realPath }: LocalFile): boolean {
    return this.#chosen.get(index)?.has(realPath) ?? false;
  }

  #noteChoice(index: number, { realPath }: LocalFile): void {
    const earlier = this.#chosen.get(index);
    if (earlier === undefined) this.#chosen.set(index, new Set([realPath]));
    else earlier.add(realPath);
  }

  /** Tells whether a whole piece could lie in what two files have in common, if they begin alike. */
  #canHelp(index: number, local: LocalFile): boolean {
    return local.length >= Math.min(this.#fileAt(index).length, this.#options.metainfo.pieceLength);
  }

  /**
   * Hashes the files on this disk that have the size of one of the torrent's files.
   *
   * @param files the indices of the torrent's files
   * @param except the real paths of files that have just been chosen for another file of the torrent
   */
  async #hashFor(files: readonly number[], except: ReadonlySet<string>): Promise<void> {
    const bySize = new Map<number, number[]>();
    for (const index of files) {
      const key = this.#contentOf(index);
      if (key === undefined || this.#byContent.has(key)) continue;
      const { length } = this.#fileAt(index);
      const others = bySize.get(length);
      if (others === undefined) bySize.set(length, [index]);
      else others.push(index);
    }
    if (bySize.size === 0) return;
    const all = await this.#options.local.all(this.#options.signal);
    const mayFit = all.filter(
      (local) =>
        !this.#contents.has(local.realPath) &&
        !except.has(local.realPath) &&
        bySize.get(local.length)?.some((index) => !this.#wasChosen(index, local)) === true,
    );
    await this.#hash(mayFit);
  }

  async #hash(files: readonly LocalFile[]): Promise<void> {
    if (files.length === 0) return;
    const { pool, metainfo, signal, onHashed } = this.#options;
    const v2 = metainfo.version !== 'v1';
    const total = files.reduce((sum, { length }) => sum + length, 0);
    const unusable = new Set<number>();
    const hashes = await pool.hashFiles(files, {
      pieceLength: metainfo.pieceLength,
      v1: false,
      v2,
      sha256: !v2,
      signal,
      onProgress: (done) => onHashed(done, total),
      onUnusable: (file) => unusable.add(file),
    });
    for (const [at, local] of files.entries()) {
      const { piecesRoot, sha256 } = hashes.files[at]!;
      const key = piecesRoot === undefined ? `sha256 ${sha256}` : `root ${toHex(piecesRoot)}`;
      this.#contents.set(local.realPath, unusable.has(at) ? undefined : key);
      if (!unusable.has(at)) this.#byContent.set(key, local);
    }
  }

  /** Finds a file that may have bytes of a file of the torrent by its name, or else by its size. */
  async #guess(index: number): Promise<LocalFile | undefined> {
    const { metainfo, local, signal } = this.#options;
    const { path, length } = this.#fileAt(index);
    const guesses = this.#guesses.get(index) ?? 0;
    if (length < metainfo.pieceLength || guesses === MAX_GUESSES_PER_FILE) return undefined;
    this.#guesses.set(index, guesses + 1);
    this.#namesakes ??= new Namesakes(await local.all(signal));
    const mayHelp = (found: LocalFile) =>
      this.#canHelp(index, found) && !this.#known.has(found.realPath) && !this.#wasChosen(index, found);
    const found = this.#namesakes.take(path, mayHelp);
    return (
      found ??
      (this.#contentOf(index) === undefined ? this.#namesakes.takeOfSize(length, mayHelp) : undefined)
    );
  }
}
