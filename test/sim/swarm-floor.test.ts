import { expect, test } from 'vitest';
import { simulate } from './swarm.ts';

const MiB = 1024 * 1024;
/** The rate of each line in bytes a second: 100 Mbit/s. */
const LINE = 12_500_000;
/** The time of the last leecher, in times that the seed's line needs for one copy. */
const MAX_FLOORS = 1.4;
/** The copies that the seed sends, and those that each leecher takes. */
const MAX_COPIES_SENT = 1.35;
const MAX_COPIES_TAKEN = 1.1;

test.each([0, 20])(
  'a swarm of one seed and 8 leechers, %i ms apart, is done soon after the seed could be',
  (delay) =>
    simulate(1, { files: [32 * MiB], pieceLength: 64 * 1024 }, async (swarm) => {
      const host = { up: LINE, down: LINE, latency: delay / 2 };
      const seed = await swarm.addSeed(host);
      const leechers = await Promise.all(Array.from({ length: 8 }, () => swarm.addLeecher(host)));
      swarm.introduceAll();
      const floor = (swarm.size / LINE) * 1000;
      expect(await swarm.untilComplete(leechers, 3 * floor)).toBeLessThan(MAX_FLOORS * floor);
      expect(seed.torrent.stats.uploaded).toBeLessThan(MAX_COPIES_SENT * swarm.size);
      for (const leecher of leechers) {
        expect(leecher.torrent.stats.downloaded).toBeLessThan(MAX_COPIES_TAKEN * swarm.size);
      }
    }),
);
