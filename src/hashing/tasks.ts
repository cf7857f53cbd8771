import { hash as hashOnce } from 'node:crypto';
import { writeSync } from 'node:fs';
import { leafHashes, MERKLE_HASH_BYTES, merkleLayers, pieceRoot } from '../metainfo/index.ts';
import { toError, toHex } from '../util/index.ts';
import { RangeHasher, type RangeHashes, type RangeToHash } from './range-hasher.ts';

/** The hash that stands behind the last leaf of a merkle tree. @see BEP 52, `pieces root` */
const NO_HASH = new Uint8Array(MERKLE_HASH_BYTES);

/** Bytes that all threads see: posting them to a worker copies nothing. */
export type SharedBytes = Uint8Array<SharedArrayBuffer>;

/** A place in a file that is open until the task is done. */
export interface FilePosition {
  /** The descriptor, which all threads of the process share. */
  readonly fd: number;
  readonly position: number;
  /** The bytes of the piece, from its start, that go there. Pad bytes that follow are not written. */
  readonly length: number;
}

/** The reason why a piece was not written: the part of the file system's error that goes from one thread to another. */
export interface WriteFailure {
  readonly message: string;
  /** The code of the system's error, such as `ENOSPC`. */
  readonly code: string | undefined;
}

/**
 * The tasks of a worker, and what it answers to each. Expected hashes are sent as hex: a view would take the whole
 * buffer behind it along.
 */
export interface HashTasks {
  /** Checks whether a piece has the hashes it should have; if so it is written to where it belongs, if that is given. */
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
  /** Makes the hashes of some pieces, whose bytes the worker reads itself. */
  readonly range: {
    readonly task: RangeToHash & { readonly kind: 'range' };
    readonly result: RangeHashes;
  };
  /** Forgets a running SHA-256. */
  readonly dropDigest: {
    readonly task: { readonly kind: 'dropDigest'; readonly digest: number };
    readonly result: undefined;
  };
  /** Makes all layers of the merkle tree of a piece, over its bytes of file data. */
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
/** The answer of a worker to a task. */
export type ResultOf<Task extends HashTask> = HashTasks[Task['kind']]['result'];

/** A runner that does tasks, one after the other. */
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

/** Checks a piece and writes it in one go, while its bytes are in the processor's cache. */
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
    if (count === 0) throw new Error('nothing can be written any more');
    done += count;
  }
}

function isRightPiece({ bytes, sha1, root }: HashTasks['piece']['task']): boolean {
  if (sha1 !== undefined && hashOnce('sha1', bytes, 'hex') !== sha1) return false;
  return (
    root === undefined || toHex(pieceRoot(bytes.subarray(0, root.dataLength), root.leafCount)) === root.hash
  );
}
