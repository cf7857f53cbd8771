import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BLOCK_BYTES } from './block.ts';
import { FileTree, pieceHeight, treePartsOf } from './file-tree.ts';
import { HashLayers, merkleLayers } from './hash-layers.ts';
import { gatherHashes, isHashRun, rootOfRun, treeHeight } from './hash-run.ts';
import {
  leafHashes,
  leavesPerPiece,
  MERKLE_HASH_BYTES,
  pieceLayerPadding,
  powerOfTwoFrom,
} from './merkle.ts';

const ZEROS = new Uint8Array(MERKLE_HASH_BYTES);

function layersOver(hashes: Uint8Array, width: number, padding: Uint8Array = ZEROS): HashLayers {
  const count = hashes.length / MERKLE_HASH_BYTES;
  return new HashLayers(merkleLayers(hashes, width, padding), count, width, padding);
}

const files = fc.record({
  blocks: fc.integer({ min: 1, max: 40 }),
  cut: fc.constantFrom(0, 1, BLOCK_BYTES - 1),
  pieceLength: fc.nat(4).map((power) => BLOCK_BYTES * 2 ** power),
});

test('FileTree of the parts that treePartsOf() names gives the same hashes as the whole tree', () => {
  fc.assert(
    fc.property(files, fc.nat(), fc.nat(), fc.nat(), fc.nat(), ({ blocks, cut, pieceLength }, ...numbers) => {
      const length = blocks * BLOCK_BYTES - cut;
      const data = new Uint8Array(length);
      for (let block = 0; block < blocks; block += 1) data[block * BLOCK_BYTES] = block;
      const leaves = leafHashes(data);
      const height = treeHeight(length);
      fc.pre(height > 0);
      const whole = layersOver(leaves, powerOfTwoFrom(blocks));
      const file = { path: ['a'], length, offset: 0, piecesRoot: whole.root };

      const baseLayer = numbers[0]! % height;
      const runLength = 2 ** (numbers[1]! % (height - baseLayer + 1));
      const index = (numbers[2]! % (2 ** (height - baseLayer) / runLength)) * runLength;
      const run = { baseLayer, index, length: runLength, proofLayers: numbers[3]! % (height - baseLayer) };
      expect(isHashRun(run, height)).toBe(true);

      const { firstPiece, pieceEnd, isAbove } = treePartsOf(run, file, pieceLength);
      const leafCount = leavesPerPiece(length, pieceLength);
      const treeOfPiece = (piece: number) =>
        layersOver(leafHashes(data.subarray(piece * pieceLength, (piece + 1) * pieceLength)), leafCount);
      const pieces = new Map<number, HashLayers>();
      for (let piece = firstPiece; piece < pieceEnd; piece += 1) pieces.set(piece, treeOfPiece(piece));
      const pieceCount = Math.ceil(length / pieceLength);
      const roots = Array.from({ length: pieceCount }, (_, piece) => treeOfPiece(piece).root);
      const layer = Buffer.concat(roots);
      const width = powerOfTwoFrom(pieceCount);
      const padding = pieceLayerPadding(pieceLength);
      const above = isAbove
        ? layersOver(layer, width, padding)
        : new HashLayers(layer, pieceCount, width, padding);
      const tree = new FileTree(pieceHeight(file, pieceLength), pieces, pieceCount > 1 ? above : undefined);

      const hashes = gatherHashes(run, (...at) => tree.hashes(...at));
      expect(hashes).toEqual(gatherHashes(run, (...at) => whole.hashes(...at)));
      const proven = { ...run, proofLayers: height - baseLayer - 1 };
      const root = rootOfRun(
        proven,
        gatherHashes(proven, (...at) => whole.hashes(...at)),
      );
      expect(Buffer.compare(root, whole.root)).toBe(0);
    }),
  );
});
