import { describe, expect, test } from 'vitest';
import { type Address, type Random, seededRandom } from '../util/index.ts';
import { KnownPeers, MAX_KNOWN_PEERS } from './known-peers.ts';

const address = (at: number): Address => ({ host: `10.0.${at >> 8}.${at & 255}`, port: 6881 });

const halfway: Random = { next: () => 0.5 };

function knownPeers(count: number, random = halfway): KnownPeers {
  const known = new KnownPeers(random);
  for (let at = 0; at < count; at += 1) known.add(address(at));
  return known;
}

describe('KnownPeers', () => {
  test('add() passes over what is known', () => {
    const known = knownPeers(1);
    expect(known.add({ ...address(0) })).toBe(false);
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

  test('takeNext() prefers what failed least', () => {
    const known = knownPeers(2);
    known.takeNext(0);
    known.release(address(0), false, 0, 'refused');
    expect(known.takeNext(60_000)).toEqual(address(1));
  });

  test('ban() is for ever, and the address counts no longer', () => {
    const known = knownPeers(1);
    known.takeNext(0);
    known.ban(address(0));
    known.ban(address(0));
    known.release(address(0), true, 0, 'closed');
    expect(known.takeNext(1e12)).toBeUndefined();
    expect(known.size).toBe(0);
    expect(known.add(address(0))).toBe(false);
  });

  test('add() beyond the limit takes the place of what failed most, and of nothing else', () => {
    const known = knownPeers(MAX_KNOWN_PEERS);
    expect(known.add(address(MAX_KNOWN_PEERS))).toBe(false);
    for (const failures of [1, 2]) {
      const taken = [known.takeNext(1e9), known.takeNext(1e9)];
      for (const one of taken) known.release(one!, false, 0, 'refused');
      if (failures === 2) known.release(address(0), false, 0, 'refused');
    }
    expect(known.add(address(MAX_KNOWN_PEERS))).toBe(true);
    expect(known.size).toBe(MAX_KNOWN_PEERS);
    expect(known.add(address(0)), 'it was forgotten').toBe(true);
  });

  test('takeNext() waits for a minute at the most when no peer is connected', () => {
    const known = knownPeers(1);
    for (let failure = 0; failure < 12; failure += 1) {
      known.takeNext(Number.MAX_SAFE_INTEGER);
      known.release(address(0), false, 1000, 'refused');
    }
    expect(known.takeNext(61_000)).toBeUndefined();
    expect(known.takeNext(60_999, true)).toBeUndefined();
    expect(known.takeNext(61_000, true)).toEqual(address(0));
  });

  test('lastEnds tells how the last attempt ended for each address that is not in use', () => {
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
