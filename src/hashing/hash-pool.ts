import { FileCallError, type ManyFiles } from '../files/index.ts';
import type { Metainfo, PieceHash } from '../metainfo/index.ts';
import { toHex } from '../util/index.ts';
import { FileThreads } from './file-threads.ts';
import { type FileToHash, type HashedFiles, type HashFilesOptions, hashFiles } from './hash-files.ts';
import type { HashProgress } from './hash-stream.ts';
import type { FoldersToRead, FoundFolder } from './read-folders.ts';
import { type FileToDigest, sha256Files } from './sha256-files.ts';
import type { FilePlace, SharedBytes } from './tasks.ts';
import { type VerifyOptions, type VerifyResult, verifyFiles } from './verify-files.ts';
import { WorkerPool } from './worker-pool.ts';

/** The bytes whose hashing takes about as long as reading a folder. */
const FOLDER_WORK = 64 * 1024;

/** The options of {@link createHashPool}. */
export interface HashPoolOptions {
  /** The most threads, by default one for each core. They are started when there is work for them. */
  readonly threads?: number;
}

/**
 * Makes a pool of threads that hash off the main thread. Several torrents may share one pool. Idle threads do not keep the
 * process alive.
 *
 * @example
 * ```ts
 * await using pool = createHashPool();
 * const [sha256] = await pool.sha256Files([{ path: 'linux.iso', length }], { signal });
 * ```
 */
export function createHashPool({ threads }: HashPoolOptions = {}): HashPool {
  return new HashPool(new WorkerPool(threads));
}

export class HashPool implements AsyncDisposable {
  /** Calls for many files on the threads. */
  readonly files: ManyFiles;
  readonly #workers: WorkerPool;

  constructor(workers: WorkerPool) {
    this.#workers = workers;
    this.files = new FileThreads(workers);
  }

  /** Starts a thread in advance for work that will come, as a start takes tens of milliseconds. @throws {HashingError} */
  start(): void {
    this.#workers.start();
  }

  get threads(): number {
    return this.#workers.threads;
  }

  /**
   * Tells whether a piece has its hashes. If it has, it is also written to its places in files. One thread does both, so
   * that it is woken once and finds the bytes in its cache. The bytes are not copied: do not change them meanwhile.
   *
   * @param bytes the piece as peers exchange it, `pieceLengthAt()` bytes
   * @param expected the hashes, from `expectedPieceHash()`
   * @param places the places to write it to; open files must stay open until the promise settles
   * @throws {HashingError} `POOL_CLOSED`, `WORKER_FAILED`; {FileCallError} when it cannot be written, with the index of the place
   */
  async checkPiece(
    bytes: SharedBytes,
    { sha1, root }: PieceHash,
    places: readonly FilePlace[] = [],
  ): Promise<boolean> {
    const task = {
      kind: 'piece',
      bytes,
      sha1: sha1 && toHex(sha1),
      root: root && { ...root, hash: toHex(root.hash) },
      places,
    } as const;
    const { isRight, failure } = await this.#workers.run(task, bytes.length);
    if (failure !== undefined) throw new FileCallError(failure);
    return isRight;
  }

  /**
   * Makes all layers of the merkle tree of a piece, the `merkleLayers()` of its leaves.
   *
   * @param data the bytes of the piece that belong to its file, which must not change meanwhile
   * @param leafCount the number of leaves, from `leavesPerPiece()`
   * @throws {HashingError} `POOL_CLOSED`, `WORKER_FAILED`
   */
  treeOfPiece(data: SharedBytes, leafCount: number): Promise<Uint8Array> {
    return this.#workers.run({ kind: 'pieceTree', data, leafCount }, data.length);
  }

  /** Makes `merkleLayers()` of hashes, which are copied. @throws {HashingError} `POOL_CLOSED`, `WORKER_FAILED` */
  treeOver(hashes: Uint8Array, width: number, padding: Uint8Array): Promise<Uint8Array> {
    // Hashes are copied, because a message with a view would copy the whole buffer behind it.
    const [own, ownPadding] = [new Uint8Array(hashes), new Uint8Array(padding)];
    const task = { kind: 'treeOver', hashes: own, width, padding: ownPadding } as const;
    return this.#workers.run(task, 2 * hashes.length);
  }

  /**
   * Makes all hashes of a torrent from files, and the SHA-256 of the whole files. The threads read the files themselves.
   *
   * With `v1` alone, files follow each other without gaps. With `v2`, each file starts with a piece, gaps are zeros, and
   * the last piece ends with the last file.
   *
   * @throws {HashingError} when a file cannot be read or changes
   * @throws {MetainfoError} when the piece length is bad
   * @throws the signal's reason
   */
  hashFiles(files: readonly FileToHash[], options: HashFilesOptions): Promise<HashedFiles> {
    return hashFiles(this.#workers, files, options);
  }

  /**
   * Makes the SHA-256 of many files, in hex. All threads are busy even if the files are few and long.
   *
   * @returns the SHA-256 of each file in the order given; `undefined` for one that is missing or has another length
   * @throws {HashingError} when a file cannot be read or changes meanwhile; and the signal's reason
   */
  sha256Files(files: readonly FileToDigest[], progress: HashProgress = {}): Promise<(string | undefined)[]> {
    return sha256Files(this.#workers, files, progress);
  }

  /**
   * Checks the pieces of files on disk. The result lists files that are missing or have the wrong size. Only a file that
   * cannot be read, or that changes meanwhile, is an error.
   *
   * @param root the file of a single-file torrent, or the folder that holds the torrent's files
   * @throws {HashingError} and the signal's reason
   */
  verifyFiles(metainfo: Metainfo, root: string, options?: VerifyOptions): Promise<VerifyResult> {
    return verifyFiles(this.#workers, metainfo, root, options);
  }

  /**
   * Reads folders and looks at all that is in them, without opening a file. What cannot be looked at has a `failure`.
   *
   * @throws {HashingError} `POOL_CLOSED`, `WORKER_FAILED`
   */
  readFolders(folders: FoldersToRead): Promise<readonly FoundFolder[]> {
    return this.#workers.run({ kind: 'folders', ...folders }, folders.folders.length * FOLDER_WORK);
  }

  /** Ends the threads. Work that is not done is rejected with `POOL_CLOSED`. */
  close(): Promise<void> {
    return this.#workers.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
