import { describe, expect, test } from 'vitest';
import { simulate } from './swarm.ts';

const MiB = 1024 * 1024;
/** The dials that fail for want of descriptors in half a minute, at most: one a second. */
const MAX_DIALS = 30;

describe('a disk', () => {
  test.each([0, 200])('that is full ends the download once, writes taking %i ms', (delayMs) =>
    simulate(1, { files: [16 * MiB] }, async (swarm) => {
      const seed = await swarm.addSeed();
      const leecher = await swarm.addLeecher({ checkMs: 20 });
      leecher.storage.room = 4 * MiB;
      leecher.storage.delayMs = delayMs;
      swarm.introduceAll();
      await swarm.clock.runUntil(() => leecher.failures.length > 0, 20_000);
      // Pieces that were being checked may still be tried.
      await swarm.clock.pass(20);
      const { writeCount } = leecher.storage;
      await swarm.clock.pass(10_000);
      expect(leecher.failures.map((error) => error.message)).toEqual([expect.stringContaining('full')]);
      expect(leecher.storage.writeCount, 'nothing more is written').toBe(writeCount);
      expect(leecher.session.usage).toMatchObject({ connections: 0, pieceBytes: 0 });
      expect(seed.torrent.stats.peers).toBe(0);
      expect(leecher.pieces.length).toBe(leecher.torrent.have.count);
      expect(leecher.completeCount).toBe(0);
    }),
  );

  test('that cannot be read ends the seeding once, and nobody gets wrong bytes', () =>
    simulate(2, { files: [16 * MiB] }, async (swarm) => {
      const [bad] = [await swarm.addSeed(), await swarm.addSeed({ up: MiB })];
      const leechers = [await swarm.addLeecher(), await swarm.addLeecher()];
      bad!.storage.delayMs = 5;
      swarm.introduceAll();
      await swarm.clock.runUntil(() => leechers[0]!.pieces.length > 4, 20_000);
      bad!.storage.canRead = false;
      await swarm.untilComplete(leechers, 60_000);
      expect(bad!.failures).toHaveLength(1);
      expect(bad!.session.usage.connections).toBe(0);
    }));

  test('that is slow is not asked for blocks nobody waits for any more', () =>
    simulate(3, { files: [16 * MiB], pieceLength: MiB }, async (swarm) => {
      const seed = await swarm.addSeed();
      const leecher = await swarm.addLeecher();
      seed.storage.delayMs = 500;
      swarm.introduceAll();
      await swarm.clock.runUntil(() => seed.storage.readCount > 0, 5000);
      await leecher.session.close();
      await swarm.clock.pass(20_000);
      expect(seed.storage.readCount).toBe(1);
    }));

  test('that is slow to write holds up neither the download nor the end', () =>
    simulate(4, { files: [8 * MiB] }, async (swarm) => {
      await swarm.addSeed();
      const leecher = await swarm.addLeecher({ pieceMemoryBytes: 2 * MiB });
      leecher.storage.delayMs = 300;
      swarm.introduceAll();
      await swarm.untilComplete([leecher], 20_000);
    }));

  test('whose files cannot be opened for want of descriptors does not end the seeding', () =>
    simulate(8, { files: [4 * MiB] }, async (swarm) => {
      const seed = await swarm.addSeed({ up: MiB });
      const leecher = await swarm.addLeecher();
      swarm.introduceAll();
      await swarm.clock.runUntil(() => leecher.pieces.length > 2, 20_000);
      seed.storage.lacksDescriptors = true;
      await swarm.clock.pass(10_000);
      seed.storage.lacksDescriptors = false;
      await swarm.untilComplete([leecher], 60_000);
      expect(seed.failures).toEqual([]);
    }));

  test('and a network without descriptors hold up a download, and cost no peer anything', () =>
    simulate(9, { files: [4 * MiB] }, async (swarm) => {
      const seed = await swarm.addSeed();
      const leecher = await swarm.addLeecher();
      leecher.host.lacksDescriptors = true;
      leecher.torrent.addPeers([seed.address]);
      await swarm.clock.pass(30_000);
      expect(leecher.host.dialCount).toBeLessThan(MAX_DIALS);
      leecher.host.lacksDescriptors = false;
      // Not after the minutes for which a peer is left alone that failed as often.
      await swarm.untilComplete([leecher], 10_000);
    }));
});
