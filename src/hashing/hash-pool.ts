import { stat } from 'node:fs/promises';
import type { Metainfo, PieceHash } from '../metainfo/index.ts';
import { fsPath, toError, toHex } from '../util/index.ts';
import { HashingError } from './errors.ts';
import { type FileToHash, type HashedFiles, type HashFilesOptions, hashFiles } from './hash-files.ts';
import { type HashProgress, hashStream } from './hash-stream.ts';
import type { FilePosition, SharedBytes } from './tasks.ts';
import { type VerifyOptions, type VerifyResult, verifyFiles } from './verify-files.ts';
import { WorkerPool } from './worker-pool.ts';

export interface HashPoolOptions {
  /** The most threads; absent: one for each core. They are started when there is work for them. */
  readonly threads?: number;
}

/**
 * Makes a pool that hashes off the main thread, on threads that all who hash share. Idle threads do not keep the
 * process alive.
 *
 * @example
 * ```ts
 * await using pool = createHashPool();
 * const sha256 = await pool.sha256File('linux.iso', { signal });
 * ```
 */
export function createHashPool({ threads }: HashPoolOptions = {}): HashPool {
  return new HashPool(new WorkerPool(threads));
}

export class HashPool implements AsyncDisposable {
  readonly #workers: WorkerPool;

  constructor(workers: WorkerPool) {
    this.#workers = workers;
  }

  /** Starts a thread for work that is sure to come, as that takes tens of milliseconds. @throws {HashingError} */
  start(): void {
    this.#workers.start();
  }

  get threads(): number {
    return this.#workers.threads;
  }

  /**
   * Tells whether a piece is right. If it is, and `file` is given, writes it there: one thread does both, so that it is
   * woken once and finds the bytes in its cache. The bytes are not copied, so nobody may change them meanwhile.
   *
   * @param bytes the piece as it is transferred, `pieceLengthAt()` bytes
   * @param expected of `expectedPieceHash()`
   * @param file where it goes; the file stays open until the promise settles
   * @throws {HashingError} `POOL_CLOSED`, `WORKER_FAILED`, and what the file system says when it cannot be written
   */
  async checkPiece(bytes: SharedBytes, { sha1, root }: PieceHash, file?: FilePosition): Promise<boolean> {
    const task = {
      kind: 'piece',
      bytes,
      sha1: sha1 && toHex(sha1),
      root: root && { ...root, hash: toHex(root.hash) },
      file,
    } as const;
    const { isRight, failure } = await this.#workers.run(task, bytes.length);
    if (failure !== undefined) throw Object.assign(new Error(failure.message), { code: failure.code });
    return isRight;
  }

  /**
   * Makes all layers of the merkle tree of a piece: `merkleLayers()` of its leaves.
   *
   * @param data the piece's bytes that belong to its file, which stay as they are meanwhile
   * @param leafCount of `leavesPerPiece()`
   * @throws {HashingError} `POOL_CLOSED`, `WORKER_FAILED`
   */
  treeOfPiece(data: SharedBytes, leafCount: number): Promise<Uint8Array> {
    return this.#workers.run({ kind: 'pieceTree', data, leafCount }, data.length);
  }

  /** Makes `merkleLayers()` of hashes, which are copied. @throws {HashingError} `POOL_CLOSED`, `WORKER_FAILED` */
  treeOver(hashes: Uint8Array, width: number, padding: Uint8Array): Promise<Uint8Array> {
    // They are copied, because with a view the whole buffer behind it would go to the thread.
    const [own, ownPadding] = [new Uint8Array(hashes), new Uint8Array(padding)];
    const task = { kind: 'treeOver', hashes: own, width, padding: ownPadding } as const;
    return this.#workers.run(task, 2 * hashes.length);
  }

  /**
   * Makes all hashes of a torrent from files, and the SHA-256 of the whole files. The threads read the files themselves.
   *
   * In v1 pieces the files follow each other without a gap; with `v2`, each starts on a piece boundary, zeros between,
   * and the last piece ends with the last file.
   *
   * @throws {HashingError}, `MetainfoError` for a bad piece length, and the signal's reason
   */
  hashFiles(files: readonly FileToHash[], options: HashFilesOptions): Promise<HashedFiles> {
    return hashFiles(this.#workers, files, options);
  }

  /** Makes the SHA-256 of a file, in hex. @throws {HashingError} and the signal's reason */
  async sha256File(path: string, progress: HashProgress = {}): Promise<string> {
    const { size: length } = await stat(fsPath(path)).catch((thrown: unknown) => {
      const { message } = toError(thrown);
      throw new HashingError('FILE_UNREADABLE', `Cannot read ${path}: ${message}`, { path, cause: thrown });
    });
    const files = [{ path, length, offset: 0 }];
    const plan = { files, pieceLength: 1, streamLength: length, v1: false, v2: false, sha256: true };
    return (await hashStream(this.#workers, plan, progress)).sha256[0]!;
  }

  /**
   * Checks the pieces of files on disk. Files that are missing or of the wrong size are in the result; only a file
   * that cannot be read, or that changes meanwhile, is an error.
   *
   * @param root the file of a single-file torrent, or the folder that holds the files of one of several
   * @throws {HashingError} and the signal's reason
   */
  verifyFiles(metainfo: Metainfo, root: string, options?: VerifyOptions): Promise<VerifyResult> {
    return verifyFiles(this.#workers, metainfo, root, options);
  }

  /** Ends the threads. Work that is not done is rejected with `POOL_CLOSED`. */
  close(): Promise<void> {
    return this.#workers.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
