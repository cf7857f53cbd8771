import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  createMetainfo,
  gatherHashes,
  HashLayers,
  isHashRun,
  leafHashes,
  MERKLE_HASH_BYTES,
  type Metainfo,
  merkleLayers,
  pieceLayerRoot,
  pieceLengthAt,
  pieceRoot,
  powerOfTwoFrom,
  provenLayer,
  rootOfRun,
  treeHeight,
} from '../metainfo/index.ts';
import { equalBytes } from '../util/index.ts';
import { BLOCK_BYTES } from '../wire/index.ts';
import { type HashQuery, TRIAL_QUERY_LIMIT_MS } from './hash-queries.ts';
import type { MakeTrees } from './session-options.ts';
import { MAX_PROVEN_PIECES, WrongBlocks } from './wrong-blocks.ts';

const PIECE_LENGTH = 4 * BLOCK_BYTES;
const NO_HASH = new Uint8Array(MERKLE_HASH_BYTES);
const makeTrees: MakeTrees = {
  treeOfPiece: async (data, leafCount) => merkleLayers(leafHashes(data), leafCount, NO_HASH),
  treeOver: () => Promise.reject(new Error('not asked for here')),
};

/** Makes a torrent of a file that is followed by another one, so that in a hybrid torrent it ends in padding. */
function makeTorrent(length: number, version: 'v2' | 'hybrid', pieceLength = PIECE_LENGTH) {
  const data = Uint8Array.from({ length }, (_, at) => (at * 31 + (at >> 9)) & 0xff);
  const ends = Math.ceil(length / pieceLength) * pieceLength;
  const stream = new Uint8Array(ends + 1);
  stream.set(data);
  const roots: Uint8Array[] = [];
  const leafCount =
    length > pieceLength ? pieceLength / BLOCK_BYTES : powerOfTwoFrom(Math.ceil(length / BLOCK_BYTES));
  for (let at = 0; at < length; at += pieceLength) {
    roots.push(pieceRoot(data.subarray(at, at + pieceLength), leafCount));
  }
  const sha1s: Uint8Array[] = [];
  for (let at = 0; at < stream.length; at += pieceLength) {
    sha1s.push(
      createHash('sha1')
        .update(stream.subarray(at, at + pieceLength))
        .digest(),
    );
  }
  const pieceLayer = Buffer.concat(roots);
  const metainfo = createMetainfo({
    version,
    name: 'content',
    isSingleFile: false,
    pieceLength,
    files: [
      { path: ['a'], length, pieceLayer, piecesRoot: pieceLayerRoot(pieceLayer, pieceLength) },
      { path: ['b'], length: 1, piecesRoot: pieceRoot(new Uint8Array(1), 1) },
    ],
    ...(version === 'hybrid' && { pieces: Buffer.concat(sha1s) }),
  });
  return { metainfo, stream, data };
}

/** Makes queries for hashes of the first file that always succeed. `asked` has all of them. */
function queriesOf(data: Uint8Array) {
  const leaves = leafHashes(data);
  const count = leaves.length / MERKLE_HASH_BYTES;
  const width = powerOfTwoFrom(count);
  const tree = new HashLayers(merkleLayers(leaves, width, NO_HASH), count, width, NO_HASH);
  const asked: HashQuery[] = [];
  const ask = async (query: HashQuery): Promise<Uint8Array | undefined> => {
    asked.push(query);
    expect(isHashRun(query.request, treeHeight(data.length))).toBe(true);
    const hashes = gatherHashes(query.request, (...at) => tree.hashes(...at));
    expect(provenLayer(query.request)).toBeLessThanOrEqual(treeHeight(data.length));
    expect(equalBytes(rootOfRun(query.request, hashes), query.expected)).toBe(true);
    return hashes;
  };
  return { asked, ask };
}

function pieceOf(metainfo: Metainfo, stream: Uint8Array, index: number): Uint8Array<SharedArrayBuffer> {
  const begin = index * metainfo.pieceLength;
  const piece = stream.subarray(begin, begin + pieceLengthAt(metainfo, index));
  const shared = new Uint8Array(new SharedArrayBuffer(piece.length));
  shared.set(piece);
  return shared;
}

