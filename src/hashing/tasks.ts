import { hash as hashOnce } from 'node:crypto';
import { constants, writeSync } from 'node:fs';
import {
  type FileFailure,
  type FoundName,
  failureOf,
  flushNow,
  lookNow,
  makeFilesNow,
  type NewFile,
  type PathToOpen,
  withOpenNow,
} from '../files/index.ts';
import { leafHashes, MERKLE_HASH_BYTES, merkleLayers, pieceRoot } from '../metainfo/index.ts';
import { toHex } from '../util/index.ts';
import { RangeHasher, type RangeHashes, type RangeToHash } from './range-hasher.ts';
import { type FoldersToRead, type FoundFolder, readFolders } from './read-folders.ts';

/** The hash that fills a merkle tree behind its last leaf. @see BEP 52, `pieces root` */
const NO_HASH = new Uint8Array(MERKLE_HASH_BYTES);

/** Bytes in memory that all threads share, so that sending them to a worker copies nothing. */
export type SharedBytes = Uint8Array<SharedArrayBuffer>;

/** A place in a file to which bytes of a piece are written. */
export type FilePlace = BytesOfPiece &
  (
    | {
        /** The descriptor of a file that is open until the task is done. All threads of the process share it. */
        readonly fd: number;
      }
    | {
        /** The file, which the thread opens. */
        readonly file: PathToOpen;
      }
  );

/** A range of a piece, and where it begins in a file. Pad bytes of the piece are in no range. */
interface BytesOfPiece {
  /** The offset in the piece. */
  readonly begin: number;
  readonly length: number;
  /** The offset in the file. */
  readonly position: number;
}

/**
 * The tasks of a worker and their results. Expected hashes are sent as hex, because a message with a view would copy the
 * whole buffer behind it.
 */
export interface HashTasks {
  /** Checks whether a piece has its hashes. If it has, writes it to the files that are given. */
  readonly piece: {
    readonly task: {
      readonly kind: 'piece';
      readonly bytes: SharedBytes;
      readonly sha1: string | undefined;
      readonly root:
        | { readonly hash: string; readonly dataLength: number; readonly leafCount: number }
        | undefined;
      readonly places: readonly FilePlace[];
    };
    readonly result: { readonly isRight: boolean; readonly failure?: FileFailure };
  };
  /** Does a `ManyFiles.look()`. */
  readonly look: {
    readonly task: { readonly kind: 'look'; readonly paths: readonly string[] };
    readonly result: (FoundName | undefined)[];
  };
  /** Does a `ManyFiles.make()`. The result is the first failure. */
  readonly make: {
    readonly task: { readonly kind: 'make'; readonly files: readonly NewFile[] };
    readonly result: FileFailure | undefined;
  };
  /** Does a `ManyFiles.flush()`. The result is the first failure. */
  readonly flush: {
    readonly task: { readonly kind: 'flush'; readonly files: readonly PathToOpen[] };
    readonly result: FileFailure | undefined;
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
  /** Reads folders, see {@link readFolders}. */
  readonly folders: {
    readonly task: FoldersToRead & { readonly kind: 'folders' };
    readonly result: readonly FoundFolder[];
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
      case 'look':
        return lookNow(task.paths);
      case 'make':
        return makeFilesNow(task.files);
      case 'flush':
        return flushNow(task.files);
      case 'range':
        return this.#ranges.hash(task);
      case 'dropDigest':
        this.#ranges.drop(task.digest);
        return undefined;
      case 'folders':
        return readFolders(task);
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
  for (const [index, place] of task.places.entries()) {
    try {
      writeTo(place, task.bytes.subarray(place.begin, place.begin + place.length));
    } catch (thrown) {
      return { isRight: true, failure: failureOf(index, thrown) };
    }
  }
  return { isRight: true };
}

function writeTo(place: FilePlace, bytes: Uint8Array): void {
  const { position } = place;
  if ('fd' in place) write(place.fd, bytes, position);
  else withOpenNow(place.file, constants.O_RDWR | constants.O_NOFOLLOW, (fd) => write(fd, bytes, position));
}

function write(fd: number, bytes: Uint8Array, position: number): void {
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
