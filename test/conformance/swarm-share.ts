import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEFAULT_LIMITS } from '../../src/tracker/settings.ts';
import { CUSTOMER_SHARES, PRIVATE_SHARES } from '../../src/tracker/swarms/peer-site.ts';
import { parseAddressRange, parseIp, seededRandom } from '../../src/util/index.ts';
import { keysOf, SmallSwarms } from '../support/tracker/small-swarms.ts';
import type { MakeSwarmStore, SwarmStoreLimits } from './swarm-model.ts';

const TTL = 60_000;
const MAX_PEERS_PER_ADDRESS = DEFAULT_LIMITS.maxPeersPerAddress;
/** The peers that one address may have in a swarm after a change of the limit. */
const MANY_PEERS = 40;
const PUBLIC = '203.0.113.66';
const PRIVATE = '10.9.9.9';
const BRIDGE = parseIp('172.17.0.1')!;
const OTHER = parseIp('172.17.0.2')!;

export interface SwarmShareTraits {
  /** Whether addresses take turns in answers. */
  readonly takesTurns: boolean;
  /** Random sequences of calls that are tried. */
  readonly numRuns: number;
}

/** Checks what the contract of {@link SwarmStore} says of strangers; each adapter runs it. */
export function describeSwarmShares(
  name: string,
  make: MakeSwarmStore,
  { takesTurns, numRuns }: SwarmShareTraits = { takesTurns: true, numRuns: 40 },
): void {
  const create = async (limits: SwarmStoreLimits = {}) =>
    new SmallSwarms(await make({ peerTtl: TTL, random: seededRandom(1), ...limits }));

  describe(`${name}, what one stranger may have in a swarm`, () => {
    test.each([
      [PUBLIC, 4, MAX_PEERS_PER_ADDRESS],
      ['2001:db8:1:1::6', 6, MAX_PEERS_PER_ADDRESS],
      [PRIVATE, 4, MAX_PEERS_PER_ADDRESS * PRIVATE_SHARES],
      ['127.0.0.1', 4, MAX_PEERS_PER_ADDRESS * PRIVATE_SHARES],
      ['fd00::66', 6, MAX_PEERS_PER_ADDRESS * PRIVATE_SHARES],
    ] as const)(
      'announce() keeps a bounded number of peers of %s, and all of others',
      async (host, family, most) => {
        const swarm = await create();
        for (let peer = 1; peer <= 30; peer += 1) await swarm.announce(peer, 'downloader', { family });
        await swarm.announce(31, 'seeder', { family });
        for (let port = 1000; port < 1300; port += 1) {
          swarm.now += 100;
          const answer = await swarm.announce(port, 'downloader', { host, family, numWant: 5 });
          expect(answer.peers).toHaveLength(5);
        }
        const { complete, incomplete } = (await swarm.scrape())!;
        expect([complete, incomplete]).toEqual([1, 30 + most]);
        const { peers } = await swarm.announce(32, 'downloader', { family });
        for (let peer = 1; peer <= 31; peer += 1) expect(peers).toContain(peer);
        expect(peers.filter((port) => port >= 1000)).toHaveLength(most);
        // The one that announced last is there, and those that announced first have given way.
        expect(peers).toContain(1299);
        expect(peers).not.toContain(1000);
      },
    );

    test('announce() keeps a bounded number of peers of an IPv6 /48, in whatever subnets of it', async () => {
      const swarm = await create({ maxPeersPerAddress: 2 });
      await swarm.announce(1, 'seeder', { family: 6, host: '2001:db8:2::1' });
      for (let peer = 1000; peer < 1200; peer += 1) {
        const host = `2001:db8:1:${peer.toString(16)}::${peer.toString(16)}`;
        await swarm.announce(peer, 'seeder', { family: 6, host });
      }
      expect(await swarm.scrape()).toMatchObject({ complete: 1 + 2 * CUSTOMER_SHARES });
    });

    test('announce() keeps a seeder among the downloaders of its address', async () => {
      const swarm = await create();
      await swarm.announce(1, 'seeder', { host: PUBLIC });
      for (let peer = 2; peer <= 500; peer += 1) {
        swarm.now += 10;
        await swarm.announce(peer, 'downloader', { host: PUBLIC });
      }
      expect(await swarm.scrape()).toMatchObject({ complete: 1, incomplete: MAX_PEERS_PER_ADDRESS - 1 });
      const { peers } = await swarm.announce(501, 'downloader', { host: '198.51.100.1' });
      expect(peers).toContain(1);
    });

    test('announce() gives 500 peers behind one address peers of outside, and where it is near their own', async () => {
      const swarm = await create();
      for (let peer = 1; peer <= 30; peer += 1) {
        await swarm.announce(peer, 'downloader', { host: `198.51.${peer}.1` });
      }
      const near = [parseAddressRange('203.0.113.0/24')!];
      for (let port = 1000; port < 1500; port += 1) {
        const anywhere = await swarm.announce(port, 'downloader', { host: PUBLIC, numWant: 50 });
        expect(anywhere.peers.filter((peer) => peer <= 30)).toHaveLength(30);
        const nearby = await swarm.announce(port, 'downloader', { host: PUBLIC, numWant: 10, near });
        const own = Math.min(10, MAX_PEERS_PER_ADDRESS - 1, port - 1000);
        expect(nearby.peers.filter((peer) => peer >= 1000)).toHaveLength(own);
      }
    });

    test('announce() keeps a fleet of machines in one network whole', async () => {
      const swarm = await create();
      await swarm.announceAll(6001, 6100, (peer) => ['downloader', { host: `203.0.113.${peer - 6000}` }]);
      await swarm.announceAll(7001, 7100, (peer) => [
        'downloader',
        { family: 6, host: `fd00::${peer - 7000}` },
      ]);
      expect(await swarm.scrape()).toMatchObject({ incomplete: 200 });
      const { peers } = await swarm.announce(6001, 'downloader', { host: '203.0.113.1', numWant: 50 });
      expect(peers).toHaveLength(50);
    });

    test('announce() takes a further peer of an address where its others have left or expired', async () => {
      const swarm = await create({ maxPeersPerAddress: 2 });
      await swarm.announce(50, 'seeder');
      for (const peer of [1, 2]) await swarm.announce(peer, 'downloader', { host: PUBLIC });
      await swarm.leave(1, 4, 1, { host: PUBLIC });
      await swarm.announce(3, 'downloader', { host: PUBLIC });
      expect((await swarm.announce(50, 'seeder')).peers).toEqual([2, 3]);
      swarm.now += TTL + 1000;
      await swarm.announce(4, 'downloader', { host: PUBLIC });
      await swarm.expire();
      await swarm.announce(5, 'downloader', { host: PUBLIC });
      expect((await swarm.announce(50, 'seeder')).peers).toEqual([4, 5]);
    });

    test('configure() changes how many peers of an address are kept', async () => {
      const store = await make({ peerTtl: TTL, random: seededRandom(1) });
      const swarm = new SmallSwarms(store);
      store.configure({ peerTtl: TTL, maxPeersPerAddress: MANY_PEERS });
      for (let peer = 1; peer <= 60; peer += 1) await swarm.announce(peer, 'downloader', { host: PUBLIC });
      expect(await swarm.scrape()).toMatchObject({ incomplete: MANY_PEERS });
      store.configure({ peerTtl: TTL, maxPeersPerAddress: 3 });
      for (let peer = 1; peer <= 60; peer += 1) await swarm.announce(peer, 'downloader', { host: PUBLIC });
      expect((await swarm.scrape())!.incomplete).toBeLessThanOrEqual(MANY_PEERS);
    });

    if (takesTurns) testTurns(create);

    test('announce() keeps no more of what a sender says of other addresses than of a public address', async () => {
      const swarm = await create();
      await swarm.announce(1, 'seeder');
      for (let at = 0; at < 300; at += 1) {
        await swarm.announce(1000 + at, 'seeder', { host: `10.1.${at >> 8}.${at & 255}`, heldBy: BRIDGE });
      }
      expect(await swarm.scrape()).toMatchObject({ complete: 1 + MAX_PEERS_PER_ADDRESS });
      await swarm.announce(2, 'seeder', { host: '10.2.0.1', heldBy: OTHER });
      expect(await swarm.scrape()).toMatchObject({ complete: 2 + MAX_PEERS_PER_ADDRESS });
    });

    test('announce() takes no place of an address for what others say of it', async () => {
      const swarm = await create({ maxPeersPerAddress: 1 });
      const host = '192.168.1.5';
      for (let peer = 1; peer <= PRIVATE_SHARES; peer += 1)
        await swarm.announce(peer, 'downloader', { host });
      await swarm.announce(100, 'downloader', { host, heldBy: BRIDGE });
      expect((await swarm.announce(200, 'downloader')).peers).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
      await swarm.leave(1, 4, 1, { host });
      await swarm.announce(100, 'downloader', { host, heldBy: BRIDGE });
      await swarm.announce(1, 'downloader', { host });
      expect((await swarm.announce(200, 'downloader')).peers).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    });

    test('no announces and departures of one stranger make a peer of another go', async () => {
      const step = fc.record({
        isLeaving: fc.boolean(),
        peer: fc.integer({ min: 1, max: 40 }),
        role: fc.constantFrom('seeder' as const, 'downloader' as const),
        host: fc.constantFrom(PUBLIC, PRIVATE, '198.51.100.1'),
        heldBy: fc.constantFrom(undefined, undefined, BRIDGE, OTHER),
        seconds: fc.constantFrom(0, 0, 1, 7),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 150, size: 'max' }), async (steps) => {
          const swarm = await create({ maxPeersPerAddress: 2 });
          await swarm.announce(1000, 'seeder', { host: '192.0.2.1' });
          await swarm.announce(1001, 'seeder', { host: PUBLIC, heldBy: 'registry' });
          for (const { isLeaving, peer, role, host, heldBy, seconds } of steps) {
            swarm.now += seconds;
            if (isLeaving) await swarm.leave(peer, 4, 1, { host, ...(heldBy && { heldBy }) });
            else await swarm.announce(peer, role, { host, numWant: 3, ...(heldBy && { heldBy }) });
          }
          const answer = await swarm.raw(1002, 'downloader', { family: 6 });
          const keys = keysOf(answer);
          expect(keys).toEqual(expect.arrayContaining(['4/1000', '4/1001']));
          expect(keys.length).toBe(answer.complete + answer.incomplete - 1);
          expect(keys.length).toBeLessThanOrEqual(2 + 2 + 2 + 2 * PRIVATE_SHARES);
        }),
        { numRuns },
      );
    });
  });
}

