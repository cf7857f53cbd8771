import { createHash, type Hash, hash as hashOnce } from 'node:crypto';
import { MERKLE_HASH_BYTES, PIECE_HASH_BYTES, pieceLayerRoot, pieceRoot } from '../metainfo/index.ts';
import { toHex } from '../util/index.ts';

/** Bytes that all threads see: posting them to a worker copies nothing. */
export type SharedBytes = Uint8Array<SharedArrayBuffer>;

/** Bytes of one thread at a time: posting them to a worker takes them away here, and copies nothing. */
export type MovedBytes = Uint8Array<ArrayBuffer>;

/** Whether a piece is right, and its bytes again, which were away with a thread. */
export interface CheckedPiece {
  readonly isRight: boolean;
  readonly bytes: MovedBytes;
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
  /** Whether a piece has the hashes it should have. */
  readonly check: {
    readonly task: {
      readonly kind: 'check';
      readonly bytes: MovedBytes;
      readonly sha1: string | undefined;
      readonly root:
        | { readonly hash: string; readonly dataLength: number; readonly leafCount: number }
        | undefined;
    };
    readonly result: CheckedPiece;
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
      case 'check':
        return { isRight: isRightPiece(task), bytes: task.bytes };
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

/** What moves to the worker with a task, and back with its answer. */
export function movedWith(of: HashTask | HashResult): ArrayBuffer[] {
  return typeof of === 'object' && 'bytes' in of ? [of.bytes.buffer] : [];
}

function isRightPiece({ bytes, sha1, root }: HashTasks['check']['task']): boolean {
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
