import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Address,
  decodeCompactAddresses,
  encodeCompactAddress,
  formatAddress,
  parseInfoHash,
  seededRandom,
} from '../../util/index.ts';
import type { PeerRole, SwarmAnswer, SwarmStore } from './swarm-store.ts';

const TTL = 60_000;
const hash = parseInfoHash('aa'.repeat(20));
const other = parseInfoHash('bb'.repeat(20));

export interface SwarmStoreLimits {
  readonly maxSwarms?: number;
  readonly maxPeersPerSwarm?: number;
}

/** Makes an empty store in which peers live for `peerTtl` milliseconds. */
export type MakeSwarmStore = (
  options: SwarmStoreLimits & { peerTtl: number; random: ReturnType<typeof seededRandom> },
) => SwarmStore;

/** The contract of {@link SwarmStore}, for each adapter to run. */
export function describeSwarmStore(name: string, make: MakeSwarmStore): void {
  const create = (seed = 1, limits: SwarmStoreLimits = {}) =>
    new Announcing(make({ peerTtl: TTL, random: seededRandom(seed), ...limits }));

  describe(name, () => {
    test('announce() hands a downloader seeders, partial seeds and downloaders, but not itself', () => {
      const swarm = create();
      swarm.announce(1, 'seeder');
      swarm.announce(2, 'partialSeed');
      swarm.announce(3, 'downloader');
      expect(swarm.announce(4, 'downloader')).toEqual({ complete: 1, incomplete: 3, peers: [1, 2, 3] });
      expect(swarm.announce(4, 'downloader').peers).toEqual([1, 2, 3]);
    });

    test('announce() gives the place of the peer itself to another', () => {
      const swarm = create();
      swarm.announce(1, 'seeder');
      swarm.announce(2, 'seeder');
      for (let times = 0; times < 10; times += 1) {
        expect(swarm.announce(3, 'downloader', { numWant: 2 }).peers).toEqual([1, 2]);
      }
    });

    test.each(['seeder', 'partialSeed'] as const)('announce() hands a %s downloaders only', (role) => {
      const swarm = create();
      swarm.announce(1, 'seeder');
      swarm.announce(2, 'partialSeed');
      swarm.announce(3, 'downloader');
      expect(swarm.announce(4, role).peers).toEqual([3]);
    });

    test('announce() hands out the own family first and fills up with the other', () => {
      const swarm = create();
      for (let peer = 1; peer <= 5; peer += 1) swarm.announce(peer, 'downloader', { family: 6 });
      for (let peer = 11; peer <= 13; peer += 1) swarm.announce(peer, 'downloader');
      const v4 = swarm.announce(14, 'downloader', { numWant: 4 }).peers;
      expect(v4.filter((peer) => peer > 10)).toEqual([11, 12, 13]);
      expect(v4).toHaveLength(4);
      expect(swarm.announce(6, 'downloader', { family: 6, numWant: 5 }).peers).toEqual([1, 2, 3, 4, 5]);
    });

    test('announce() does not hand a peer itself at its address in the other family', () => {
      const swarm = create();
      swarm.announce(1, 'downloader', { family: 6, peerId: 9 });
      swarm.announce(2, 'downloader', { family: 6 });
      expect(swarm.announce(3, 'downloader', { peerId: 9 }).peers).toEqual([2]);
    });

    test('announce() replaces a peer that comes again from its address, whatever its peer id', () => {
      const swarm = create();
      swarm.announce(1, 'downloader', { peerId: 1 });
      expect(swarm.announce(1, 'seeder', { peerId: 2 })).toEqual({ complete: 1, incomplete: 0, peers: [] });
    });

    test('announce() counts a completed download once', () => {
      const swarm = create();
      swarm.announce(1, 'downloader');
      for (let times = 0; times < 3; times += 1) swarm.announce(1, 'seeder', { isCompleted: true });
      expect(swarm.store.scrape(hash)).toEqual({
        complete: 1,
        incomplete: 0,
        downloaded: 1,
        downloaders: 0,
      });
    });

    test.each([0, 1, 7, 200])('announce() hands out %i peers when asked for as many', (numWant) => {
      const swarm = create();
      for (let peer = 1; peer <= 300; peer += 1) swarm.announce(peer, peer % 3 ? 'downloader' : 'seeder');
      for (let times = 0; times < 20; times += 1) {
        expect(swarm.announce(301, 'downloader', { numWant }).peers).toHaveLength(numWant);
        expect(swarm.announce(302, 'seeder', { numWant }).peers).toHaveLength(Math.min(numWant, 201));
      }
    });

    test('announce() hands out everyone in time, about half of them uploaders', () => {
      const swarm = create();
      for (let peer = 1; peer <= 100; peer += 1) swarm.announce(peer, peer > 50 ? 'downloader' : 'seeder');
      const seen = new Set<number>();
      for (let times = 0; times < 200; times += 1) {
        const { peers } = swarm.announce(101, 'downloader', { numWant: 10 });
        expect(peers.filter((peer) => peer <= 50).length).toBe(5);
        for (const peer of peers) seen.add(peer);
      }
      expect(seen.size).toBe(100);
    });

    test('announce() gives peer ids in the order of the addresses when asked', () => {
      const swarm = create();
      swarm.announce(1, 'seeder', { peerId: 11 });
      swarm.announce(2, 'seeder', { peerId: 22, family: 6 });
      const { peers } = swarm.raw(3, 'downloader', { withPeerIds: true })!;
      expect(Buffer.concat([peers.peerIds!])).toEqual(Buffer.concat([peerIdOf(11), peerIdOf(22)]));
      expect(swarm.raw(3, 'downloader', {})!.peers.peerIds).toBeUndefined();
    });

    test('leave() forgets a peer, and a swarm with its last one', () => {
      const swarm = create();
      swarm.announce(1, 'seeder');
      swarm.announce(2, 'downloader', { family: 6 });
      swarm.leave(1);
      expect(swarm.store.stats()).toEqual({ swarms: 1, peers: 1 });
      swarm.leave(1);
      swarm.leave(2, 6);
      expect(swarm.store.stats()).toEqual({ swarms: 0, peers: 0 });
      expect(swarm.store.scrape(hash)).toBeUndefined();
    });

    test('expire() forgets who was not heard of in time, and nobody else', () => {
      const swarm = create();
      swarm.announce(1, 'seeder');
      swarm.announce(2, 'downloader');
      swarm.announce(3, 'seeder', { infoHash: other });
      swarm.now += TTL;
      swarm.announce(2, 'downloader');
      expect(swarm.store.expire(swarm.now)).toBe(0);
      swarm.now += 1000;
      expect(swarm.store.expire(swarm.now)).toBe(2);
      expect(swarm.announce(4, 'downloader').peers).toEqual([2]);
      expect(swarm.store.stats()).toEqual({ swarms: 1, peers: 2 });
    });

    test('announce() answers but does not record a peer for which a swarm has no room', () => {
      const swarm = create(1, { maxPeersPerSwarm: 2 });
      swarm.announce(1, 'seeder');
      swarm.announce(2, 'downloader');
      expect(swarm.announce(3, 'downloader')).toEqual({ complete: 1, incomplete: 1, peers: [1, 2] });
      expect(swarm.announce(2, 'seeder')).toMatchObject({ complete: 2 });
      expect(swarm.store.stats().peers).toBe(2);
    });

    test('announce() answers nothing when there is no room for another swarm', () => {
      const swarm = create(1, { maxSwarms: 1 });
      swarm.announce(1, 'seeder');
      expect(swarm.raw(1, 'seeder', { infoHash: other })).toBeUndefined();
      swarm.leave(1);
      expect(swarm.raw(1, 'seeder', { infoHash: other })).toBeDefined();
    });

    test('the store agrees with a plain map after any sequence of calls', () => {
      fc.assert(
        fc.property(fc.array(step, { maxLength: 300 }), fc.nat(), (steps, seed) => {
          const swarm = create(seed);
          const model = new Map<string, Known>();
          for (const step of steps) applyStep(swarm, model, step);
        }),
        { numRuns: 500 },
      );
    });
  });
}

