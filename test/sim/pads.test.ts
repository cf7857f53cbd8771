import { describe, expect, test } from 'vitest';
import { BLOCK_BYTES, type BlockRequest } from '../../src/wire/index.ts';
import { type ScriptedLink, sendBlock } from './scripted-peer.ts';
import { simulate } from './swarm.ts';

const KiB = 1024;
/** Files that end within a block, on a block, in the first block of a piece, with a piece; and an empty one. */
const FILES = [1, 16 * KiB, 100 * KiB + 1, 0, 64 * KiB, 5 * KiB, 200 * KiB - 3, 9];
const HYBRID = { version: 'hybrid', files: FILES, pieceLength: 64 * KiB } as const;
const SIZE = FILES.reduce((sum, length) => sum + length, 0);
/** Pads that end within blocks and pieces, and one that holds whole pieces. */
const V1 = { files: FILES, pads: [70, 16 * KiB, 3, 9, 0, 300 * KiB, 100, 90 * KiB], pieceLength: 64 * KiB };

/** The pieces of {@link V1} that have no byte of a file. */
const PIECES_OF_PADS = 5;
/** The bytes that a leecher among many may download, in sizes of the files: blocks come twice at the end. */
const MAX_COPIES = 1.5;
/** The milliseconds of a download whose pads, at its limit, would take many times as long. */
const WITHOUT_PADS_MS = 3000;

/** A block that is right where there are bytes of files, and has ones where there are pads. */
function sendDirtyPads(link: ScriptedLink, request: BlockRequest): void {
  const { files, pieceLength } = link.torrent.metainfo;
  const start = request.index * pieceLength + request.begin;
  const bytes = link.torrent.stream
    .slice(start, start + request.length)
    .map((byte, at) =>
      files.some(({ offset, length }) => start + at >= offset && start + at < offset + length) ? byte : 1,
    );
  sendBlock(link, request, bytes);
}

describe('pad bytes', () => {
  test('of a hybrid are not transferred, nor missing, from a seed that speaks v2', () =>
    simulate(1, HYBRID, async (swarm) => {
      const seed = await swarm.addSeed({ up: 100 * KiB });
      const leecher = await swarm.addLeecher({ pieceMemoryBytes: 64 * KiB });
      expect(leecher.torrent.stats.left).toBe(SIZE);
      swarm.introduceAll();
      await swarm.untilComplete([leecher], 60_000);
      expect(leecher.torrent.stats.downloaded).toBe(SIZE);
      expect(seed.torrent.stats.uploaded).toBe(SIZE);
    }));

  test('of a hybrid among many peers are not transferred either', () =>
    simulate(2, { ...HYBRID, files: Array.from({ length: 60 }, (_, at) => 1000 * at) }, async (swarm) => {
      const size = 1000 * ((59 * 60) / 2);
      await swarm.addSeed({ up: 200 * KiB });
      const leechers = await Promise.all(
        Array.from({ length: 5 }, () => swarm.addLeecher({ up: 200 * KiB })),
      );
      swarm.introduceAll();
      await swarm.untilComplete(leechers, 120_000);
      for (const leecher of leechers)
        expect(leecher.torrent.stats.downloaded).toBeLessThan(MAX_COPIES * size);
    }));

  test('are never asked for by a limit of the rate, which counts what is', () =>
    simulate(3, { ...HYBRID, files: Array.from({ length: 100 }, () => 10) }, async (swarm) => {
      await swarm.addSeed();
      const leecher = await swarm.addLeecher({ limits: { down: 16 * KiB } });
      swarm.introduceAll();
      expect(await swarm.untilComplete([leecher], 60_000)).toBeLessThan(WITHOUT_PADS_MS);
      expect(leecher.torrent.stats.downloaded).toBe(1000);
    }));

  test.each([false, true])(
    'are zeros whatever a peer sends for them, and asked for within blocks of files alone (v2: %s)',
    (v2) =>
      simulate(4, HYBRID, async (swarm) => {
        const peer = swarm.addScripted({ v2, serve: sendDirtyPads });
        const leecher = await swarm.addLeecher({ pieceMemoryBytes: 64 * KiB });
        leecher.torrent.addPeers([peer.address]);
        await swarm.untilComplete([leecher], 60_000);
        const requests = peer.links.flatMap((link) => link.requests);
        const bytes = requests.reduce((sum, { length }) => sum + length, 0);
        const { metainfo } = swarm.torrent;
        const blocks = FILES.reduce((sum, length) => sum + Math.ceil(length / BLOCK_BYTES), 0);
        expect(requests).toHaveLength(blocks);
        // The last piece ends with its file.
        expect(bytes).toBe(v2 ? metainfo.length : (blocks - 1) * BLOCK_BYTES + FILES.at(-1)!);
      }),
  );

  test('of a v1 torrent with pad files are known, pieces that have nothing else from the start', () =>
    simulate(5, V1, async (swarm) => {
      await swarm.addSeed();
      const leecher = await swarm.addLeecher();
      expect(leecher.torrent.have.count).toBe(PIECES_OF_PADS);
      expect(leecher.torrent.stats.left).toBe(SIZE);
      swarm.introduceAll();
      await swarm.untilComplete([leecher], 60_000);
      const blocks = FILES.reduce((sum, length) => sum + Math.ceil(length / BLOCK_BYTES) + 1, 0);
      expect(leecher.torrent.stats.downloaded).toBeLessThan(blocks * BLOCK_BYTES);
    }));
});
