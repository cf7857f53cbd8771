import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../util/index.ts';
import { MAX_WS_PLACES_PER_ADDRESS, MAX_WS_PLACES_PER_NETWORK } from './ws-places.ts';
import { type PeerLink, type WsPeer, WsSwarm } from './ws-swarm.ts';

function linkFrom(host: string, network = `${host}/24`): PeerLink {
  return { host, clientKey: host, network, peers: [], send: () => {} };
}

const link = linkFrom('192.0.2.1');

function picked(swarm: WsSwarm, asker: WsPeer, count: number, seed: number): string[] {
  const found: string[] = [];
  const taken = swarm.pick(asker, count, seededRandom(seed), (peer, at) => {
    expect(at).toBe(found.length);
    found.push(peer.id);
  });
  expect(taken).toBe(found.length);
  return found;
}

describe('WsSwarm', () => {
  test('pick() gives all others, each once, never the asking peer, and no seeders to a seeder', () => {
    fc.assert(
      fc.property(
        fc.array(fc.boolean(), { minLength: 1, maxLength: 30 }),
        fc.nat(40),
        fc.nat(),
        (roles, count, seed) => {
          const swarm = new WsSwarm('swarm', 0);
          const peers = roles.map((isSeeder, at) => swarm.join(`peer ${at}`, link, isSeeder));
          for (const asker of peers) {
            const useful = peers.filter((peer) => peer !== asker && !(asker.isSeeder && peer.isSeeder));
            const found = picked(swarm, asker, count, seed);
            expect(found).toHaveLength(Math.min(count, useful.length));
            expect(new Set(found).size).toBe(found.length);
            expect(useful.map(({ id }) => id)).toEqual(expect.arrayContaining(found));
          }
        },
      ),
    );
  });

  test('pick() gives every peer sooner or later', () => {
    const swarm = new WsSwarm('swarm', 0);
    const asker = swarm.join('asker', link, false);
    for (let at = 0; at < 10; at += 1) swarm.join(`peer ${at}`, link, at % 2 === 0);
    const random = seededRandom(1);
    const found = new Set<string>();
    for (let round = 0; round < 200; round += 1) swarm.pick(asker, 1, random, ({ id }) => found.add(id));
    expect(found.size).toBe(10);
  });

  test('pick() gives all peers of other addresses before a second one of an address with thousands', () => {
    const swarm = new WsSwarm('swarm', 0);
    const honest = Array.from({ length: 6 }, (_, at) =>
      swarm.join(`honest ${at}`, linkFrom(`198.51.${at}.1`), at === 0),
    );
    const flood = linkFrom('192.0.2.1');
    for (let at = 0; at < 2000; at += 1) swarm.join(`flood ${at}`, flood, at % 2 === 0);
    for (let seed = 0; seed < 100; seed += 1) {
      const found = picked(swarm, honest[1]!, 5, seed);
      expect(found.filter((id) => id.startsWith('honest')).length).toBeGreaterThanOrEqual(4);
    }
    expect(swarm.complete + swarm.incomplete).toBe(MAX_WS_PLACES_PER_ADDRESS + honest.length);
  });

  test('pick() gives peers of other networks when one network fills the swarm from all its addresses', () => {
    const swarm = new WsSwarm('swarm', 0);
    const honest = Array.from({ length: 6 }, (_, at) =>
      swarm.join(`honest ${at}`, linkFrom(`198.51.${at}.1`), false),
    );
    for (let at = 0; at < 5000; at += 1)
      swarm.join(`flood ${at}`, linkFrom(`192.0.2.${at % 256}`, '192.0.2.0/24'), false);
    for (let seed = 0; seed < 100; seed += 1) {
      const found = picked(swarm, honest[0]!, 5, seed);
      expect(found.filter((id) => id.startsWith('honest')).length).toBeGreaterThanOrEqual(4);
    }
    expect(swarm.incomplete).toBe(MAX_WS_PLACES_PER_NETWORK + honest.length);
  });

  test('a peer beyond the places of its address gets one when one of them is free and it announces again', () => {
    const swarm = new WsSwarm('swarm', 0);
    const campus = linkFrom('192.0.2.1');
    const peers = Array.from({ length: MAX_WS_PLACES_PER_ADDRESS + 2 }, (_, at) =>
      swarm.join(`peer ${at}`, campus, false),
    );
    const beyond = peers.at(-1)!;
    expect(swarm.incomplete).toBe(MAX_WS_PLACES_PER_ADDRESS);
    expect(picked(swarm, beyond, 5, 1)).toHaveLength(5);
    swarm.update(beyond, true, false);
    expect([swarm.complete, swarm.find(beyond.id)]).toEqual([0, beyond]);
    swarm.leave(peers[0]!);
    swarm.update(beyond, true, false);
    expect([swarm.complete, swarm.incomplete]).toEqual([1, MAX_WS_PLACES_PER_ADDRESS - 1]);
    for (const peer of peers.slice(1)) swarm.leave(peer);
    expect([swarm.size, swarm.complete, swarm.incomplete]).toEqual([0, 0, 0]);
    swarm.join('again', campus, false);
    expect(swarm.incomplete).toBe(1);
  });

  test('counts and lists equal those of a plain map after any joins, leaves and completions', () => {
    const step = fc.record({ id: fc.nat(9), what: fc.constantFrom('join', 'leave', 'seed', 'unseed') });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const swarm = new WsSwarm('swarm', 0);
        const model = new Map<string, boolean>();
        for (const { id: number, what } of steps) {
          const id = `peer ${number}`;
          const peer = swarm.find(id);
          expect(peer !== undefined).toBe(model.has(id));
          if (peer === undefined) {
            if (what === 'join') {
              swarm.join(id, link, false);
              model.set(id, false);
            }
          } else if (what === 'leave') {
            swarm.leave(peer);
            model.delete(id);
          } else if (what !== 'join') {
            swarm.update(peer, what === 'seed', true);
            model.set(id, what === 'seed');
          }
          const seeders = [...model.values()].filter(Boolean).length;
          expect([swarm.size, swarm.complete, swarm.incomplete]).toEqual([
            model.size,
            seeders,
            model.size - seeders,
          ]);
        }
        const outsider = swarm.join('outsider', link, false);
        expect(picked(swarm, outsider, 100, 1).sort()).toEqual([...model.keys()].sort());
      }),
    );
  });

  test('update() counts a download when a leecher sends `completed`', () => {
    const swarm = new WsSwarm('swarm', 0);
    const [late, silent, seeder] = [
      swarm.join('late', link, false),
      swarm.join('silent', link, false),
      swarm.join('seeder', link, true),
    ];
    swarm.update(late, true, true);
    swarm.update(late, true, true);
    swarm.update(silent, true, false);
    swarm.update(seeder, true, true);
    expect(swarm.scrape()).toEqual({ complete: 3, incomplete: 0, downloaded: 1 });
  });
});