interface Known {
  peer: number;
  role: PeerRole;
  seenAt: number;
}

type Step =
  | { do: 'announce'; peer: number; family: 4 | 6; role: PeerRole; numWant: number }
  | { do: 'leave'; peer: number; family: 4 | 6 }
  | { do: 'wait'; seconds: number };

const peerNumber = fc.integer({ min: 1, max: 60 });
const family = fc.constantFrom<4 | 6>(4, 4, 6);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('announce' as const),
      peer: peerNumber,
      family,
      role: fc.constantFrom<PeerRole>('seeder', 'partialSeed', 'downloader'),
      numWant: fc.nat(40),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('leave' as const), peer: peerNumber, family }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('wait' as const), seconds: fc.nat(TTL / 1000) }),
  },
);

function applyStep(swarm: Announcing, model: Map<string, Known>, step: Step): void {
  if (step.do === 'wait') {
    swarm.now += step.seconds * 1000;
    for (const [key, { seenAt }] of model) if (swarm.now - seenAt > TTL) model.delete(key);
    swarm.store.expire(swarm.now);
  } else if (step.do === 'leave') {
    swarm.leave(step.peer, step.family);
    model.delete(`${step.family}/${step.peer}`);
  } else {
    const { peer, role } = step;
    model.set(`${step.family}/${peer}`, { peer, role, seenAt: swarm.now });
    const all = [...model.values()];
    const answer = swarm.raw(peer, role, { family: step.family, numWant: step.numWant })!;
    const keys = keysOf(answer);
    const complete = all.filter((known) => known.role === 'seeder').length;
    expect(answer).toMatchObject({ complete, incomplete: all.length - complete });
    const wanted = [...model].filter(
      ([, known]) => known.peer !== peer && (role === 'downloader' || known.role === 'downloader'),
    );
    expect(keys.every((key) => wanted.some(([candidate]) => candidate === key))).toBe(true);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys.length).toBe(Math.min(step.numWant, wanted.length));
  }
  expect(swarm.store.stats().peers).toBe(model.size);
}

