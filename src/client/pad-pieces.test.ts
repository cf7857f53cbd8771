import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { getAll, seedLocally } from '../../test/support/client/index.ts';
import { contentOf, filesIn, makeFile, tempFolder } from '../../test/support/index.ts';
import { encode } from '../bencode/index.ts';
import { createHashPool } from '../hashing/index.ts';
import { parseMetainfo } from '../metainfo/index.ts';
import { padPieces } from './pad-pieces.ts';

const PIECE = 32 * 1024;
const sha1 = (bytes: Uint8Array) => createHash('sha1').update(bytes).digest();
const ZERO_PIECE = sha1(new Uint8Array(PIECE));

/** A v1 torrent of one byte, then pad bytes up to the end of `pieceCount` pieces, 5 bytes short. */
function mostlyPads(pieceCount: number, pads: (index: number) => Uint8Array): Uint8Array {
  const length = pieceCount * PIECE - 5 - 1;
  const pieces = Array.from({ length: pieceCount }, (_, index) => pads(index));
  const files = [
    { length: 1, path: ['a.bin'] },
    { attr: 'p', length, path: ['.pad', '1'] },
  ];
  return encode({
    info: { files, name: 'mostly pads', 'piece length': PIECE, pieces: Buffer.concat(pieces) },
  });
}

const hashOf = (index: number, pieceCount: number, first: Uint8Array) => {
  if (index === 0) return sha1(Buffer.concat([first, new Uint8Array(PIECE - 1)]));
  return index === pieceCount - 1 ? sha1(new Uint8Array(PIECE - 5)) : ZERO_PIECE;
};

describe('padPieces()', () => {
  test('padPieces() finds all pieces that have only pad bytes, and hashes zeros once for each length', async () => {
    await using pool = createHashPool({ threads: 1 });
    let hashed = 0;
    const counting = {
      checkPiece: (...args: Parameters<typeof pool.checkPiece>) => {
        hashed += 1;
        return pool.checkPiece(...args);
      },
    };
    const count = 100_000;
    const metainfo = parseMetainfo(mostlyPads(count, (index) => hashOf(index, count, new Uint8Array(1))));
    const found = await padPieces(metainfo, counting);
    expect(found).toHaveLength(count - 1);
    expect(found[0]).toBe(1);
    expect(hashed).toBe(2);
  });

  test('padPieces() refuses a torrent whose pads have another hash than zeros', async () => {
    await using pool = createHashPool({ threads: 1 });
    for (const wrong of [1, 2, 3]) {
      const bytes = mostlyPads(4, (index) =>
        index === wrong ? new Uint8Array(20) : hashOf(index, 4, new Uint8Array(1)),
      );
      await expect(padPieces(parseMetainfo(bytes), pool)).rejects.toMatchObject({
        code: 'BAD_PIECES',
        message: expect.stringContaining(`piece ${wrong} lies wholly in pad files`),
      });
    }
  });
});

describe('get()', () => {
  test('get() downloads a torrent that is nearly all pad files, and writes no pad file', async () => {
    await using folder = await tempFolder();
    await mkdir(folder.join('data'));
    await makeFile(folder.join('data/a.bin'), 1, 'a');
    const files = await filesIn(folder.join('data'));
    const [first] = [...contentOf(1, 'a')];
    const torrent = mostlyPads(50, (index) => hashOf(index, 50, first!));
    await using swarm = await seedLocally(parseMetainfo(torrent), torrent, folder.join('data'));
    for (const attempt of ['first', 'second']) {
      const { result } = await getAll(swarm, folder.join(attempt));
      expect(await filesIn(join(folder.path, attempt))).toEqual(files);
      expect(result.downloaded).toBe(16 * 1024);
    }
  });
});
