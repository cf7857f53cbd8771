import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BLOCK_BYTES } from './block.ts';
import { HashLayers, merkleLayers } from './hash-layers.ts';
import {
  gatherHashes,
  type HashRun,
  isHashRun,
  MAX_HASH_RUN,
  provenLayer,
  rootOfRun,
  treeHeight,
  uncleCount,
} from './hash-run.ts';
import { leafHashes, MERKLE_HASH_BYTES, merkleRoot, powerOfTwoFrom } from './merkle.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const ZEROS = new Uint8Array(MERKLE_HASH_BYTES);

/** Makes the tree of a file with a number of leaves, each of which is 32 bytes that say which one it is. */
function treeOf(count: number): { layers: HashLayers; leaves: Uint8Array; width: number } {
  const leaves = new Uint8Array(count * MERKLE_HASH_BYTES);
  for (let leaf = 0; leaf < count; leaf += 1) leaves.fill(leaf + 1, leaf * 32, leaf * 32 + 32);
  const width = powerOfTwoFrom(count);
  return { layers: new HashLayers(merkleLayers(leaves, width, ZEROS), count, width, ZEROS), leaves, width };
}

/** A tree and a run that is in it. */
const runs = fc.integer({ min: 2, max: 2000 }).chain((count) => {
  const height = Math.log2(powerOfTwoFrom(count));
  return fc
    .nat(height - 1)
    .chain((baseLayer) =>
      fc.tuple(
        fc.constant(baseLayer),
        fc.nat(Math.min(9, height - baseLayer)),
        fc.nat(height - baseLayer - 1),
        fc.nat(),
      ),
    )
    .map(([baseLayer, power, proofLayers, at]) => {
      const length = 2 ** power;
      const index = (at % (2 ** (height - baseLayer) / length)) * length;
      return { count, height, run: { baseLayer, index, length, proofLayers } };
    });
});

describe('HashLayers', () => {
  test('HashLayers.hashes() gives each node of the tree, padding included', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 70 }), fc.nat(), fc.nat(), (count, anyLayer, anyNode) => {
        const { layers, leaves, width } = treeOf(count);
        const layer = anyLayer % (Math.log2(width) + 1);
        const under = 2 ** layer;
        const node = anyNode % (width / under);
        const below = leaves.subarray(node * under * 32, (node + 1) * under * 32);
        expect(hex(layers.hashes(layer, node, 1))).toBe(hex(merkleRoot(below, under)));
      }),
    );
  });

  test('HashLayers.root is the root of the merkle tree', () => {
    for (const count of [1, 2, 3, 4, 5, 64, 65]) {
      const { layers, leaves, width } = treeOf(count);
      expect(hex(layers.root)).toBe(hex(merkleRoot(leaves, width)));
    }
  });

  test('HashLayers of no hashes gives only padding', () => {
    const layers = new HashLayers(merkleLayers(new Uint8Array(0), 4, ZEROS), 0, 4, ZEROS);
    expect(layers.size).toBe(0);
    expect(hex(layers.hashes(1, 0, 2))).toBe(hex(merkleRoot(ZEROS, 2)).repeat(2));
    expect(hex(layers.root)).toBe(hex(merkleRoot(new Uint8Array(0), 4)));
  });
});

describe('gatherHashes() and rootOfRun()', () => {
  test('rootOfRun() of the hashes from gatherHashes() is the node of the tree that they prove', () => {
    fc.assert(
      fc.property(runs, ({ count, height, run }) => {
        expect(isHashRun(run, height)).toBe(true);
        const { layers } = treeOf(count);
        const hashes = gatherHashes(run, (...at) => layers.hashes(...at));
        expect(hashes.length).toBe((run.length + uncleCount(run)) * MERKLE_HASH_BYTES);
        const node = Math.floor(run.index / 2 ** (provenLayer(run) - run.baseLayer));
        expect(hex(rootOfRun(run, hashes))).toBe(hex(layers.hashes(provenLayer(run), node, 1)));
      }),
    );
  });

  test('rootOfRun() changes when one bit of the hashes does', () => {
    fc.assert(
      fc.property(runs, fc.nat(), ({ count, run }, anyBit) => {
        const { layers } = treeOf(count);
        const hashes = gatherHashes(run, (...at) => layers.hashes(...at));
        const right = hex(rootOfRun(run, hashes));
        const bit = anyBit % (hashes.length * 8);
        hashes[bit >> 3]! ^= 1 << (bit & 7);
        expect(hex(rootOfRun(run, hashes))).not.toBe(right);
      }),
    );
  });

  test('gatherHashes() leaves out the uncles of layers inside the run', () => {
    const { layers } = treeOf(16);
    const at = (...of: [number, number, number]) => layers.hashes(...of);
    const run = { baseLayer: 0, index: 4, length: 4 };
    const base = hex(layers.hashes(0, 4, 4));
    expect(hex(gatherHashes({ ...run, proofLayers: 0 }, at))).toBe(base);
    expect(hex(gatherHashes({ ...run, proofLayers: 1 }, at))).toBe(base);
    const one = base + hex(layers.hashes(2, 0, 1));
    expect(hex(gatherHashes({ ...run, proofLayers: 2 }, at))).toBe(one);
    expect(hex(gatherHashes({ ...run, proofLayers: 3 }, at))).toBe(one + hex(layers.hashes(3, 1, 1)));
  });
});

describe('isHashRun()', () => {
  const good: HashRun = { baseLayer: 0, index: 512, length: 512, proofLayers: 11 };
  const height = 12;

  test.each<[string, Partial<HashRun>]>([
    ['a length of 0', { length: 0 }],
    ['a length that is no power of two', { length: 3, index: 0 }],
    ['a length beyond the limit', { length: 2 * MAX_HASH_RUN, index: 0 }],
    ['an index that is no multiple of the length', { index: 256 }],
    ['hashes beyond the width of the layer', { index: 4096 }],
    ['hashes beyond the width of a layer further up', { baseLayer: 4 }],
    ['a base layer that is the root', { baseLayer: 12, index: 0, length: 1, proofLayers: 0 }],
    ['a base layer beyond the root', { baseLayer: 0xffff_ffff }],
    ['more proof layers than there are', { proofLayers: 12 }],
    ['proof layers without end', { proofLayers: 0xffff_ffff }],
  ])('isHashRun() refuses %s', (_, wrong) => {
    expect(isHashRun(good, height)).toBe(true);
    expect(isHashRun({ ...good, ...wrong }, height)).toBe(false);
  });

  test('isHashRun() refuses any run of a file of one block, whose only hash is its root', () => {
    expect(treeHeight(BLOCK_BYTES)).toBe(0);
    expect(isHashRun({ baseLayer: 0, index: 0, length: 1, proofLayers: 0 }, 0)).toBe(false);
  });

  test('treeHeight() is the height of the smallest tree that covers the file', () => {
    expect([1, 16_384, 16_385, 32_768, 32_769, 65_537].map(treeHeight)).toEqual([0, 0, 1, 1, 2, 3]);
    const data = new Uint8Array(3 * BLOCK_BYTES);
    expect(leafHashes(data).length / MERKLE_HASH_BYTES).toBeLessThanOrEqual(2 ** treeHeight(data.length));
  });
});
