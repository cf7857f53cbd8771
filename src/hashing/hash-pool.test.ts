import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { appendFile, mkdtemp, open, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  expectedPieceHash,
  leafHashes,
  leavesPerPiece,
  merkleLayers,
  type PieceHash,
  pieceLayerRoot,
  pieceLengthAt,
  pieceRoot,
} from '../metainfo/index.ts';
import { createTorrent } from './create-torrent.ts';
import { HashingError } from './errors.ts';
import { createHashPool, type HashPool } from './hash-pool.ts';
import type { SharedBytes } from './tasks.ts';

const KIB = 1024;
const MIB = 1024 * KIB;

let folder: string;
let pool: HashPool;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shoal-hashing-'));
  pool = createHashPool({ threads: 2 });
});

afterAll(async () => {
  await pool.close();
  await rm(folder, { recursive: true });
});

const digest = (algorithm: string, data: Uint8Array): Buffer => createHash(algorithm).update(data).digest();

/** A copy that threads can see. */
function shared(bytes: Uint8Array): SharedBytes {
  const copy = new Uint8Array(new SharedArrayBuffer(bytes.length));
  copy.set(bytes);
  return copy;
}

async function fileOf(name: string, length: number): Promise<{ path: string; length: number; data: Buffer }> {
  const data = randomBytes(length);
  const path = join(folder, name);
  await writeFile(path, data);
  return { path, length, data };
}

function sha1sOf(stream: Uint8Array, pieceLength: number): Buffer {
  const sha1s: Buffer[] = [];
  for (let start = 0; start < stream.length; start += pieceLength) {
    sha1s.push(digest('sha1', stream.subarray(start, start + pieceLength)));
  }
  return Buffer.concat(sha1s);
}

const codeOf = async (work: Promise<unknown>): Promise<string> => {
  const thrown: unknown = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(HashingError);
  return (thrown as HashingError).code;
};

