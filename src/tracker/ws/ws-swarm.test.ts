import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../util/index.ts';
import { type PeerLink, type WsPeer, WsSwarm } from './ws-swarm.ts';

const link: PeerLink = { host: '192.0.2.1', stranger: '192.0.2.1', peers: [], send: () => {} };

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
  test('pick() gives as many others as there are, each once, never the asker, and a seeder no seeders', () => {
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

  test('pick() gives everybody a chance', () => {
    const swarm = new WsSwarm('swarm', 0);
    const asker = swarm.join('asker', link, false);
    for (let at = 0; at < 10; at += 1) swarm.join(`peer ${at}`, link, at % 2 === 0);
    const random = seededRandom(1);
    const found = new Set<string>();
    for (let round = 0; round < 200; round += 1) swarm.pick(asker, 1, random, ({ id }) => found.add(id));
    expect(found.size).toBe(10);
  });

  test('counts and lists are those of a plain map after any joining, leaving and completing', () => {
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

  test('update() counts a download when a peer that had not everything says that it is completed', () => {
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
