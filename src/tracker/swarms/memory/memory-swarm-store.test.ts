import fc from 'fast-check';
import { expect, test } from 'vitest';
import { describeRecordHolders, describeSwarmShares } from '../../../../test/conformance/swarm-share.ts';
import { describeSwarmStore } from '../../../../test/conformance/swarm-store.ts';
import { keysOf, SmallSwarms } from '../../../../test/support/tracker/small-swarms.ts';
import { parseAddressRange, randomBelow, seededRandom } from '../../../util/index.ts';
import { MemorySwarmStore } from './memory-swarm-store.ts';

describeSwarmStore('MemorySwarmStore', (options) => new MemorySwarmStore(options));
describeSwarmShares('MemorySwarmStore', (options) => new MemorySwarmStore(options));
describeRecordHolders('MemorySwarmStore', (options) => new MemorySwarmStore(options));

test('MemorySwarmStore loses nobody while swarms of all sizes grow, move, shrink and go', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer(), async (seed) => {
      const random = seededRandom(seed);
      const swarms = new SmallSwarms(new MemorySwarmStore({ peerTtl: 1e9, random }));
      const model = new Map<number, Set<number>>();
      // Swarm 1 gets most of the peers, 400 others a few each.
      for (const isGrowing of [true, false, true]) {
        for (let times = 0; times < 6000; times += 1) {
          const swarm = times % 2 === 0 ? 1 : 1 + randomBelow(random, 400);
          const peer = 1 + randomBelow(random, swarm === 1 ? 3000 : 20);
          const peers = model.get(swarm) ?? new Set();
          if (random.next() < (isGrowing ? 0.9 : 0.05)) {
            await swarms.announce(peer, 'downloader', { swarm, numWant: 1 });
            model.set(swarm, peers.add(peer));
          } else {
            await swarms.leave(peer, 4, swarm);
            peers.delete(peer);
            if (peers.size === 0) model.delete(swarm);
          }
        }
      }
      for (const [swarm, peers] of model) {
        const everyone = await swarms.raw(1, 'downloader', { swarm, family: 6, peerId: 9999, numWant: 5000 });
        expect(new Set(keysOf(everyone))).toEqual(new Set(Array.from(peers, (peer) => `4/${peer}`)));
        await swarms.leave(1, 6, swarm);
      }
      const peers = [...model.values()].reduce((sum, { size }) => sum + size, 0);
      expect(await swarms.store.stats()).toEqual({ swarms: model.size, peers });
    }),
    { numRuns: 3 },
  );
});

test('MemorySwarmStore lets addresses take turns among the peers that are there, whatever changes meanwhile', async () => {
  const [seed, crowd, numWant] = [7, 60, 20];
  const random = seededRandom(seed);
  const swarms = new SmallSwarms(new MemorySwarmStore({ peerTtl: 1e9, random }));
  const there = new Map<string, { swarm: number; peer: number; isSeeder: boolean }>();
  for (let times = 0; times < 4000; times += 1) {
    // Ports 100 to 159 are at one address, the twelve others at addresses of their own.
    const isOfCrowd = times < crowd || random.next() < 0.6;
    const peer =
      times < crowd
        ? 100 + times
        : isOfCrowd
          ? 100 + randomBelow(random, crowd)
          : 1 + randomBelow(random, 12);
    const swarm = times < crowd ? 1 : 1 + randomBelow(random, 2);
    const key = `${swarm}/${peer}`;
    const at = isOfCrowd ? { host: '10.9.9.9' } : {};
    if (times >= crowd && random.next() < 0.3) {
      await swarms.leave(peer, 4, swarm, at);
      there.delete(key);
      continue;
    }
    const isSeeder = random.next() < 0.3;
    const { peers } = await swarms.announce(peer, isSeeder ? 'seeder' : 'downloader', {
      swarm,
      numWant,
      ...at,
    });
    there.set(key, { swarm, peer, isSeeder });
    const candidates = Array.from(there.values())
      .filter((other) => other.swarm === swarm && other.peer !== peer && !(isSeeder && other.isSeeder))
      .map((other) => other.peer);
    expect(new Set(peers).size, `seed ${seed}, call ${times}`).toBe(Math.min(numWant, candidates.length));
    expect(candidates).toEqual(expect.arrayContaining(peers));
    const others = candidates.filter((candidate) => candidate < 100);
    if (isSeeder) expect(peers.filter((candidate) => candidate < 100)).toHaveLength(others.length);
  }
});

test('MemorySwarmStore hands out of those nearby half uploaders, where there are enough', async () => {
  const swarms = new SmallSwarms(new MemorySwarmStore({ peerTtl: 1e9, random: seededRandom(1) }));
  // Peers 256 to 511, the asker among them.
  const near = [parseAddressRange('10.0.1.0/24')!];
  for (let peer = 240; peer < 300; peer += 1) {
    await swarms.announce(peer, peer % 2 === 0 ? 'seeder' : 'downloader');
  }
  for (let times = 0; times < 20; times += 1) {
    const { peers } = await swarms.announce(301, 'downloader', { near, numWant: 10 });
    expect(peers.filter((peer) => peer >= 256)).toHaveLength(10);
    expect(peers.filter((peer) => peer % 2 === 0)).toHaveLength(5);
  }
  const { peers } = await swarms.announce(302, 'seeder', { near, numWant: 24 });
  expect(peers.filter((peer) => peer >= 256 && peer % 2 === 1)).toHaveLength(23);
  expect(peers).toHaveLength(24);
});

test('MemorySwarmStore forgets made-up swarms before those that peers come back to', async () => {
  const swarms = new SmallSwarms(
    new MemorySwarmStore({ peerTtl: 1e9, random: seededRandom(1), maxSwarms: 200 }),
  );
  for (let made = 0; made < 2000; made += 1) {
    swarms.now += 100;
    for (const real of [1, 2, 3]) {
      await swarms.announce(1, 'seeder', { swarm: real });
      await swarms.announce(2, 'downloader', { swarm: real });
    }
    await swarms.announce(1, 'seeder', { swarm: 1000 + made });
  }
  for (const real of [1, 2, 3]) expect(await swarms.scrape(real)).toMatchObject({ incomplete: 1 });
  expect(await swarms.store.stats()).toEqual({ swarms: 200, peers: 203 });
  expect(swarms.store.limitsMet?.swarmsEvicted).toBeGreaterThan(0);
});

test('MemorySwarmStore takes short steps: none forgets more than some hundred peers', async () => {
  const swarms = new SmallSwarms(new MemorySwarmStore({ peerTtl: 1000, random: seededRandom(1) }));
  for (let peer = 1; peer <= 3000; peer += 1) {
    await swarms.announce(peer, 'seeder', { swarm: 1 + (peer % 2) * peer, numWant: 0 });
  }
  swarms.now += 3000;
  let before = (await swarms.store.stats()).peers;
  for (let isDone = false; !isDone; ) {
    isDone = await swarms.store.expire(swarms.now);
    const { peers } = await swarms.store.stats();
    expect(before - peers).toBeLessThan(600);
    before = peers;
  }
  expect(before).toBe(0);
});

test('MemorySwarmStore draws no key of its tables from the randomness that answers tell about', () => {
  let drawn = 0;
  const random = { next: () => (drawn += 1) / 1000 };
  new MemorySwarmStore({ peerTtl: 1e9, random });
  expect(drawn).toBe(0);
});