describe('HashPool.hashFiles()', () => {
  // The lengths are close to those of a piece and to the 16 MiB of a range.
  test.each([0, 1, 16_384, 32_767, 32_768, 32_769, 16 * MIB - 1, 16 * MIB, 16 * MIB + 1, 37 * MIB + 5])(
    'hashFiles() makes all hashes of a file of %d bytes',
    async (length) => {
      const { path, data } = await fileOf(`one-${length}`, length);
      const progress: number[] = [];
      const { files, pieces } = await pool.hashFiles([{ path, length }], {
        pieceLength: 32 * KIB,
        v1: true,
        v2: true,
        sha256: true,
        onProgress: (bytes) => progress.push(bytes),
      });
      expect(files[0]!.sha256).toBe(digest('sha256', data).toString('hex'));
      expect(Buffer.from(pieces!)).toEqual(sha1sOf(data, 32 * KIB));
      expect(progress.at(-1) ?? 0).toBe(length);
      const layer: Uint8Array[] = [];
      for (let start = 0; start < length; start += 32 * KIB) {
        layer.push(pieceRoot(data.subarray(start, start + 32 * KIB), leavesPerPiece(length, 32 * KIB)));
      }
      if (length === 0) expect(files[0]!.piecesRoot).toBeUndefined();
      else {
        expect(Buffer.from(files[0]!.pieceLayer!)).toEqual(Buffer.concat(layer));
        expect(files[0]!.piecesRoot).toEqual(new Uint8Array(pieceLayerRoot(Buffer.concat(layer), 32 * KIB)));
      }
    },
  );

  test('hashFiles() of v1 hashes files as one stream, however they lie in pieces', async () => {
    const made = await Promise.all(
      [10, 0, 20 * MIB, 0, 3, 100_000, 20 * MIB, 5, 0].map((length, at) => fileOf(`v1-${at}`, length)),
    );
    // This length is no power of two: ranges of whole pieces are shorter than 16 MiB.
    const { files, pieces } = await pool.hashFiles(made, {
      pieceLength: 300_000,
      v1: true,
      v2: false,
      sha256: true,
    });
    expect(Buffer.from(pieces!)).toEqual(sha1sOf(Buffer.concat(made.map((file) => file.data)), 300_000));
    expect(files.map((file) => file.sha256)).toEqual(
      made.map((file) => digest('sha256', file.data).toString('hex')),
    );
  });

  test('hashFiles() takes pieces that are longer than a range', async () => {
    const made = await fileOf('long-pieces', 33 * MIB);
    const { pieces } = await pool.hashFiles([made], { pieceLength: 32 * MIB, v1: true, v2: false });
    expect(Buffer.from(pieces!)).toEqual(sha1sOf(made.data, 32 * MIB));
  });

  test('hashFiles() on one thread makes the same hashes', async () => {
    await using single = createHashPool({ threads: 1 });
    const made = await fileOf('single-thread', 40 * MIB);
    const options = { pieceLength: 64 * KIB, v1: true, v2: true, sha256: true };
    expect(await single.hashFiles([made], options)).toEqual(await pool.hashFiles([made], options));
  });

  test('hashFiles() refuses a file of another size, one that is missing, and a folder', async () => {
    const { path } = await fileOf('other-size', 100);
    const hash = (length: number, at = path) =>
      codeOf(pool.hashFiles([{ path: at, length }], { pieceLength: 16 * KIB, v1: true, v2: true }));
    expect(await hash(99)).toBe('FILE_CHANGED');
    expect(await hash(101)).toBe('FILE_CHANGED');
    expect(await hash(0)).toBe('FILE_CHANGED');
    expect(await hash(1, join(folder, 'none'))).toBe('FILE_UNREADABLE');
    expect(await hash(0, join(folder, 'none'))).toBe('FILE_UNREADABLE');
    expect(await hash(1, folder)).toBe('FILE_UNREADABLE');
  });

  test.each<[string, (path: string) => Promise<void>]>([
    ['written to', (path) => appendFile(path, 'more')],
    ['cut short', (path) => truncate(path, 10)],
  ])('hashFiles() refuses a file that is %s while it is read', async (_, change) => {
    // The file is longer than the work that one thread gets before its first progress.
    await using single = createHashPool({ threads: 1 });
    const made = await fileOf('changing', 96 * MIB);
    let changed: Promise<void> | undefined;
    const hashing = single.hashFiles([made], {
      pieceLength: 64 * KIB,
      v1: true,
      v2: false,
      onProgress: () => {
        changed ??= change(made.path);
      },
    });
    expect(await codeOf(hashing)).toBe('FILE_CHANGED');
    await changed;
  });

  test("hashFiles() rejects with the signal's reason when it is aborted, and the pool still works", async () => {
    const made = await fileOf('aborted', 40 * MIB);
    const options = { pieceLength: 64 * KIB, v1: true, v2: true, sha256: true };
    const abort = new AbortController();
    const reason = new Error('enough');
    const hashing = pool.hashFiles([made], {
      ...options,
      signal: abort.signal,
      onProgress: () => abort.abort(reason),
    });
    await expect(hashing).rejects.toBe(reason);
    await expect(pool.hashFiles([made], { ...options, signal: abort.signal })).rejects.toBe(reason);
    expect((await pool.hashFiles([made], options)).files[0]!.sha256).toBe(
      digest('sha256', made.data).toString('hex'),
    );
  });

  test('hashFiles() rejects with the error that onProgress throws', async () => {
    const made = await fileOf('progress', 10);
    const onProgress = (): void => {
      throw new Error('from the caller');
    };
    await expect(
      pool.hashFiles([made], { pieceLength: 16 * KIB, v1: true, v2: true, onProgress }),
    ).rejects.toThrow('from the caller');
  });

  test('hashFiles() refuses a bad piece length', async () => {
    const made = await fileOf('piece-length', 10);
    for (const pieceLength of [0, -1, 1.5, 24 * KIB]) {
      await expect(pool.hashFiles([made], { pieceLength, v1: true, v2: true })).rejects.toThrow(
        /piece length/,
      );
    }
  });
});

