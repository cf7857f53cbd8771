import fc from 'fast-check';
import { expect } from 'vitest';
import type { PeerRole, SwarmStore } from '../../src/tracker/swarms/swarm-store.ts';
import { type MaybePromise, type Random, seededRandom } from '../../src/util/index.ts';
import { keysOf, SmallSwarms } from '../support/tracker/small-swarms.ts';

export interface SwarmStoreLimits {
  readonly maxSwarms?: number;
  readonly maxPeers?: number;
  readonly maxPeersPerSwarm?: number;
  readonly maxPeersPerAddress?: number;
}

/** A store that uses other limits from now on when told so: those that are not given are as by default. */
interface ConfigurableSwarmStore extends SwarmStore {
  configure(limits: SwarmStoreLimits & { peerTtl: number }): void;
}

/** Makes an empty store in which peers live for `peerTtl` milliseconds of the times that it is told. */
export type MakeSwarmStore = (
  options: SwarmStoreLimits & { peerTtl: number; random: Random },
) => MaybePromise<ConfigurableSwarmStore>;

/** Does the same to a store and to a plain map, many times over, at random; fast-check prints the seed of a failure. */
export async function agreesWithModel(make: MakeSwarmStore, numRuns: number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 300, size: 'max' }),
      fc.integer({ min: 1, max: 120 }),
      fc.nat(),
      async (steps, ttlSeconds, seed) => {
        const peerTtl = ttlSeconds * 1000;
        const swarms = new SmallSwarms(await make({ peerTtl, random: seededRandom(seed) }));
        const model: Model = { swarms: new Map(), peerTtl };
        for (const step of steps) await apply(swarms, model, step);
      },
    ),
    { numRuns },
  );
}

interface Known {
  peer: number;
  family: 4 | 6;
  role: PeerRole;
  seenAt: number;
}

interface Swarm {
  readonly peers: Map<string, Known>;
  downloaded: number;
}

interface Model {
  readonly swarms: Map<number, Swarm>;
  readonly peerTtl: number;
}

type Announce = {
  do: 'announce';
  swarm: number;
  peer: number;
  family: 4 | 6;
  role: PeerRole;
  isCompleted: boolean;
  numWant: number;
};
type Step =
  | Announce
  | { do: 'leave'; swarm: number; peer: number; family: 4 | 6 }
  | { do: 'wait'; seconds: number }
  | { do: 'expire' };

// Most of them in one swarm, so that it grows out of what is looked through row by row.
const swarm = fc.constantFrom(1, 1, 1, 1, 2, 3, 4);
const peer = fc.integer({ min: 1, max: 60 });
const family = fc.constantFrom<4 | 6>(4, 4, 4, 6);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('announce' as const),
      swarm,
      peer,
      family,
      role: fc.constantFrom<PeerRole>('seeder', 'partialSeed', 'downloader'),
      isCompleted: fc.boolean(),
      numWant: fc.nat(40),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('leave' as const), swarm, peer, family }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('wait' as const), seconds: fc.nat(90) }) },
  { weight: 1, arbitrary: fc.constant({ do: 'expire' as const }) },
);

async function apply(swarms: SmallSwarms, model: Model, step: Step): Promise<void> {
  switch (step.do) {
    case 'wait':
      swarms.now += step.seconds * 1000;
      return;
    case 'expire':
      for (const [number, { peers }] of model.swarms) {
        for (const [key, { seenAt }] of peers) if (swarms.now - seenAt > model.peerTtl) peers.delete(key);
        if (peers.size === 0) model.swarms.delete(number);
      }
      await swarms.expire();
      break;
    case 'leave':
      await swarms.leave(step.peer, step.family, step.swarm);
      model.swarms.get(step.swarm)?.peers.delete(`${step.family}/${step.peer}`);
      if (model.swarms.get(step.swarm)?.peers.size === 0) model.swarms.delete(step.swarm);
      break;
    case 'announce':
      await announce(swarms, model, step);
  }
  const peers = [...model.swarms.values()].reduce((sum, swarm) => sum + swarm.peers.size, 0);
  expect(await swarms.store.stats()).toEqual({ swarms: model.swarms.size, peers });
}

async function announce(swarms: SmallSwarms, model: Model, step: Announce): Promise<void> {
  const { peer, family, role } = step;
  const swarm = model.swarms.get(step.swarm) ?? { peers: new Map<string, Known>(), downloaded: 0 };
  model.swarms.set(step.swarm, swarm);
  const key = `${family}/${peer}`;
  const before = swarm.peers.get(key)?.role ?? 'seeder';
  if (step.isCompleted && role === 'seeder' && before !== 'seeder') swarm.downloaded += 1;
  swarm.peers.set(key, { peer, family, role, seenAt: swarms.now });

  const answer = await swarms.raw(peer, role, step);
  const all = [...swarm.peers.values()];
  const complete = all.filter((known) => known.role === 'seeder').length;
  expect(answer).toMatchObject({ complete, incomplete: all.length - complete });
  expect(await swarms.scrape(step.swarm)).toEqual({
    complete,
    incomplete: all.length - complete,
    downloaded: swarm.downloaded,
    downloaders: all.filter((known) => known.role === 'downloader').length,
  });
  const wanted = [...swarm.peers]
    .filter(([, known]) => known.peer !== peer && (role === 'downloader' || known.role === 'downloader'))
    .map(([key]) => key);
  const handedOut = keysOf(answer);
  expect(wanted).toEqual(expect.arrayContaining(handedOut));
  expect(new Set(handedOut).size).toBe(handedOut.length);
  // A peer that is there in both families, in different roles, may have taken another's place.
  const isTwice = all.filter((known) => known.peer === peer).length > 1;
  const expected = Math.min(step.numWant, wanted.length);
  expect(handedOut.length).toBeLessThanOrEqual(expected);
  expect(handedOut.length).toBeGreaterThanOrEqual(expected - (isTwice ? 1 : 0));
}