type CreateSwarms = (limits?: SwarmStoreLimits) => Promise<SmallSwarms>;

function testTurns(create: CreateSwarms): void {
  test.each([1, 3, 40])(
    'announce() lets addresses take turns in an answer of numwant %i or more',
    async (others) => {
      const swarm = await create();
      for (let peer = 1; peer <= others; peer += 1) {
        await swarm.announce(peer, 'seeder', { host: `127.0.0.${100 + peer}` });
      }
      await swarm.announceAll(1000, 1399, (port) => [
        port % 2 === 0 ? 'seeder' : 'downloader',
        { host: '127.0.0.66' },
      ]);
      for (let times = 0; times < 20; times += 1) {
        const asker = { host: '127.0.0.9', numWant: Math.max(20, 2 * others + 2) };
        const { peers } = await swarm.announce(999, 'downloader', asker);
        expect(peers.filter((peer) => peer <= others)).toHaveLength(others);
        expect(peers).toHaveLength(asker.numWant);
      }
    },
  );

  test('announce() lets addresses take turns among those nearby, too', async () => {
    const swarm = await create();
    const near = [parseAddressRange('127.0.0.0/8')!];
    for (let peer = 1; peer <= 5; peer += 1) {
      await swarm.announce(peer, 'seeder', { host: `127.0.0.${100 + peer}` });
    }
    await swarm.announceAll(1000, 1399, (port) => [
      port % 2 === 0 ? 'seeder' : 'downloader',
      { host: '127.0.0.66' },
    ]);
    const { peers } = await swarm.announce(999, 'downloader', { host: '127.0.0.9', numWant: 20, near });
    expect(peers.filter((peer) => peer <= 5)).toEqual([1, 2, 3, 4, 5]);
  });

  test('announce() lets public networks take turns in an answer', async () => {
    const swarm = await create();
    for (let peer = 1; peer <= 10; peer += 1) {
      await swarm.announce(peer, 'downloader', { host: `198.51.${peer}.1` });
    }
    await swarm.announceAll(2000, 2999, (port) => ['downloader', { host: `203.0.113.${port % 250}` }]);
    for (let times = 0; times < 20; times += 1) {
      const { peers } = await swarm.announce(11, 'downloader', { host: '192.0.2.1', numWant: 100 });
      expect(peers).toHaveLength(100);
      expect(peers.filter((peer) => peer <= 10)).toHaveLength(10);
    }
  });
}

