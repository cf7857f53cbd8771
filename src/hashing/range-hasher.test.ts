import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { leavesPerPiece, pieceRoot } from '../metainfo/index.ts';
import { type PartToHash, RangeHasher } from './range-hasher.ts';

const KIB = 1024;
const data = randomBytes(300 * KIB + 5);

let folder: string;
let path: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shoal-range-'));
  path = join(folder, 'file');
  await writeFile(path, data);
});

afterAll(() => rm(folder, { recursive: true }));

const digest = (algorithm: string, bytes: Uint8Array) => createHash(algorithm).update(bytes).digest();

function partOf(position: number, length: number, of: Partial<PartToHash> = {}): PartToHash {
  const leafCount = leavesPerPiece(data.length, 64 * KIB);
  return { path, position, length, begin: 0, leafCount, digest: undefined, ...of };
}

describe('RangeHasher', () => {
  test('hash() makes the hashes of the pieces of a part, with zeros before and behind it', () => {
    const part = partOf(64 * KIB, 100 * KIB, { begin: 64 * KIB });
    const range = { length: 192 * KIB, pieceLength: 64 * KIB, parts: [part] };
    const { sha1s, roots, parts } = new RangeHasher().hash({ ...range, v1: true, v2: true });
    const piece = (at: number) => data.subarray(at * 64 * KIB, (at + 1) * 64 * KIB);
    const last = piece(2).subarray(0, 36 * KIB);
    expect(Buffer.from(sha1s)).toEqual(
      Buffer.concat([
        digest('sha1', new Uint8Array(64 * KIB)),
        digest('sha1', piece(1)),
        digest('sha1', Buffer.concat([last, new Uint8Array(28 * KIB)])),
      ]),
    );
    expect(Buffer.from(roots)).toEqual(
      Buffer.concat([new Uint8Array(32), pieceRoot(piece(1), 4), pieceRoot(last, 4)]),
    );
    expect(parts).toMatchObject([{ state: { kind: 'found', size: data.length }, sha256: undefined }]);
  });

  test('hash() continues each of several SHA-256 hashes from range to range', () => {
    const hasher = new RangeHasher();
    const add = (id: number, position: number, length: number, isLast: boolean) =>
      hasher.hash({
        length,
        pieceLength: 1,
        v1: false,
        v2: false,
        parts: [partOf(position, length, { digest: { id, isLast } })],
      }).parts[0]!.sha256;
    expect(add(1, 0, 200_000, false)).toBeUndefined();
    expect(add(2, 0, 1000, false)).toBeUndefined();
    expect(add(1, 200_000, data.length - 200_000, true)).toBe(digest('sha256', data).toString('hex'));
    expect(add(2, 1000, 1000, true)).toBe(digest('sha256', data.subarray(0, 2000)).toString('hex'));
  });

  test('drop() forgets a SHA-256, and its number can be used for a new one', () => {
    const hasher = new RangeHasher();
    const range = { length: 10, pieceLength: 1, v1: false, v2: false };
    hasher.hash({ ...range, parts: [partOf(0, 10, { digest: { id: 1, isLast: false } })] });
    hasher.drop(1);
    const { parts } = hasher.hash({ ...range, parts: [partOf(50, 10, { digest: { id: 1, isLast: true } })] });
    expect(parts[0]!.sha256).toBe(digest('sha256', data.subarray(50, 60)).toString('hex'));
  });
});
