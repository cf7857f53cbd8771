import { describe, expect, test } from 'vitest';
import { Bitfield } from '../../src/util/index.ts';
import { MemoryStorage } from '../support/index.ts';
import type { SimPeer } from './sim-peer.ts';
import { completeIn, makeTorrent } from './sim-torrent.ts';
import { type Swarm, simulate } from './swarm.ts';

const MiB = 1024 * 1024;
const RATE = MiB;
const TEN_SECONDS = 10_000;
/** The most bytes of a limited download after eleven seconds, in bytes of a second: half a second is on its way. */
const ELEVEN_SECONDS_LIMITED = 11.5;
/** The milliseconds until a peer that answers nothing is snubbed, less the second before the count. */
const SNUBBED_MS = 14_000;
/** The least bytes uploaded in four seconds beside a limited download, of a line of 2 MiB a second that two share. */
const UPLOADED_BESIDE = 1.5 * MiB;
/** The parts by which a share may differ from the fair one: of one peer in four, of a slow download, of two torrents. */
const NEAR_SHARE = 0.1;
const NEAR_SLOW = 0.1;
const NEAR_HALF = 0.06;
/** The seconds of a slow download. */
const SLOW_SECONDS = 100;

/** Lets a second pass, and then counts the bytes of ten seconds. */
async function movedInTenSeconds(swarm: Swarm, moved: () => readonly number[]): Promise<number[]> {
  await swarm.clock.pass(1000);
  const before = moved();
  await swarm.clock.pass(TEN_SECONDS);
  return moved().map((bytes, at) => bytes - before[at]!);
}

const downloaded = (peers: readonly SimPeer[]) => () => peers.map((peer) => peer.torrent.stats.downloaded);
const uploaded = (peers: readonly SimPeer[]) => () => peers.map((peer) => peer.torrent.stats.uploaded);
const total = (moved: readonly number[]) => moved.reduce((sum, bytes) => sum + bytes, 0);

function expectNear(found: number, wanted: number, part = 0.05): void {
  expect(Math.abs(found / wanted - 1), `${found} instead of ${wanted}`).toBeLessThan(part);
}

