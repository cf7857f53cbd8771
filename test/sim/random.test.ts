import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Random, randomBelow, seededRandom } from '../../src/util/index.ts';
import { sendZeros } from './scripted-peer.ts';
import type { SimPeer, SimPeerOptions } from './sim-peer.ts';
import { type Swarm, simulate } from './swarm.ts';

const KiB = 1024;
const RUNS = 25;
/** `SIM_SEED=7 SIM_RUNS=1 npx vitest run build/test/sim/random.test.js` repeats the run with seed 7. */
const { SIM_SEED, SIM_RUNS } = process.env;
/** However it goes, the last leecher is done by then, the longest back-off of a peer that was away included. */
const LIMIT_MS = 30 * 60_000;

function oneOf<T>(random: Random, choices: readonly T[]): T {
  return choices[randomBelow(random, choices.length)]!;
}

function randomPeer(random: Random): SimPeerOptions {
  return {
    up: oneOf(random, [100, 500, 4000]) * KiB,
    down: oneOf(random, [500, 8000]) * KiB,
    latency: oneOf(random, [0, 1, 20, 150]),
    uploadSlots: oneOf(random, [1, 2, 16]),
    maxConnections: oneOf(random, [2, 5, 500]),
    pieceMemoryBytes: oneOf(random, [1, 300 * KiB, 64_000 * KiB]),
    readCacheBytes: oneOf(random, [1, 32_000 * KiB]),
    checkMs: oneOf(random, [0, 5, 100]),
  };
}

/** Something that happens to a swarm. @returns the peer that is out of it from now on */
async function mishap(random: Random, swarm: Swarm, peer: SimPeer): Promise<SimPeer | undefined> {
  switch (oneOf(random, ['close', 'reset', 'vanish', 'dark', 'full', 'broken'] as const)) {
    case 'close':
      await swarm.close([peer]);
      return peer;
    case 'reset':
      peer.host.resetAll();
      return undefined;
    case 'vanish':
      peer.host.vanish();
      return peer;
    case 'dark':
      peer.host.isDark = true;
      swarm.clock.setTimer(20_000, () => {
        peer.host.isDark = false;
      });
      return undefined;
    case 'full':
      peer.storage.room = 100 * KiB;
      return peer;
    case 'broken':
      peer.storage.canRead = false;
      return peer;
  }
}

async function liveThroughIt(random: Random, swarm: Swarm): Promise<void> {
  const stable = await swarm.addSeed({ up: 2000 * KiB, maxConnections: 100 });
  for (let count = randomBelow(random, 3); count > 0; count -= 1) await swarm.addSeed(randomPeer(random));
  for (let count = 1 + randomBelow(random, 5); count > 0; count -= 1)
    await swarm.addLeecher(randomPeer(random));
  for (const peer of swarm.peers) peer.storage.delayMs = oneOf(random, [0, 0, 10, 200]);
  const bad = random.next() < 0.3 ? [swarm.addScripted({ serve: sendZeros }).address] : [];
  swarm.introduceAll(oneOf(random, [undefined, swarm.peers]));
  for (const peer of swarm.peers) peer.torrent.addPeers(bad);

  const lost = new Set<SimPeer>();
  for (let count = randomBelow(random, 6); count > 0; count -= 1) {
    await swarm.clock.pass(randomBelow(random, 3000));
    if (random.next() < 0.2) swarm.introduceAll([await swarm.addLeecher(randomPeer(random))]);
    const peer = oneOf(random, swarm.peers);
    if (peer === stable || lost.has(peer)) continue;
    const gone = await mishap(random, swarm, peer);
    if (gone !== undefined) lost.add(gone);
  }
  if (random.next() < 0.3) return;
  const left = swarm.peers.filter((peer) => !lost.has(peer));
  await swarm.untilComplete(left, LIMIT_MS);
  const goodOnes = new Set(swarm.peers.map((peer) => peer.host.ip));
  for (const { badPeers } of left) {
    expect(badPeers.filter((name) => goodOnes.has(name.split(':')[0]!))).toEqual([]);
  }
}

test('every peer that is left in a swarm gets the file, whatever happens, and nothing of the others remains', async () => {
  const plans = [
    { files: [1000 * KiB], pieceLength: 16 * KiB },
    { files: [3000 * KiB + 7], pieceLength: 256 * KiB },
    { files: [100, 700 * KiB, 0, 64 * KiB], pieceLength: 64 * KiB, version: 'hybrid' },
    { files: [900 * KiB, 33, 20 * KiB], pieceLength: 32 * KiB, version: 'v2' },
  ] as const;
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 1e9 }), async (seed) => {
      const random = seededRandom(seed);
      await simulate(seed, oneOf(random, plans), (swarm) => liveThroughIt(random, swarm));
    }),
    {
      numRuns: Number(SIM_RUNS ?? RUNS),
      examples: SIM_SEED === undefined ? [] : [[Number(SIM_SEED)]],
      // A smaller seed is no simpler case.
      endOnFailure: true,
    },
  );
});