describe('HashPool.checkPiece()', () => {
  const isRight = (bytes: Uint8Array, expected: PieceHash) => pool.checkPiece(shared(bytes), expected);

  test('checkPiece() tells a right piece from a wrong one, in every version', async () => {
    const lengths = [100_000, 5, 40_000];
    const made = await Promise.all(
      lengths.map((length, at) => fileOf(`check/${at}`.replace('/', '-'), length)),
    );
    for (const version of ['v1', 'v2', 'hybrid'] as const) {
      for (const file of made) {
        const { metainfo } = await createTorrent(pool, file.path, { version, pieceLength: 32 * KIB });
        for (let index = 0; index < metainfo.pieceCount; index += 1) {
          const start = index * metainfo.pieceLength;
          const piece = Uint8Array.from(file.data.subarray(start, start + pieceLengthAt(metainfo, index)));
          const expected = expectedPieceHash(metainfo, index);
          expect(await isRight(piece, expected)).toBe(true);
          piece[piece.length - 1]! ^= 1;
          expect(await isRight(piece, expected)).toBe(false);
        }
      }
    }
  });

  test('checkPiece() of a hybrid is true only when both hashes match', async () => {
    const made = await fileOf('both', 50_000);
    const { metainfo } = await createTorrent(pool, made.path, { pieceLength: 64 * KIB });
    const { sha1, root } = expectedPieceHash(metainfo, 0);
    expect(await isRight(made.data, { sha1: sha1!, root: root! })).toBe(true);
    expect(await isRight(made.data, { sha1: new Uint8Array(20), root: root! })).toBe(false);
    expect(await isRight(made.data, { sha1: sha1!, root: { ...root!, hash: new Uint8Array(32) } })).toBe(
      false,
    );
  });

  test('checkPiece() leaves pad bytes of a hybrid out of its merkle tree', async () => {
    const data = randomBytes(20_000);
    const piece = Buffer.concat([data, new Uint8Array(12_768)]);
    const root = { hash: pieceRoot(data, 2), dataLength: data.length, leafCount: 2 };
    expect(await isRight(piece, { sha1: digest('sha1', piece), root })).toBe(true);
  });

  test('checkPiece() takes many pieces at once', async () => {
    const pieces = Array.from({ length: 200 }, () => randomBytes(16 * KIB));
    const checks = pieces.map((piece, at) =>
      isRight(piece, { sha1: digest('sha1', at % 3 === 0 ? new Uint8Array(1) : piece) }),
    );
    expect(await Promise.all(checks)).toEqual(pieces.map((_, at) => at % 3 !== 0));
  });

  test('checkPiece() writes a piece that is right to its place in the file, and no piece that is wrong', async () => {
    const bytes = randomBytes(64 * KIB);
    const { path } = await fileOf('place', 200_000);
    const before = await readFile(path);
    const handle = await open(path, 'r+');
    const file = { fd: handle.fd, begin: 0, position: 1000, length: bytes.length };
    expect(await pool.checkPiece(shared(bytes), { sha1: new Uint8Array(20) }, [file])).toBe(false);
    expect(await readFile(path)).toEqual(before);
    expect(await pool.checkPiece(shared(bytes), { sha1: digest('sha1', bytes) }, [file])).toBe(true);
    await handle.close();
    bytes.copy(before, 1000);
    expect(await readFile(path)).toEqual(before);
  });

  test('checkPiece() rejects with the error of the disk when a piece cannot be written', async () => {
    const bytes = randomBytes(100);
    const full = await open('/dev/full', 'w');
    const file = { fd: full.fd, begin: 0, position: 0, length: bytes.length };
    const writing = pool.checkPiece(shared(bytes), { sha1: digest('sha1', bytes) }, [file]);
    await expect(writing).rejects.toMatchObject({ code: 'ENOSPC' });
    await full.close();
  });
});

describe('HashPool.treeOfPiece() and HashPool.treeOver()', () => {
  test('treeOfPiece() gives the leaves and all layers over them, and leaves the bytes as they are', async () => {
    const bytes = randomBytes(40_000);
    const data = shared(bytes);
    const expected = merkleLayers(leafHashes(bytes), 4, new Uint8Array(32));
    expect(await pool.treeOfPiece(data, 4)).toEqual(expected);
    expect(Buffer.compare(data, bytes)).toBe(0);
  });

  test('treeOver() gives all layers over hashes, and leaves the hashes as they are', async () => {
    const hashes = randomBytes(10 * 32);
    const padding = randomBytes(32);
    const expected = merkleLayers(hashes, 16, padding);
    expect(await pool.treeOver(hashes.subarray(0), 16, padding)).toEqual(expected);
    expect(hashes).toHaveLength(320);
  });
});

describe('HashPool.close()', () => {
  test('close() rejects all work that is not done yet or comes later', async () => {
    const closing = createHashPool({ threads: 1 });
    const piece = shared(new Uint8Array(MIB));
    const check = codeOf(closing.checkPiece(piece, { sha1: digest('sha1', piece) }));
    await closing.close();
    expect(await check).toBe('POOL_CLOSED');
    expect(await codeOf(closing.checkPiece(shared(new Uint8Array(1)), {}))).toBe('POOL_CLOSED');
    await closing.close();
  });

  test('createHashPool() does not keep the process running when close() is not called', async () => {
    const pool = JSON.stringify(new URL('./hash-pool.js', import.meta.url).href);
    const source = `import { createHashPool } from ${pool};
      console.log((await createHashPool({ threads: 1 }).checkPiece(new Uint8Array(new SharedArrayBuffer(1)), {})));`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', source]);
    expect(stdout).toBe('true\n');
  });

  test('createHashPool() refuses an impossible number of threads', () => {
    for (const threads of [0, -1, 1.5, 10_000]) expect(() => createHashPool({ threads })).toThrow(RangeError);
  });
});
