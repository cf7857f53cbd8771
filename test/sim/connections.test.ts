import { describe, expect, test } from 'vitest';
import type { SimPeer } from './sim-peer.ts';
import { simulate } from './swarm.ts';

const MiB = 1024 * 1024;
/** The connections that a session may have beside more seeds. */
const MAX_CONNECTIONS = 3;

describe('connections', () => {
  test.each([
    [1, 2],
    [2, 1],
  ])('of two that dial each other at once one stays (ids %i, %i)', (one, two) =>
    simulate(1, { files: [8 * MiB] }, async (swarm) => {
      const seed = await swarm.addSeed({ idByte: one, up: MiB });
      const leecher = await swarm.addLeecher({ idByte: two });
      leecher.torrent.addPeers([seed.address]);
      seed.torrent.addPeers([leecher.address]);
      await swarm.clock.pass(5000);
      for (const { session, torrent, host } of [seed, leecher]) {
        expect(torrent.stats.peers).toBe(1);
        expect(session.usage).toMatchObject({ connections: 1, unverified: 0 });
        expect(host.connections.size).toBe(1);
      }
      await swarm.untilComplete([leecher], 10_000);
    }),
  );

  test('to a peer that is connected already are not opened over and over', () =>
    simulate(2, { files: [64 * MiB] }, async (swarm) => {
      const seed = await swarm.addSeed({ up: MiB / 4 });
      const leecher = await swarm.addLeecher();
      leecher.torrent.addPeers([seed.address]);
      await swarm.clock.pass(1000);
      seed.torrent.addPeers([leecher.address]);
      await swarm.clock.pass(100_000);
      expect(seed.host.dialCount).toBe(0);
      expect(seed.torrent.stats.peers).toBe(1);
      expect(leecher.host.dialCount).toBe(1);
    }));

  test('to itself are given up for ever', () =>
    simulate(3, { files: [MiB] }, async (swarm) => {
      const leecher = await swarm.addLeecher();
      leecher.torrent.addPeers([leecher.address]);
      await swarm.clock.pass(100_000);
      expect(leecher.host.dialCount).toBe(1);
      expect(leecher.session.usage.connections).toBe(0);
      expect(leecher.torrent.stats.known, 'it could be dialed').toBe(0);
    }));

  test('between seeds are given up for ever', () =>
    simulate(4, { files: [MiB] }, async (swarm) => {
      const [one, other] = [await swarm.addSeed(), await swarm.addSeed()];
      one!.torrent.addPeers([other!.address]);
      await swarm.clock.pass(200_000);
      expect(one!.torrent.stats.peers).toBe(0);
      expect(one!.host.dialCount).toBe(1);
    }));

  test('are no more than the session may have', () =>
    simulate(5, { files: [4 * MiB] }, async (swarm) => {
      for (let seed = 0; seed < 2 * MAX_CONNECTIONS; seed += 1) await swarm.addSeed({ up: MiB / 4 });
      const leecher = await swarm.addLeecher({ maxConnections: MAX_CONNECTIONS });
      swarm.introduceAll();
      while (!leecher.isComplete) {
        await swarm.clock.pass(100);
        expect(leecher.session.usage.connections).toBeLessThanOrEqual(MAX_CONNECTIONS);
      }
      await swarm.untilComplete([leecher], 1);
    }));

  test('among leechers that have nothing make room for the seed', () =>
    simulate(7, { files: [2 * MiB] }, async (swarm) => {
      const leechers: SimPeer[] = [];
      for (let count = 0; count < 3; count += 1) {
        const leecher = await swarm.addLeecher({ maxConnections: 2 });
        leecher.torrent.addPeers(leechers.map((other) => other.address));
        leechers.push(leecher);
        await swarm.clock.pass(1000);
      }
      for (const { session } of leechers) expect(session.usage.connections).toBe(2);
      const seed = await swarm.addSeed();
      for (const leecher of leechers) leecher.torrent.addPeers([seed.address]);
      await swarm.untilComplete(leechers, 200_000);
    }));

  test.each([
    [1, 2],
    [2, 1],
  ])('are made by two that dial each other with their last slot (ids %i, %i)', (one, two) =>
    simulate(8, { files: [MiB] }, async (swarm) => {
      const options = { maxConnections: 1, latency: 100 };
      await swarm.addSeed({ ...options, idByte: one });
      const leecher = await swarm.addLeecher({ ...options, idByte: two });
      swarm.introduceAll(swarm.peers);
      await swarm.untilComplete([leecher], 30_000);
    }),
  );

  test('are not lost for one that has no room', () =>
    simulate(9, { files: [MiB] }, async (swarm) => {
      const options = { idByte: 255, latency: 100 };
      const seeds = [await swarm.addSeed(options), await swarm.addSeed({ ...options, idByte: 254 })];
      const leecher = await swarm.addLeecher({ idByte: 0, maxConnections: 2, latency: 100 });
      leecher.torrent.addPeers(seeds.map((seed) => seed.address));
      for (const { torrent } of seeds) torrent.addPeers([leecher.address]);
      await swarm.clock.pass(2000);
      for (const { torrent } of seeds) expect(torrent.stats.peers).toBe(1);
      await swarm.untilComplete([leecher], 10_000);
    }));

  test('between one that is choked and unchoked all the time bring the file', () =>
    simulate(6, { files: [4 * MiB] }, async (swarm) => {
      const seed = await swarm.addSeed({ up: MiB, uploadSlots: 1 });
      const leecher = await swarm.addLeecher();
      leecher.torrent.addPeers([seed.address]);
      await swarm.untilComplete([leecher], 60_000);
    }));
});
