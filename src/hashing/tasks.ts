import { hash as hashOnce } from 'node:crypto';
import { writeSync } from 'node:fs';
import { leafHashes, MERKLE_HASH_BYTES, merkleLayers, pieceRoot } from '../metainfo/index.ts';
import { toError, toHex } from '../util/index.ts';
import { RangeHasher, type RangeHashes, type RangeToHash } from './range-hasher.ts';

/** The hash that fills a merkle tree behind its last leaf. @see BEP 52, `pieces root` */
const NO_HASH = new Uint8Array(MERKLE_HASH_BYTES);

/** Bytes in memory that all threads share, so that sending them to a worker copies nothing. */
export type SharedBytes = Uint8Array<SharedArrayBuffer>;

/** A place in a file, which is open until the task is done. */
export interface FilePosition {
  /** The descriptor, which all threads of the process share. */
  readonly fd: number;
  readonly position: number;
  /** The number of the piece's first bytes that are written there. Pad bytes behind them are not written. */
  readonly length: number;
}

/** The reason why a piece was not written: the fields of the file system's error that are sent between threads. */
export interface WriteFailure {
  readonly message: string;
  /** The code of the system's error, such as `ENOSPC`. */
  readonly code: string | undefined;
}

/**
 * The tasks of a worker and their results. Expected hashes are sent as hex, because a message with a view would copy the
 * whole buffer behind it.
 */
export interface HashTasks {
  /** Checks whether a piece has its hashes. If it has and a file is given, writes it to the file. */
  readonly piece: {
    readonly task: {
      readonly kind: 'piece';
      readonly bytes: SharedBytes;
      readonly sha1: string | undefined;
      readonly root:
        | { readonly hash: string; readonly dataLength: number; readonly leafCount: number }
        | undefined;
      readonly file: FilePosition | undefined;
    };
    readonly result: { readonly isRight: boolean; readonly failure?: WriteFailure };
  };
  /** Makes the hashes of a range of pieces. The worker reads the bytes itself. */
  readonly range: {
    readonly task: RangeToHash & { readonly kind: 'range' };
    readonly result: RangeHashes;
  };
  /** Forgets an unfinished SHA-256. */
  readonly dropDigest: {
    readonly task: { readonly kind: 'dropDigest'; readonly digest: number };
    readonly result: undefined;
  };
  /** Makes all layers of the merkle tree of a piece, over the bytes that belong to its file. */
  readonly pieceTree: {
    readonly task: { readonly kind: 'pieceTree'; readonly data: SharedBytes; readonly leafCount: number };
    readonly result: Uint8Array;
  };
  /** Makes all layers of the merkle tree over hashes. */
  readonly treeOver: {
    readonly task: {
      readonly kind: 'treeOver';
      readonly hashes: Uint8Array;
      readonly width: number;
      readonly padding: Uint8Array;
    };
    readonly result: Uint8Array;
  };
}

export type HashTask = HashTasks[keyof HashTasks]['task'];
export type HashResult = HashTasks[keyof HashTasks]['result'];
/** The result of a task. */
export type ResultOf<Task extends HashTask> = HashTasks[Task['kind']]['result'];

/** The runner of tasks on a worker thread, one after the other. */
export class TaskRunner {
  readonly #ranges = new RangeHasher();

  run(task: HashTask): HashResult {
    switch (task.kind) {
      case 'piece':
        return checkAndWrite(task);
      case 'range':
        return this.#ranges.hash(task);
      case 'dropDigest':
        this.#ranges.drop(task.digest);
        return undefined;
      case 'pieceTree':
        return merkleLayers(leafHashes(task.data), task.leafCount, NO_HASH);
      case 'treeOver':
        return merkleLayers(task.hashes, task.width, task.padding);
    }
  }
}

/** Checks a piece and writes it at once, while its bytes are in the processor's cache. */
function checkAndWrite(task: HashTasks['piece']['task']): HashTasks['piece']['result'] {
  if (!isRightPiece(task)) return { isRight: false };
  if (task.file === undefined) return { isRight: true };
  try {
    write(task.bytes.subarray(0, task.file.length), task.file);
    return { isRight: true };
  } catch (thrown) {
    const { message, code } = toError(thrown) as NodeJS.ErrnoException;
    return { isRight: true, failure: { message, code } };
  }
}

function write(bytes: Uint8Array, { fd, position }: FilePosition): void {
  for (let done = 0; done < bytes.length; ) {
    const count = writeSync(fd, bytes, done, bytes.length - done, position + done);
    if (count === 0) throw new Error('the file takes no more bytes');
    done += count;
  }
}

function isRightPiece({ bytes, sha1, root }: HashTasks['piece']['task']): boolean {
  if (sha1 !== undefined && hashOnce('sha1', bytes, 'hex') !== sha1) return false;
  return (
    root === undefined || toHex(pieceRoot(bytes.subarray(0, root.dataLength), root.leafCount)) === root.hash
  );
}
