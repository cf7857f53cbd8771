import { createHash, type Hash, hash as hashOnce } from 'node:crypto';
import { writeSync } from 'node:fs';
import { MERKLE_HASH_BYTES, PIECE_HASH_BYTES, pieceLayerRoot, pieceRoot } from '../metainfo/index.ts';
import { toError, toHex } from '../util/index.ts';

/** Bytes that all threads see: posting them to a worker copies nothing. */
export type SharedBytes = Uint8Array<SharedArrayBuffer>;

/** A place in a file that is open until the task is done. */
export interface FilePosition {
  /** The process's, which all threads share. */
  readonly fd: number;
  readonly position: number;
}

/** Why a piece was not written: what of the file system's error goes from one thread to another. */
export interface WriteFailure {
  readonly message: string;
  /** `ENOSPC`, … */
  readonly code: string | undefined;
}

/** Bytes of one file within a slot that starts on a piece boundary. */
export interface FilePart {
  readonly begin: number;
  readonly length: number;
  /** Leaves under each of the file's pieces. */
  readonly leafCount: number;
}

/**
 * What a worker can be asked to do, with what it answers. Expected hashes travel as hex: a view would take the whole
 * buffer behind it along.
 */
export interface HashTasks {
  /** Whether a piece has the hashes it should have; if so it is written to where it belongs, if that is given. */
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
  /** The SHA-1 of each piece in the data, and the merkle root of each piece of the parts. */
  readonly pieces: {
    readonly task: {
      readonly kind: 'pieces';
      readonly data: SharedBytes;
      readonly pieceLength: number;
      readonly v1: boolean;
      /** Absent: no roots are wanted. */
      readonly parts: readonly FilePart[] | undefined;
    };
    readonly result: { readonly sha1s: Uint8Array; readonly roots: Uint8Array };
  };
  /** Adds to a running SHA-256 that lives in the worker; answers it with the last part. */
  readonly digest: {
    readonly task: {
      readonly kind: 'digest';
      readonly digest: number;
      readonly data: SharedBytes;
      readonly isLast: boolean;
    };
    readonly result: string | undefined;
  };
  /** Forgets a running SHA-256. */
  readonly dropDigest: {
    readonly task: { readonly kind: 'dropDigest'; readonly digest: number };
    readonly result: undefined;
  };
  /** Root of a file from its piece layer. */
  readonly layerRoot: {
    readonly task: { readonly kind: 'layerRoot'; readonly layer: Uint8Array; readonly pieceLength: number };
    readonly result: Uint8Array;
  };
}

export type HashTask = HashTasks[keyof HashTasks]['task'];
export type HashResult = HashTasks[keyof HashTasks]['result'];
/** What a worker answers to a task. */
export type ResultOf<Task extends HashTask> = HashTasks[Task['kind']]['result'];

/** Does tasks, one after the other. */
export class TaskRunner {
  readonly #digests = new Map<number, Hash>();

  run(task: HashTask): HashResult {
    switch (task.kind) {
      case 'piece':
        return checkAndWrite(task);
      case 'pieces':
        return {
          sha1s: task.v1 ? pieceSha1s(task.data, task.pieceLength) : new Uint8Array(0),
          roots: pieceRoots(task.data, task.pieceLength, task.parts ?? []),
        };
      case 'digest':
        return this.#digest(task);
      case 'dropDigest':
        this.#digests.delete(task.digest);
        return undefined;
      case 'layerRoot':
        return pieceLayerRoot(task.layer, task.pieceLength);
    }
  }

  #digest({ digest, data, isLast }: HashTasks['digest']['task']): string | undefined {
    const running = this.#digests.get(digest) ?? createHash('sha256');
    running.update(data);
    if (!isLast) {
      this.#digests.set(digest, running);
      return undefined;
    }
    this.#digests.delete(digest);
    return running.digest('hex');
  }
}

/** In one go, while the bytes are in the processor's cache. */
function checkAndWrite(task: HashTasks['piece']['task']): HashTasks['piece']['result'] {
  if (!isRightPiece(task)) return { isRight: false };
  if (task.file === undefined) return { isRight: true };
  try {
    write(task.bytes, task.file);
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

function pieceSha1s(data: Uint8Array, pieceLength: number): Uint8Array {
  const sha1s = new Uint8Array(Math.ceil(data.length / pieceLength) * PIECE_HASH_BYTES);
  for (let begin = 0, at = 0; begin < data.length; begin += pieceLength, at += PIECE_HASH_BYTES) {
    sha1s.set(hashOnce('sha1', data.subarray(begin, begin + pieceLength), 'buffer'), at);
  }
  return sha1s;
}

function pieceRoots(data: Uint8Array, pieceLength: number, parts: readonly FilePart[]): Uint8Array {
  const count = parts.reduce((sum, part) => sum + Math.ceil(part.length / pieceLength), 0);
  const roots = new Uint8Array(count * MERKLE_HASH_BYTES);
  let at = 0;
  for (const { begin, length, leafCount } of parts) {
    const end = begin + length;
    for (let start = begin; start < end; start += pieceLength, at += MERKLE_HASH_BYTES) {
      roots.set(pieceRoot(data.subarray(start, Math.min(start + pieceLength, end)), leafCount), at);
    }
  }
  return roots;
}