interface AnnounceExtras {
  readonly infoHash?: typeof hash;
  readonly family?: 4 | 6;
  readonly peerId?: number;
  readonly numWant?: number;
  readonly withPeerIds?: boolean;
  readonly isCompleted?: boolean;
}

/** A store spoken to in small numbers: peer 7 is 10.0.0.7 or fd00::7, port 7. */
class Announcing {
  now = 0;
  readonly store: SwarmStore;

  constructor(store: SwarmStore) {
    this.store = store;
  }

  raw(peer: number, role: PeerRole, extras: AnnounceExtras): SwarmAnswer | undefined {
    const { infoHash = hash, family = 4, peerId = peer, numWant = 1000, withPeerIds = false } = extras;
    return this.store.announce(
      infoHash,
      { address: compact(peer, family), peerId: peerIdOf(peerId), role },
      { numWant, withPeerIds },
      extras.isCompleted ?? false,
      this.now,
    );
  }

  announce(
    peer: number,
    role: PeerRole,
    extras: AnnounceExtras = {},
  ): { complete: number; incomplete: number; peers: number[] } {
    const answer = this.raw(peer, role, extras)!;
    const peers = keysOf(answer).map((key) => Number(key.slice(2)));
    return {
      complete: answer.complete,
      incomplete: answer.incomplete,
      peers: peers.sort((a, b) => a - b),
    };
  }

  leave(peer: number, family: 4 | 6 = 4): void {
    this.store.leave(hash, compact(peer, family));
  }
}

/** Family and number of each peer that was handed out: `6/7`. */
function keysOf({ peers }: SwarmAnswer): string[] {
  const v4 = decodeCompactAddresses(peers.ipv4, 6)!;
  const v6 = decodeCompactAddresses(peers.ipv6, 18)!;
  return [...v4.map(({ port }) => `4/${port}`), ...v6.map(({ port }) => `6/${port}`)];
}

function peerIdOf(number: number): Uint8Array {
  return Buffer.from(`-XX0001-${String(number).padStart(12, '0')}`);
}

function compact(peer: number, family: 4 | 6): Uint8Array {
  const address: Address = {
    host: family === 4 ? `10.0.${peer >> 8}.${peer & 255}` : `fd00::${peer.toString(16)}`,
    port: peer,
  };
  const bytes = encodeCompactAddress(address);
  if (bytes === undefined) throw new RangeError(`${formatAddress(address)} is no address`);
  return bytes;
}
