import { describe, expect, test } from 'vitest';
import { parseAddressRange, seededRandom } from '../../src/util/index.ts';
import { peerIdOf, SmallSwarms } from '../support/tracker/small-swarms.ts';
import { agreesWithModel, type MakeSwarmStore, type SwarmStoreLimits } from './swarm-model.ts';

const TTL = 60_000;

export interface SwarmStoreTraits {
  /** Whether the store itself bounds how many swarms and peers there are in all; otherwise its server does. */
  readonly isBounded: boolean;
  /** Random sequences of calls that are tried. */
  readonly numRuns: number;
}

/** The contract of {@link SwarmStore}, for each adapter to run. */
export function describeSwarmStore(
  name: string,
  make: MakeSwarmStore,
  { isBounded, numRuns }: SwarmStoreTraits = { isBounded: true, numRuns: 40 },
): void {
  const create = async (seed = 1, limits: SwarmStoreLimits = {}) =>
    new SmallSwarms(await make({ peerTtl: TTL, random: seededRandom(seed), ...limits }));

  describe(name, () => {
    test('announce() hands a downloader seeders, partial seeds and downloaders, but not itself', async () => {
      const swarm = await create();
      await swarm.announce(1, 'seeder');
      await swarm.announce(2, 'partialSeed');
      await swarm.announce(3, 'downloader');
      expect(await swarm.announce(4, 'downloader')).toEqual({ complete: 1, incomplete: 3, peers: [1, 2, 3] });
      expect((await swarm.announce(4, 'downloader')).peers).toEqual([1, 2, 3]);
    });

    test('announce() gives the place of the peer itself to another', async () => {
      const swarm = await create();
      await swarm.announce(1, 'seeder');
      await swarm.announce(2, 'seeder');
      for (let times = 0; times < 10; times += 1) {
        expect((await swarm.announce(3, 'downloader', { numWant: 2 })).peers).toEqual([1, 2]);
      }
    });

    test.each(['seeder', 'partialSeed'] as const)('announce() hands a %s downloaders only', async (role) => {
      const swarm = await create();
      await swarm.announce(1, 'seeder');
      await swarm.announce(2, 'partialSeed');
      await swarm.announce(3, 'downloader');
      expect((await swarm.announce(4, role)).peers).toEqual([3]);
    });

    test('announce() hands out the own family first and fills up with the other', async () => {
      const swarm = await create();
      for (let peer = 1; peer <= 5; peer += 1) await swarm.announce(peer, 'downloader', { family: 6 });
      for (let peer = 11; peer <= 13; peer += 1) await swarm.announce(peer, 'downloader');
      const { peers: v4 } = await swarm.announce(14, 'downloader', { numWant: 4 });
      expect(v4.filter((peer) => peer > 10)).toEqual([11, 12, 13]);
      expect(v4).toHaveLength(4);
      expect((await swarm.announce(6, 'downloader', { family: 6, numWant: 5 })).peers).toEqual([
        1, 2, 3, 4, 5,
      ]);
    });

    test('announce() does not hand a peer itself at its address in the other family', async () => {
      const swarm = await create();
      await swarm.announce(1, 'downloader', { family: 6, peerId: 9 });
      await swarm.announce(2, 'downloader', { family: 6 });
      expect((await swarm.announce(3, 'downloader', { peerId: 9 })).peers).toEqual([2]);
    });

    test('announce() replaces a peer that comes again from its address, whatever its peer id', async () => {
      const swarm = await create();
      await swarm.announce(1, 'downloader', { peerId: 1 });
      expect(await swarm.announce(1, 'seeder', { peerId: 2 })).toEqual({
        complete: 1,
        incomplete: 0,
        peers: [],
      });
    });

    test('announce() counts a completed download once, and of a peer that was seen downloading', async () => {
      const swarm = await create();
      await swarm.announce(1, 'downloader');
      for (let times = 0; times < 3; times += 1) await swarm.announce(1, 'seeder', { isCompleted: true });
      await swarm.announce(2, 'seeder', { isCompleted: true });
      await swarm.announce(3, 'downloader', { isCompleted: true });
      await swarm.announce(4, 'downloader');
      await swarm.announce(4, 'seeder');
      expect(await swarm.scrape()).toEqual({ complete: 3, incomplete: 1, downloaded: 1, downloaders: 1 });
    });

    test('announce() tells how old the swarm is, from its first peer on', async () => {
      const swarm = await create();
      await swarm.announce(1, 'seeder', { swarm: 2 });
      swarm.now += 5000;
      expect(await swarm.raw(1, 'seeder')).toMatchObject({ age: 0 });
      swarm.now += 30_000;
      expect(await swarm.raw(2, 'downloader')).toMatchObject({ age: 30_000 });
      await swarm.leave(1);
      await swarm.leave(2);
      expect(await swarm.raw(1, 'seeder')).toMatchObject({ age: 0 });
    });

    test('announce() hands out those nearby first, and fills up with others', async () => {
      const swarm = await create();
      for (let peer = 1; peer <= 40; peer += 1) await swarm.announce(peer, 'downloader');
      for (let peer = 1; peer <= 3; peer += 1) await swarm.announce(peer, 'downloader', { family: 6 });
      // Peers 8 to 15, and nobody.
      const near = [parseAddressRange('10.0.0.8/29')!, parseAddressRange('fd00:1::/48')!];
      for (let times = 0; times < 20; times += 1) {
        const { peers } = await swarm.announce(9, 'downloader', { near, numWant: 10 });
        expect(peers.filter((peer) => peer >= 8 && peer < 16)).toEqual([8, 10, 11, 12, 13, 14, 15]);
        expect(new Set(peers).size).toBe(10);
      }
      const { peers } = await swarm.announce(50, 'downloader', { near, numWant: 4 });
      expect(peers.every((peer) => peer >= 8 && peer < 16)).toBe(true);
      expect((await swarm.announce(9, 'downloader', { near })).peers).toHaveLength(43);
    });

    test('announce() hands out those nearby first, seeders as well as downloaders', async () => {
      const swarm = await create();
      // Peers 8 to 15.
      const near = [parseAddressRange('10.0.0.8/29')!];
      const isNear = (peer: number): boolean => peer >= 8 && peer < 16;
      for (let peer = 8; peer < 16; peer += 1) await swarm.announce(peer, 'seeder', { swarm: 1 });
      for (let peer = 8; peer < 16; peer += 1) await swarm.announce(peer, 'downloader', { swarm: 2 });
      for (const number of [1, 2]) {
        await swarm.announceAll(20, 59, (peer) => [peer % 2 ? 'seeder' : 'downloader', { swarm: number }]);
        for (let times = 0; times < 20; times += 1) {
          const ask = { swarm: number, near, numWant: 12 };
          const { peers } = await swarm.announce(100, 'downloader', ask);
          expect(peers.filter(isNear)).toEqual([8, 9, 10, 11, 12, 13, 14, 15]);
          expect(peers.filter((peer) => !isNear(peer) && peer % 2 === 1)).toHaveLength(2);
          const few = await swarm.announce(100, 'downloader', { ...ask, numWant: 5 });
          expect(few.peers.filter(isNear)).toHaveLength(5);
        }
      }
    });

    test.each([0, 1, 7, 200])('announce() hands out %i peers when asked for as many', async (numWant) => {
      const swarm = await create();
      await swarm.announceAll(1, 300, (peer) => [peer % 3 ? 'downloader' : 'seeder']);
      for (let times = 0; times < 20; times += 1) {
        expect((await swarm.announce(301, 'downloader', { numWant })).peers).toHaveLength(numWant);
        expect((await swarm.announce(302, 'seeder', { numWant })).peers).toHaveLength(Math.min(numWant, 201));
      }
    });

    test('announce() hands out everyone in time, about half of them uploaders', async () => {
      const swarm = await create();
      await swarm.announceAll(1, 100, (peer) => [peer > 50 ? 'downloader' : 'seeder']);
      const seen = new Set<number>();
      for (let times = 0; times < 200; times += 1) {
        const { peers } = await swarm.announce(101, 'downloader', { numWant: 10 });
        expect(peers.filter((peer) => peer <= 50).length).toBe(5);
        for (const peer of peers) seen.add(peer);
      }
      expect(seen.size).toBe(100);
    });

    test('announce() gives peer ids in the order of the addresses when asked', async () => {
      const swarm = await create();
      await swarm.announce(1, 'seeder', { peerId: 11 });
      await swarm.announce(2, 'seeder', { peerId: 22, family: 6 });
      const { peers } = await swarm.raw(3, 'downloader', { withPeerIds: true });
      expect(Buffer.concat([peers.peerIds!])).toEqual(Buffer.concat([peerIdOf(11), peerIdOf(22)]));
      expect((await swarm.raw(3, 'downloader')).peers.peerIds).toBeUndefined();
    });

    test('leave() forgets a peer, and a swarm with its last one', async () => {
      const swarm = await create();
      await swarm.announce(1, 'seeder');
      await swarm.announce(2, 'downloader', { family: 6 });
      await swarm.leave(1);
      expect(await swarm.store.stats()).toEqual({ swarms: 1, peers: 1 });
      await swarm.leave(1);
      await swarm.leave(2, 6);
      expect(await swarm.store.stats()).toEqual({ swarms: 0, peers: 0 });
      expect(await swarm.scrape()).toBeUndefined();
    });

    test('expire() forgets who was not heard of in time, and nobody else', async () => {
      const swarm = await create();
      await swarm.announce(1, 'seeder');
      await swarm.announce(2, 'downloader');
      await swarm.announce(3, 'seeder', { swarm: 2 });
      swarm.now += TTL;
      await swarm.announce(2, 'downloader');
      await swarm.expire();
      expect(await swarm.store.stats()).toEqual({ swarms: 2, peers: 3 });
      swarm.now += 1000;
      await swarm.expire();
      expect((await swarm.announce(4, 'downloader')).peers).toEqual([2]);
      expect(await swarm.store.stats()).toEqual({ swarms: 1, peers: 2 });
    });

    test('expire() takes steps when there is much to forget, between which the store answers', async () => {
      const swarm = await create();
      await swarm.announceAll(1, 3000, () => ['downloader']);
      swarm.now += TTL + 1000;
      await swarm.announce(1, 'seeder');
      await swarm.expire();
      expect(await swarm.store.stats()).toEqual({ swarms: 1, peers: 1 });
      expect(await swarm.announce(2, 'downloader')).toEqual({ complete: 1, incomplete: 1, peers: [1] });
    });

    test('announce() answers but does not record a peer for which a swarm has no room', async () => {
      const swarm = await create(1, { maxPeersPerSwarm: 2 });
      await swarm.announce(1, 'seeder');
      await swarm.announce(2, 'downloader');
      expect(await swarm.announce(3, 'downloader')).toEqual({ complete: 1, incomplete: 1, peers: [1, 2] });
      expect(await swarm.announce(2, 'seeder')).toMatchObject({ complete: 2 });
      expect(await swarm.store.stats()).toMatchObject({ peers: 2 });
    });

    test('configure() of a lower limit throws nobody out, and takes nobody in', async () => {
      const store = await make({ peerTtl: TTL, random: seededRandom(1) });
      const swarm = new SmallSwarms(store);
      for (let peer = 1; peer <= 5; peer += 1) await swarm.announce(peer, 'downloader');
      store.configure({ peerTtl: TTL, maxPeersPerSwarm: 2 });
      for (let peer = 1; peer <= 5; peer += 1) await swarm.announce(peer, peer > 3 ? 'seeder' : 'downloader');
      expect(await swarm.scrape()).toMatchObject({ complete: 2, incomplete: 3 });
      expect((await swarm.announce(6, 'downloader')).peers).toEqual([1, 2, 3, 4, 5]);
      expect(await swarm.store.stats()).toEqual({ swarms: 1, peers: 5 });
      await swarm.leave(5);
      await swarm.announce(5, 'seeder');
      expect(await swarm.store.stats()).toEqual({ swarms: 1, peers: 4 });
    });

    test('the store agrees with a plain map after any sequence of calls', async () => {
      await agreesWithModel(make, numRuns);
    });

    if (isBounded) testBounds(create);
  });
}