describe('WrongBlocks.find()', () => {
  test.each(['v2', 'hybrid'] as const)(
    'find() finds the blocks with a wrong byte, in padding, too (%s)',
    (version) =>
      fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 1, max: 12 * BLOCK_BYTES }),
          fc.nat(),
          fc.array(fc.nat(), { minLength: 1, maxLength: 3 }),
          async (length, anyPiece, places) => {
            const { metainfo, stream, data } = makeTorrent(length, version);
            const index = anyPiece % (metainfo.pieceCount - 1);
            const bytes = pieceOf(metainfo, stream, index);
            const wrong = new Set<number>();
            for (const place of new Set(places.map((any) => any % bytes.length))) {
              bytes[place]! ^= 1;
              wrong.add(Math.floor(place / BLOCK_BYTES));
            }
            const blocks = new WrongBlocks({ metainfo, makeTrees, queries: queriesOf(data) });
            expect(await blocks.find(index, bytes)).toEqual([...wrong].toSorted((a, b) => a - b));
          },
        ),
        { numRuns: 20 },
      ),
  );

  test('find() requests runs of at most MAX_HASH_RUN hashes, and none of padding alone', async () => {
    const pieceLength = 2048 * BLOCK_BYTES;
    const { metainfo, stream, data } = makeTorrent(pieceLength + 600 * BLOCK_BYTES, 'v2', pieceLength);
    const { asked, ask } = queriesOf(data);
    const blocks = new WrongBlocks({ metainfo, makeTrees, queries: { ask } });
    const bytes = pieceOf(metainfo, stream, 1);
    bytes[590 * BLOCK_BYTES]! ^= 1;
    expect(await blocks.find(1, bytes)).toEqual([590]);
    expect(asked.map(({ request }) => [request.index, request.length])).toEqual([
      [2048, 512],
      [2560, 512],
    ]);
  });

  test('find() requests the hashes of a piece once, also when it is wrong again', async () => {
    const { metainfo, stream, data } = makeTorrent(3 * PIECE_LENGTH, 'v2');
    const { asked, ask } = queriesOf(data);
    const blocks = new WrongBlocks({ metainfo, makeTrees, queries: { ask } });
    const bytes = pieceOf(metainfo, stream, 1);
    for (const wrong of [0, 3, 2]) {
      bytes[wrong * BLOCK_BYTES]! ^= 1;
      expect(await blocks.find(1, bytes)).toEqual([wrong]);
      bytes[wrong * BLOCK_BYTES]! ^= 1;
    }
    expect(asked).toHaveLength(1);
  });

  test('find() remembers the leaf hashes of at most MAX_PROVEN_PIECES pieces', async () => {
    const pieces = MAX_PROVEN_PIECES + 2;
    const { metainfo, stream, data } = makeTorrent(pieces * PIECE_LENGTH, 'v2');
    const { asked, ask } = queriesOf(data);
    const blocks = new WrongBlocks({ metainfo, makeTrees, queries: { ask } });
    const find = async (index: number) => {
      const bytes = pieceOf(metainfo, stream, index);
      bytes[0]! ^= 1;
      expect(await blocks.find(index, bytes)).toEqual([0]);
    };
    for (let index = 0; index < pieces; index += 1) await find(index);
    expect(asked).toHaveLength(pieces);
    await find(pieces - 1);
    expect(asked).toHaveLength(pieces);
    await find(0);
    expect(asked).toHaveLength(pieces + 1);
  });

  test('find() returns undefined when no peer sends hashes, and in v1', async () => {
    const { metainfo, stream } = makeTorrent(3 * PIECE_LENGTH, 'v2');
    const queries = { ask: async () => undefined };
    const blocks = new WrongBlocks({ metainfo, makeTrees, queries });
    const bytes = pieceOf(metainfo, stream, 1);
    bytes[0]! ^= 1;
    expect(await blocks.find(1, bytes)).toBeUndefined();
    const { pieceLayers: _, ...v1 } = {
      ...makeTorrent(3 * PIECE_LENGTH, 'hybrid').metainfo,
      version: 'v1' as const,
    };
    expect(await new WrongBlocks({ metainfo: v1, makeTrees, queries }).find(1, bytes)).toBeUndefined();
  });

  test('find() sets a shorter limit for the first piece of a peer', async () => {
    const { metainfo, stream, data } = makeTorrent(3 * PIECE_LENGTH, 'v2');
    const { asked, ask } = queriesOf(data);
    const bytes = pieceOf(metainfo, stream, 1);
    bytes[0]! ^= 1;
    const blocks = new WrongBlocks({ metainfo, makeTrees, queries: { ask } });
    expect(await blocks.find(1, bytes, { sender: undefined, isTrial: true })).toEqual([0]);
    expect(asked).toMatchObject([{ limitMs: TRIAL_QUERY_LIMIT_MS }]);
  });

  test('find() rejects a hybrid torrent when a piece has only one of its hashes', async () => {
    const { metainfo, stream, data } = makeTorrent(3 * PIECE_LENGTH, 'hybrid');
    const other = makeTorrent(3 * PIECE_LENGTH, 'hybrid');
    other.stream[PIECE_LENGTH]! ^= 1;
    const bytes = pieceOf(metainfo, other.stream, 1);
    const pieces = new Uint8Array(metainfo.pieces!);
    pieces.set(createHash('sha1').update(bytes).digest(), 20);
    const blocks = new WrongBlocks({
      metainfo: { ...metainfo, pieces },
      makeTrees,
      queries: queriesOf(data),
    });
    await expect(blocks.find(1, bytes)).rejects.toMatchObject({ code: 'HYBRID_MISMATCH' });
    await expect(blocks.find(1, pieceOf(metainfo, stream, 1))).rejects.toMatchObject({
      code: 'HYBRID_MISMATCH',
    });
  });
});