/** Checks what the contract of {@link SwarmStore} says of changes to a record; each adapter runs it. */
export function describeRecordHolders(name: string, make: MakeSwarmStore): void {
  const create = async () => new SmallSwarms(await make({ peerTtl: TTL, random: seededRandom(1) }));

  describe(`${name}, whose a record is`, () => {
    const host = '192.168.1.5';

    test('leave() and announce() of another sender change nothing that the address itself has announced', async () => {
      const swarm = await create();
      await swarm.announce(1, 'seeder', { host });
      await swarm.leave(1, 4, 1, { host, heldBy: BRIDGE });
      await swarm.announce(1, 'downloader', { host, heldBy: BRIDGE, peerId: 9 });
      expect(await swarm.scrape()).toMatchObject({ complete: 1, incomplete: 0 });
      // It was answered.
      await swarm.announce(2, 'downloader');
      expect((await swarm.announce(1, 'downloader', { host, heldBy: BRIDGE, peerId: 9 })).peers).toContain(2);
    });

    test('announce() of an address itself takes over what another sender has said of it', async () => {
      const swarm = await create();
      await swarm.announce(1, 'downloader', { host, heldBy: BRIDGE });
      await swarm.announce(1, 'seeder', { host });
      await swarm.leave(1, 4, 1, { host, heldBy: BRIDGE });
      expect(await swarm.scrape()).toMatchObject({ complete: 1, incomplete: 0 });
      await swarm.leave(1, 4, 1, { host });
      expect(await swarm.scrape()).toBeUndefined();
    });

    test('announce() and leave() of a sender change what the same sender has said, and no other', async () => {
      const swarm = await create();
      await swarm.announce(1, 'downloader', { host, heldBy: BRIDGE });
      await swarm.announce(1, 'downloader', { host, heldBy: OTHER, peerId: 9 });
      await swarm.leave(1, 4, 1, { host, heldBy: OTHER });
      expect(await swarm.scrape()).toMatchObject({ incomplete: 1 });
      await swarm.announce(1, 'seeder', { host, heldBy: BRIDGE, isCompleted: true });
      expect(await swarm.scrape()).toMatchObject({ complete: 1, downloaded: 1 });
      await swarm.leave(1, 4, 1, { host, heldBy: BRIDGE });
      expect(await swarm.scrape()).toBeUndefined();
    });

    test('no announce changes the record of a registered seeder, and the registry removes only such', async () => {
      const swarm = await create();
      await swarm.announce(1, 'seeder', { host, heldBy: 'registry' });
      await swarm.announce(1, 'downloader', { host });
      await swarm.announce(1, 'downloader', { host, heldBy: BRIDGE });
      await swarm.leave(1, 4, 1, { host });
      await swarm.leave(1, 4, 1, { host, heldBy: BRIDGE });
      expect(await swarm.scrape()).toMatchObject({ complete: 1, incomplete: 0 });
      await swarm.leave(1, 4, 1, { host, heldBy: 'registry' });
      expect(await swarm.scrape()).toBeUndefined();
      await swarm.announce(1, 'downloader', { host });
      await swarm.leave(1, 4, 1, { host, heldBy: 'registry' });
      expect(await swarm.scrape()).toMatchObject({ incomplete: 1 });
      await swarm.announce(1, 'seeder', { host, heldBy: 'registry' });
      await swarm.leave(1, 4, 1, { host });
      expect(await swarm.scrape()).toMatchObject({ complete: 1 });
    });
  });
}
