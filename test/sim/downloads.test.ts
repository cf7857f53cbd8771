import { describe, expect, test } from 'vitest';
import { simulate } from './swarm.ts';

const MiB = 1024 * 1024;
/** The bytes that a peer hands to its socket, and the socket to the network, before it hears of a cancel. */
const ON_THE_LINE_BYTES = 1.5 * MiB;
/** The time of a download, in times that the line of its one seed needs, or the lines of three together. */
const FLOORS_ONE_SEED = 1.1;
const FLOORS_THREE_SEEDS = 1.2;
/** The share of a seed in a download, in shares that its rate makes fair. */
const FAIR = { least: 0.7, most: 1.3 };
/** The time of the last leecher, in times that the seed needs to send the file once. */
const FLOORS_OF_SWARM = 1.5;
/** The copies of the file that the seed sends, and those that a leecher takes. */
const MAX_COPIES_SENT = 1.6;
const MAX_COPIES_TAKEN = 1.1;
/** The milliseconds of a turn in a single upload slot, with those until the next round. */
const TURN_MS = 31_000;

describe('a download', () => {
  test('takes as long as the line of its one seed needs', () =>
    simulate(1, { files: [32 * MiB + 1234] }, async (swarm) => {
      await swarm.addSeed({ up: 4 * MiB });
      const leecher = await swarm.addLeecher();
      swarm.introduceAll();
      const took = await swarm.untilComplete([leecher], 60_000);
      expect(took).toBeLessThan((swarm.size / (4 * MiB)) * 1000 * FLOORS_ONE_SEED);
      expect(leecher.torrent.stats.downloaded).toBe(swarm.size);
      await swarm.clock.pass(1000);
      expect(leecher.session.usage.connections, 'two seeds have nothing for each other').toBe(0);
    }));

  test('uses all seeds, each by its rate', () =>
    simulate(2, { files: [48 * MiB] }, async (swarm) => {
      const rates = [1, 2, 5];
      const seeds = await Promise.all(rates.map((rate) => swarm.addSeed({ up: rate * MiB })));
      const leecher = await swarm.addLeecher();
      swarm.introduceAll();
      const took = await swarm.untilComplete([leecher], 60_000);
      expect(took).toBeLessThan((swarm.size / (8 * MiB)) * 1000 * FLOORS_THREE_SEEDS);
      for (const [at, seed] of seeds.entries()) {
        const fair = (swarm.size * rates[at]!) / 8;
        expect(seed.torrent.stats.uploaded).toBeGreaterThan(fair * FAIR.least);
        expect(seed.torrent.stats.uploaded).toBeLessThan(fair * FAIR.most);
      }
      // The bytes that two slower seeds have on the line when the fastest one overtakes them cannot be taken back.
      expect(leecher.torrent.stats.downloaded).toBeLessThan(swarm.size + 2 * ON_THE_LINE_BYTES);
    }));

  test('reaches all of many leechers, which give each other what they got', () =>
    simulate(3, { files: [16 * MiB], pieceLength: 64 * 1024 }, async (swarm) => {
      const seed = await swarm.addSeed({ up: MiB });
      const leechers = await Promise.all(Array.from({ length: 8 }, () => swarm.addLeecher({ up: 2 * MiB })));
      swarm.introduceAll();
      const took = await swarm.untilComplete(leechers, 200_000);
      const floor = (swarm.size / MiB) * 1000;
      const copies = seed.torrent.stats.uploaded / swarm.size;
      expect(took).toBeLessThan(FLOORS_OF_SWARM * floor);
      expect(copies).toBeLessThan(MAX_COPIES_SENT);
      for (const leecher of leechers) {
        expect(leecher.torrent.stats.uploaded).toBeGreaterThan(0);
        expect(leecher.torrent.stats.downloaded).toBeLessThan(swarm.size * MAX_COPIES_TAKEN);
      }
    }));

  test('gives all leechers their turns in a single slot', () =>
    simulate(4, { files: [8 * MiB] }, async (swarm) => {
      const seed = await swarm.addSeed({ up: MiB, uploadSlots: 1 });
      const leechers = await Promise.all(Array.from({ length: 4 }, () => swarm.addLeecher({ up: 1024 })));
      for (const leecher of leechers) leecher.torrent.addPeers([seed.address]);
      await swarm.clock.pass(leechers.length * TURN_MS);
      for (const leecher of leechers) expect(leecher.torrent.stats.downloaded).toBeGreaterThan(0);
      await swarm.untilComplete(leechers, 300_000);
    }));

  test.each([0, 1, 16_384, 64 * 1024, 64 * 1024 + 1])('brings all of %i bytes', (length) =>
    simulate(6, { files: [length], pieceLength: 64 * 1024 }, async (swarm) => {
      await swarm.addSeed();
      const leecher = await swarm.addLeecher();
      swarm.introduceAll();
      await swarm.untilComplete([leecher], 10_000);
    }),
  );

  test.each(['v1', 'v2', 'hybrid'] as const)('brings the files of a %s torrent, gaps and all', (version) =>
    simulate(
      7,
      { files: [100_000, 0, 65_536, 1, 300_001, 0], pieceLength: 64 * 1024, version },
      async (swarm) => {
        const seeds = [await swarm.addSeed(), await swarm.addSeed()];
        const leecher = await swarm.addLeecher();
        leecher.torrent.addPeers(seeds.map((seed) => seed.address));
        await swarm.untilComplete([leecher], 10_000);
        expect(leecher.torrent.stats.failedPieces).toBe(0);
      },
    ),
  );

  test('goes on with little memory', () =>
    simulate(8, { files: [4 * MiB], pieceLength: 512 * 1024 }, async (swarm) => {
      await Promise.all([1, 2, 3].map((rate) => swarm.addSeed({ up: rate * MiB, readCacheBytes: 1 })));
      const leecher = await swarm.addLeecher({ pieceMemoryBytes: 1, checkMs: 50 });
      swarm.introduceAll();
      await swarm.untilComplete([leecher], 20_000);
    }));
});