type CreateSwarms = (seed?: number, limits?: SwarmStoreLimits) => Promise<SmallSwarms>;

function testBounds(create: CreateSwarms): void {
  test('announce() makes room for a swarm by forgetting the one with the fewest peers', async () => {
    const swarm = await create(1, { maxSwarms: 3 });
    for (const peer of [1, 2, 3]) await swarm.announce(peer, 'seeder', { swarm: 1 });
    await swarm.announce(1, 'seeder', { swarm: 2 });
    for (const peer of [1, 2]) await swarm.announce(peer, 'seeder', { swarm: 3 });
    expect(await swarm.announce(4, 'downloader', { swarm: 4 })).toMatchObject({ incomplete: 1 });
    expect(await swarm.store.stats()).toEqual({ swarms: 3, peers: 6 });
    expect(await swarm.scrape(2)).toBeUndefined();
  });

  test('announce() forgets of swarms alike the one that was not heard of for the longest', async () => {
    const swarm = await create(1, { maxSwarms: 3 });
    for (const number of [1, 2, 3]) await swarm.announce(1, 'seeder', { swarm: number });
    swarm.now += 2000;
    for (const number of [1, 3]) await swarm.announce(1, 'seeder', { swarm: number });
    await swarm.announce(1, 'seeder', { swarm: 4 });
    expect(await swarm.scrape(2)).toBeUndefined();
  });

  test('announce() makes room for a peer at the cost of another swarm, or else does not record it', async () => {
    const swarm = await create(1, { maxPeers: 3 });
    for (const peer of [1, 2]) await swarm.announce(peer, 'seeder');
    await swarm.announce(1, 'seeder', { swarm: 2 });
    expect(await swarm.announce(3, 'downloader')).toEqual({ complete: 2, incomplete: 1, peers: [1, 2] });
    expect(await swarm.scrape(2)).toBeUndefined();
    expect(await swarm.announce(4, 'downloader')).toEqual({ complete: 2, incomplete: 1, peers: [1, 2, 3] });
    expect(await swarm.store.stats()).toEqual({ swarms: 1, peers: 3 });
  });

  test('announce() answers alone who finds no room at all', async () => {
    const swarm = await create(1, { maxSwarms: 0 });
    expect(await swarm.announce(1, 'seeder')).toEqual({ complete: 0, incomplete: 0, peers: [] });
    expect(await swarm.store.stats()).toEqual({ swarms: 0, peers: 0 });
  });
}
