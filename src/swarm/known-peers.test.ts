import { describe, expect, test } from 'vitest';
import { type Address, type Random, seededRandom } from '../util/index.ts';
import {
  KnownPeers,
  MAX_DIALING_PER_NETWORK,
  MAX_DIALING_PER_SITE,
  MAX_KNOWN_PEERS,
  MAX_QUICK_FAILURES,
} from './known-peers.ts';

const address = (at: number): Address => ({ host: `10.0.${at >> 8}.${at & 255}`, port: 6881 });

const halfway: Random = { next: () => 0.5 };

function knownPeers(count: number, random = halfway): KnownPeers {
  const known = new KnownPeers(random);
  for (let at = 0; at < count; at += 1) known.add(address(at), 'tracker');
  return known;
}

describe('KnownPeers', () => {
  test('add() passes over an address that is known', () => {
    const known = knownPeers(1);
    expect(known.add({ ...address(0) }, 'tracker')).toBe(false);
    expect(known.size).toBe(1);
  });

  test('takeNext() gives each address once until it is released', () => {
    const known = knownPeers(2);
    expect([known.takeNext(0), known.takeNext(0), known.takeNext(0)]).toEqual([
      address(0),
      address(1),
      undefined,
    ]);
    expect(known.hasNext(0)).toBe(false);
    known.release(address(1), true, 0, 'closed');
    expect(known.takeNext(60_000)).toEqual(address(1));
  });

  test('takeNext() waits twice as long after each failure, at most ten minutes, and less after a success', () => {
    const known = knownPeers(1);
    const waits: number[] = [];
    for (let failure = 0; failure < 12; failure += 1) {
      known.takeNext(Number.MAX_SAFE_INTEGER);
      known.release(address(0), false, 0, 'refused');
      let wait = 0;
      while (!known.hasNext(wait)) wait += 1000;
      waits.push(wait / 1000);
    }
    expect(waits).toEqual([4, 8, 16, 32, 64, 128, 256, 512, 600, 600, 600, 600]);
    known.release(address(0), true, 0, 'closed');
    expect(known.hasNext(2000)).toBe(true);
  });

  test('release() spreads the waits', () => {
    const random = seededRandom(1);
    const waits = Array.from({ length: 100 }, () => {
      const known = knownPeers(1, random);
      known.takeNext(0);
      known.release(address(0), false, 0, 'refused');
      let wait = 0;
      while (!known.hasNext(wait)) wait += 100;
      return wait;
    });
    expect(Math.min(...waits)).toBeLessThan(3200);
    expect(Math.max(...waits)).toBeGreaterThan(4800);
    expect(Math.max(...waits)).toBeLessThanOrEqual(5000);
  });

  test('takeNext() prefers the address with fewest failures', () => {
    const known = knownPeers(2);
    known.takeNext(0);
    known.release(address(0), false, 0, 'refused');
    expect(known.takeNext(60_000)).toEqual(address(1));
  });

  test('ban() lasts for ever, and size does not count the address any more', () => {
    const known = knownPeers(1);
    known.takeNext(0);
    known.ban(address(0));
    known.ban(address(0));
    known.release(address(0), true, 0, 'closed');
    expect(known.takeNext(1e12)).toBeUndefined();
    expect(known.size).toBe(0);
    expect(known.add(address(0), 'tracker')).toBe(false);
  });

  test('add() beyond the limit forgets the address with most failures when no network has more than its share', () => {
    const spread = (at: number): Address => ({ host: `10.${at >> 8}.${at & 255}.1`, port: 6881 });
    const known = new KnownPeers(halfway);
    for (let at = 0; at < MAX_KNOWN_PEERS; at += 1) known.add(spread(at), 'tracker');
    expect(known.add(spread(MAX_KNOWN_PEERS), 'tracker')).toBe(false);
    const failed = [known.takeNext(1e9)!, known.takeNext(1e9)!];
    for (const one of [...failed, failed[1]!]) known.release(one, false, 0, 'refused');
    expect(known.add(spread(MAX_KNOWN_PEERS), 'tracker')).toBe(true);
    expect(known.size).toBe(MAX_KNOWN_PEERS);
    expect(known.add(failed[0]!, 'tracker'), 'failed once, still known').toBe(false);
    expect(known.add(failed[1]!, 'tracker'), 'failed twice, was forgotten').toBe(true);
  });

  test.each([
    ['one address', (at: number): Address => ({ host: '203.0.113.7', port: 1 + at })],
    ['one IPv6 /64', (at: number): Address => ({ host: `2001:db8::${(at + 1).toString(16)}`, port: 6881 })],
    ['one network', (at: number): Address => ({ host: `203.0.113.${at & 255}`, port: 1 + (at >> 8) })],
    [
      'one IPv6 /48',
      (at: number): Address => ({ host: `2001:db8:0:${(at + 1).toString(16)}::1`, port: 6881 }),
    ],
  ])('add() and takeNext() leave other addresses their share when %s fills all places', (_, greedy) => {
    const known = new KnownPeers(halfway);
    for (let at = 0; at < MAX_KNOWN_PEERS; at += 1) expect(known.add(greedy(at), 'tracker')).toBe(true);
    const others = Array.from({ length: 200 }, (__, at): Address => ({ host: `10.0.${at}.1`, port: 6881 }));
    for (const other of others) expect(known.add(other, 'tracker')).toBe(true);
    expect(known.allCount).toBe(MAX_KNOWN_PEERS);
    for (let at = 0; at < 100; at += 1) known.add(greedy(MAX_KNOWN_PEERS + at), 'tracker');
    for (const other of others) expect(known.add(other, 'tracker'), 'still known').toBe(false);
    const dialed = Array.from({ length: 201 }, () => known.takeNext(0)!);
    expect(new Set(dialed.map(({ host }) => host)).size, 'all others, and one of the greedy').toBe(201);
  });

  test('takeNext() limits the connections being opened to one address and to one network', () => {
    const known = new KnownPeers(halfway);
    for (let port = 1; port <= 50; port += 1) known.add({ host: '203.0.113.7', port }, 'tracker');
    const takeAll = () => {
      const taken: Address[] = [];
      for (let next = known.takeNext(0); next !== undefined; next = known.takeNext(0)) taken.push(next);
      return taken;
    };
    const dialed = takeAll();
    expect(dialed).toHaveLength(MAX_DIALING_PER_SITE);
    known.reached(dialed[0]!);
    known.release(dialed[1]!, false, 0, 'timedOut');
    expect(takeAll(), 'one is connected, one has failed').toHaveLength(2);
    for (let at = 8; at < 50; at += 1) known.add({ host: `203.0.113.${at}`, port: 1 }, 'tracker');
    expect(takeAll()).toHaveLength(MAX_DIALING_PER_NETWORK - MAX_DIALING_PER_SITE);
    known.add({ host: '198.51.100.1', port: 1 }, 'tracker');
    expect(takeAll()).toHaveLength(1);
  });

  test('takeNext() pauses after many failures at one address, and does not at other addresses', () => {
    const known = new KnownPeers(halfway);
    for (let port = 1; port <= 50; port += 1) known.add({ host: '203.0.113.7', port }, 'tracker');
    for (let failures = 0; failures < MAX_QUICK_FAILURES; failures += 1) {
      known.release(known.takeNext(0)!, false, 0, 'refused');
    }
    expect(known.takeNext(0)).toBeUndefined();
    known.add({ host: '203.0.113.8', port: 1 }, 'tracker');
    expect(known.takeNext(0)).toEqual({ host: '203.0.113.8', port: 1 });
    const next = known.takeNext(100)!;
    expect(next.host).toBe('203.0.113.7');
    known.release(next, true, 100, 'closed');
    expect(known.takeNext(100), 'after one that was of use').toBeDefined();
  });

  test('takeNext() gives an address that failed again before all ports of another address were tried', () => {
    const known = new KnownPeers(halfway);
    const honest = { host: '198.51.100.1', port: 6881 };
    known.add(honest, 'tracker');
    for (let port = 1; port <= 100; port += 1) known.add({ host: '203.0.113.7', port }, 'tracker');
    const dialed: string[] = [];
    for (let now = 0; now < 20 * 10_000; now += 10_000) {
      const next = known.takeNext(now)!;
      known.release(next, false, now, 'timedOut');
      dialed.push(next.host);
    }
    expect(dialed.filter((host) => host === honest.host).length).toBeGreaterThan(2);
  });

  test('takeNext() waits for at most a minute when no peer is connected', () => {
    const known = knownPeers(1);
    for (let failure = 0; failure < 12; failure += 1) {
      known.takeNext(Number.MAX_SAFE_INTEGER);
      known.release(address(0), false, 1000, 'refused');
    }
    expect(known.takeNext(61_000)).toBeUndefined();
    expect(known.takeNext(60_999, true)).toBeUndefined();
    expect(known.takeNext(61_000, true)).toEqual(address(0));
  });

  test('lastEnds has the end of the last attempt for each address that is not in use', () => {
    const known = knownPeers(4);
    for (let at = 0; at < 4; at += 1) known.takeNext(0);
    known.release(address(0), false, 0, 'timedOut');
    known.release(address(1), false, 0, 'timedOut');
    known.release(address(1), true, 0, 'closed');
    known.release(address(2), false, 0, 'refused');
    expect(known.lastEnds).toEqual(['timedOut', 'closed', 'refused']);
    known.takeNext(4000);
    expect(known.lastEnds).toHaveLength(2);
  });
});