describe('a limit', () => {
  test.each([
    ['up', 'limits'],
    ['up', 'torrentLimits'],
    ['down', 'limits'],
    ['down', 'torrentLimits'],
  ] as const)('%s as %s holds from the first to the last byte', (way, kind) =>
    simulate(1, { files: [10 * MiB] }, async (swarm) => {
      await swarm.addSeed(way === 'up' ? { [kind]: { up: RATE } } : {});
      const leecher = await swarm.addLeecher(way === 'down' ? { [kind]: { down: RATE } } : {});
      swarm.introduceAll();
      expectNear(await swarm.untilComplete([leecher], 20_000), TEN_SECONDS);
      expect(leecher.torrent.stats.downloaded).toBe(swarm.size);
    }),
  );

  test('up is shared by all leechers alike', () =>
    simulate(2, { files: [32 * MiB] }, async (swarm) => {
      const seed = await swarm.addSeed({ limits: { up: RATE } });
      const leechers = await Promise.all([1, 2, 3, 4].map(() => swarm.addLeecher()));
      for (const leecher of leechers) leecher.torrent.addPeers([seed.address]);
      const moved = await movedInTenSeconds(swarm, downloaded(leechers));
      expectNear(total(moved), 10 * RATE);
      for (const bytes of moved) expectNear(bytes, (10 * RATE) / 4, NEAR_SHARE);
    }));

  test('down is shared by all seeds alike', () =>
    simulate(3, { files: [32 * MiB] }, async (swarm) => {
      const seeds = await Promise.all([1, 2, 3, 4].map(() => swarm.addSeed()));
      const leecher = await swarm.addLeecher({ limits: { down: RATE } });
      swarm.introduceAll();
      const moved = await movedInTenSeconds(swarm, uploaded(seeds));
      expectNear(total(moved), 10 * RATE);
      for (const bytes of moved) expectNear(bytes, (10 * RATE) / 4, NEAR_SHARE);
      expect(leecher.torrent.stats.downloaded).toBeLessThan(ELEVEN_SECONDS_LIMITED * RATE);
    }));

  test('down is reached beside seeds that are slow', () =>
    simulate(4, { files: [32 * MiB] }, async (swarm) => {
      for (const up of [10_000, 10_000, 10_000, 10 * MiB]) await swarm.addSeed({ up });
      const leecher = await swarm.addLeecher({ limits: { down: RATE } });
      swarm.introduceAll();
      const [moved] = await movedInTenSeconds(swarm, downloaded([leecher]));
      expectNear(moved!, 10 * RATE);
    }));

  test('down is reached beside seeds that never answer', () =>
    simulate(5, { files: [64 * MiB] }, async (swarm) => {
      const mute = [1, 2, 3].map(() => swarm.addScripted({ serve: () => {} }));
      await swarm.addSeed();
      const leecher = await swarm.addLeecher({ limits: { down: RATE } });
      leecher.torrent.addPeers(mute.map((peer) => peer.address));
      swarm.introduceAll();
      await swarm.clock.pass(SNUBBED_MS);
      // Now they are snubbed.
      const [moved] = await movedInTenSeconds(swarm, downloaded([leecher]));
      expectNear(moved!, 10 * RATE);
    }));

  test.each([4, 40] as const)('of %i KiB a second makes nobody look as if it did not answer', (kib) =>
    simulate(6, { files: [4 * MiB] }, async (swarm) => {
      const seeds = await Promise.all([1, 2, 3, 4].map(() => swarm.addSeed()));
      const leecher = await swarm.addLeecher({ limits: { down: kib * 1024 } });
      swarm.introduceAll();
      await swarm.clock.pass(SLOW_SECONDS * 1000);
      const moved = uploaded(seeds)();
      expectNear(total(moved), SLOW_SECONDS * kib * 1024, NEAR_SLOW);
      for (const bytes of moved) expect(bytes).toBeGreaterThan(0);
      expect(leecher.torrent.stats.downloaded).toBe(total(moved));
    }),
  );

  test.each(['up', 'down'] as const)('%s is shared by two torrents alike, whatever peers they have', (way) =>
    simulate(7, { files: [16 * MiB] }, async (swarm) => {
      const limits = { [way]: RATE };
      const seed = await swarm.addSeed(way === 'up' ? { limits } : {});
      const leecher = await swarm.addLeecher(way === 'down' ? { limits } : {});
      const other = makeTorrent({ files: [16 * MiB - 1] });
      const { metainfo } = other;
      const full = new MemoryStorage(metainfo.files);
      full.contentOf(0).set(other.stream);
      seed.session.add({ metainfo, storage: full });
      const empty = new MemoryStorage(metainfo.files);
      const completion = completeIn(empty, other, new Bitfield(metainfo.pieceCount));
      const second = leecher.session.add({ metainfo, storage: empty, completion });
      second.addPeers([seed.address]);
      await swarm.addSeed({ up: 100_000 });
      swarm.introduceAll();
      const from = way === 'up' ? [seed.torrent.stats.uploaded] : [];
      expect(from.every((bytes) => bytes === 0)).toBe(true);
      const moved = await movedInTenSeconds(swarm, () => [
        way === 'up' ? seed.torrent.stats.uploaded : leecher.torrent.stats.downloaded,
        second.stats.downloaded,
      ]);
      expectNear(total(moved), 10 * RATE);
      for (const bytes of moved) expectNear(bytes, 5 * RATE, NEAR_HALF);
    }),
  );

  test('down leaves what is uploaded alone', () =>
    simulate(8, { files: [16 * MiB] }, async (swarm) => {
      const seed = await swarm.addSeed({ up: 2 * MiB });
      const limited = await swarm.addLeecher({ up: 2 * MiB, limits: { down: 100_000 } });
      const leecher = await swarm.addLeecher();
      limited.torrent.addPeers([seed.address]);
      await swarm.clock.pass(20_000);
      leecher.torrent.addPeers([limited.address, seed.address]);
      await swarm.clock.pass(4000);
      expect(limited.torrent.stats.uploaded).toBeGreaterThan(UPLOADED_BESIDE);
      await swarm.untilComplete([leecher], 30_000);
    }));
});
