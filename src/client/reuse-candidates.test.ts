import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeFile, type TempFolder, tempFolder } from '../../test/support/index.ts';
import { createHashPool, type FileToHash, type HashPool } from '../hashing/index.ts';
import { createMetainfo } from '../metainfo/index.ts';
import { LocalFiles } from './local-files.ts';
import { ReuseCandidates } from './reuse-candidates.ts';

const PIECE_LENGTH = 16 * 1024;
const fail = (error: Error) => {
  throw error;
};

let pool: HashPool;
let folder: TempFolder;
beforeAll(async () => {
  pool = createHashPool({ threads: 1 });
  folder = await tempFolder();
});
afterAll(async () => {
  await pool.close();
  await folder[Symbol.asyncDispose]();
});

interface Wanted {
  readonly path: string;
  readonly length: number;
  readonly sha256?: Uint8Array;
}

/** Makes the candidates for files of a v1 torrent, and notes which files are hashed. */
async function candidatesFor(roots: readonly string[], wanted: readonly Wanted[]) {
  const files = wanted.map((file) => ({ ...file, path: file.path.split('/') }));
  const length = wanted.reduce((sum, file) => sum + file.length, 0);
  const pieces = new Uint8Array(20 * Math.ceil(length / PIECE_LENGTH));
  const metainfo = createMetainfo({
    version: 'v1',
    name: 'folder',
    isSingleFile: false,
    pieceLength: PIECE_LENGTH,
    files,
    pieces,
  });
  const hashed: string[] = [];
  const noting = {
    hashFiles(given: readonly FileToHash[], options: Parameters<HashPool['hashFiles']>[1]) {
      hashed.push(...given.map(({ path }) => path.slice(folder.path.length + 1)));
      return pool.hashFiles(given, options);
    },
  };
  const candidates = new ReuseCandidates({
    metainfo,
    sha256: undefined,
    diskNames: files.map(({ path }) => path),
    local: await LocalFiles.open(
      roots.map((root) => folder.join(root)),
      '/none',
      pool,
      fail,
    ),
    pool: noting,
    signal: new AbortController().signal,
    onHashed: () => {},
  });
  const next = async (...indices: number[]) =>
    Object.fromEntries(
      [...(await candidates.next(indices))].map(([index, { path }]) => [
        index,
        path.slice(folder.path.length + 1),
      ]),
    );
  return { candidates, hashed, next };
}

async function sha256Of(path: string): Promise<Uint8Array> {
  return createHash('sha256')
    .update(await readFile(folder.join(path)))
    .digest();
}

describe('ReuseCandidates', () => {
  test('next() chooses the same path and size, then the same content, then the same path, then the same name', async () => {
    await makeFile(folder.join('order/a/x'), 40_000, 'other content');
    await makeFile(folder.join('order/b/y'), 40_000, 'x');
    await makeFile(folder.join('second/a/x'), 50_000, 'longer');
    await makeFile(folder.join('order/c/a/x'), 40_001, 'namesake');
    const sha256 = await sha256Of('order/b/y');
    const { next, hashed } = await candidatesFor(
      ['order', 'second'],
      [{ path: 'a/x', length: 40_000, sha256 }],
    );
    expect(await next(0)).toEqual({ 0: 'order/a/x' });
    expect(hashed).toEqual([]);
    expect(await next(0)).toEqual({ 0: 'order/b/y' });
    expect(hashed).toEqual(['order/b/y']);
    expect(await next(0)).toEqual({ 0: 'second/a/x' });
    expect(await next(0)).toEqual({ 0: 'order/c/a/x' });
    expect(await next(0)).toEqual({});
    expect(hashed).toEqual(['order/b/y']);
  });

  test('next() hashes each file once, however many files of the torrent have its size', async () => {
    await makeFile(folder.join('sizes/one'), 1000, 'one');
    await makeFile(folder.join('sizes/two'), 1000, 'two');
    await makeFile(folder.join('sizes/three'), 1001, 'three');
    const wanted = Array.from({ length: 500 }, (_, at) => ({
      path: `file ${at}`,
      length: 1000,
      sha256: createHash('sha256').update(`${at}`).digest(),
    }));
    const { next, hashed } = await candidatesFor(['sizes'], wanted);
    for (let round = 0; round < 3; round += 1) expect(await next(...wanted.keys())).toEqual({});
    expect(hashed.toSorted()).toEqual(['sizes/one', 'sizes/two']);
  });

  test('next() chooses a file once for its name, however many files of the torrent have that name', async () => {
    await makeFile(folder.join('names/big.bin'), 100_000, 'big');
    const wanted = Array.from({ length: 100 }, (_, at) => ({ path: `${at}/big.bin`, length: 50_000 + at }));
    const { next } = await candidatesFor(['names'], wanted);
    const chosen = [await next(...wanted.keys()), await next(...wanted.keys())];
    expect(chosen).toEqual([{ 0: 'names/big.bin' }, {}]);
  });

  test('next() takes a file that was chosen for its path for all files of that content, without hashing it', async () => {
    await makeFile(folder.join('twins/a'), 40_000, 'twin');
    const sha256 = await sha256Of('twins/a');
    const wanted = ['a', 'b', 'c'].map((path) => ({ path, length: 40_000, sha256 }));
    const { next, hashed } = await candidatesFor(['twins'], wanted);
    expect(await next(0, 1, 2)).toEqual({ 0: 'twins/a', 1: 'twins/a', 2: 'twins/a' });
    expect(hashed).toEqual([]);
  });

  test('differing() finds the files of another content', async () => {
    for (const name of ['a', 'b', 'c', 'd']) await makeFile(folder.join('differ', name), 1000, name);
    const sha256 = await sha256Of('differ/a');
    const wanted = [
      { path: 'a', length: 1000, sha256 },
      { path: 'b', length: 1000, sha256: Buffer.alloc(32) },
      { path: 'c', length: 1000 },
      { path: 'd', length: 999 },
    ];
    const { candidates } = await candidatesFor(['differ'], wanted);
    expect(await candidates.differing(await candidates.next([0, 1, 2, 3]))).toEqual([1, 3]);
  });
});
