import { describe, expect, test } from 'vitest';
import { encodePieceHeader } from '../../src/wire/index.ts';
import { type ScriptedLink, type ScriptedPeerOptions, sendBlock, sendZeros } from './scripted-peer.ts';
import type { SimPeerOptions } from './sim-peer.ts';
import type { TorrentPlan } from './sim-torrent.ts';
import { type Swarm, simulate } from './swarm.ts';

const KiB = 1024;
const MiB = 1024 * KiB;
/** The one honest peer. All the others are there before it. */
const SEED_RATE = 10 * MiB;
/** A torrent of 64 pieces of 8 blocks. */
const PLAN = { files: [8 * MiB], pieceLength: 128 * KiB };

/** The milliseconds beyond what the seed's line needs, for a download that the others hardly hold up. */
const HARDLY_LATER_MS = 1000;
/** As many milliseconds for one that takes two seconds longer, with the second in which silence is noticed. */
const TWO_SECONDS_LATER_MS = 3000;
/** As many milliseconds for one beside peers that are trusted when they begin to send rubbish. */
const BETRAYED_MS = 10_000;
/** The share of such peers that goes on for so long that it is banned. */
const BANNED_SHARE = 1 / 3;
/** As many milliseconds for a v2 download whose peers give no hashes, so that whole pieces are lost. */
const WITHOUT_HASHES_MS = 8000;
/** The pieces that each peer which sends rubbish can have downloaded again. */
const PIECES_WASTED_EACH = 2;
/** The part of the torrent that peers which send too little can have downloaded again. */
const HARDLY_WASTED = 0.1;
/** The part of a torrent of two large pieces that may be downloaded again. */
const WASTED_OF_LARGE_PIECES = 1.5;
/** The milliseconds until a seed is found behind thousands of ports that lead nowhere, with the download. */
const FOUND_MS = 5000;
/** The dials to one host at most: 16 that fail at once, then 8 a second for 15 seconds, and two to the seed. */
const MAX_DIALS = 16 + 15 * 8 + 2;
/** A download from all seeds together, in times that their lines need, and milliseconds until it is under way. */
const MAX_FLOORS = 1.25;
const START_MS = 300;
/** The bytes that a download may take in all, in sizes of the torrent. */
const MAX_COPIES = 1.1;

type Serve = NonNullable<ScriptedPeerOptions['serve']>;

/** Tells whether it is the second request that came over this connection, the fourth and so on. */
const isEven = (link: ScriptedLink) => link.requests.length % 2 === 0;

const halfRubbish: Serve = (link, request) => (isEven(link) ? sendZeros : sendBlock)(link, request);
const halfRubbishHalfNothing: Serve = (link, request) => {
  if (isEven(link)) sendZeros(link, request);
};
const halfNothing: Serve = (link, request) => {
  if (isEven(link)) sendBlock(link, request);
};
const nothing: Serve = () => {};
/** Sends the block that was asked for first, and not all of it. */
const beginning: Serve = (link, request) => {
  if (link.requests.length > 1) return;
  link.send(encodePieceHeader(request));
  link.send(new Uint8Array(100));
};
/** Answers so rarely that it is never silent for long. */
const rarely: Serve = (link, request) => {
  link.clock.setTimer(Math.min(link.requests.length, 60) * 1400, () => {
    if (!link.isClosed) sendBlock(link, request);
  });
};
/** The time at which the last answer of a connection leaves. */
const leavesAt = new WeakMap<ScriptedLink, number>();
/** Sends rubbish, 100 KiB of it a second: never silent, and slow. */
const slowRubbish: Serve = (link, request) => {
  const now = link.clock.now();
  const at = Math.max(leavesAt.get(link) ?? 0, now) + 160;
  leavesAt.set(link, at);
  link.clock.setTimer(at - now, () => {
    if (!link.isClosed) sendZeros(link, request);
  });
};
/** Sends all but the first block of a piece. */
const allButOne: Serve = (link, request) => {
  if (request.begin !== 0) sendBlock(link, request);
};
const rubbishOnceTrusted: Serve = (link, request) =>
  (link.requests.length > 16 && isEven(link) ? sendZeros : sendBlock)(link, request);

/**
 * Downloads from one honest seed beside many others that all say they have everything.
 *
 * @returns milliseconds beyond what the seed's line needs, and bytes beyond those of the torrent
 */
async function besideMany(swarm: Swarm, count: number, serve: Serve, options: SimPeerOptions = {}) {
  const seed = await swarm.addSeed({ up: SEED_RATE });
  const v2 = swarm.torrent.metainfo.version !== 'v1';
  const bad = Array.from({ length: count }, () => swarm.addScripted({ serve, v2 }));
  const leecher = await swarm.addLeecher(options);
  leecher.torrent.addPeers([...bad, seed].map(({ address }) => address));
  const took = await swarm.untilComplete([leecher], 120_000);
  expect(
    leecher.badPeers.filter((name) => name.startsWith(`${seed.host.ip}:`)),
    'the honest one',
  ).toEqual([]);
  return {
    late: took - (swarm.size / SEED_RATE) * 1000,
    wasted: leecher.torrent.stats.downloaded - swarm.size,
    banned: leecher.badPeers.length,
  };
}

function run(plan: TorrentPlan, work: (swarm: Swarm) => Promise<void>): Promise<void> {
  return simulate(1, plan, async (swarm) => {
    await work(swarm);
    // The timers of those that answer rarely.
    await swarm.clock.pass(90_000);
  });
}

describe.each([20, 60])('a v1 download beside %i peers', (count) => {
  test.each([
    ['send rubbish every second time', halfRubbish],
    ['send rubbish every second time and nothing the others', halfRubbishHalfNothing],
  ])('that %s takes hardly longer, wastes a piece for each, and bans all', (_, serve) =>
    run(PLAN, async (swarm) => {
      const { late, wasted, banned } = await besideMany(swarm, count, serve);
      expect(late).toBeLessThan(HARDLY_LATER_MS);
      expect(wasted).toBeLessThan(count * PIECES_WASTED_EACH * PLAN.pieceLength);
      expect(banned).toBe(count);
    }),
  );

  test.each([
    ['answer every second request', halfNothing],
    ['answer nothing', nothing],
    ['begin to send a block and do not go on', beginning],
    ['answer a request in 1.4 seconds', rarely],
  ])('that %s takes hardly longer', (_, serve) =>
    run(PLAN, async (swarm) => {
      const { late, wasted } = await besideMany(swarm, count, serve);
      expect(late).toBeLessThan(HARDLY_LATER_MS);
      expect(wasted).toBeLessThan(HARDLY_WASTED * swarm.size);
    }),
  );

  test('that send what is right until they are trusted is over, and bans those that went on', () =>
    run(PLAN, async (swarm) => {
      const { late, banned } = await besideMany(swarm, count, rubbishOnceTrusted);
      expect(late).toBeLessThan(BETRAYED_MS);
      expect(banned).toBeGreaterThan(count * BANNED_SHARE);
    }));

  test('that answer nothing takes two seconds longer when they can hold all pieces', () =>
    run({ files: [8 * MiB], pieceLength: 512 * KiB }, async (swarm) => {
      const { late } = await besideMany(swarm, count, nothing);
      expect(late).toBeLessThan(TWO_SECONDS_LATER_MS);
    }));

  test('that answer nothing takes two seconds longer when there is memory for few pieces', () =>
    run(PLAN, async (swarm) => {
      const { late } = await besideMany(swarm, count, nothing, { pieceMemoryBytes: 4 * MiB });
      expect(late).toBeLessThan(TWO_SECONDS_LATER_MS);
    }));
});

describe.each([
  [20, 12_000],
  [60, 16_000],
])('a v1 download of two large pieces beside %i peers', (count, limit) => {
  test.each([
    ['answer every second request', halfNothing],
    ['keep back one block of each piece', allButOne],
  ])('that %s takes seconds longer', (_, serve) =>
    run({ files: [2 * MiB], pieceLength: MiB }, async (swarm) => {
      const { late, wasted } = await besideMany(swarm, count, serve);
      expect(late).toBeLessThan(limit);
      expect(wasted).toBeLessThan(WASTED_OF_LARGE_PIECES * swarm.size);
    }),
  );
});

test('a v2 download beside 60 peers that send rubbish every second time and no hashes is done in seconds', () =>
  run({ files: [8 * MiB], pieceLength: 2 * MiB, version: 'v2' }, async (swarm) => {
    const { late } = await besideMany(swarm, 60, halfRubbish);
    expect(late).toBeLessThan(WITHOUT_HASHES_MS);
  }));

describe.each([
  [1, 40_000],
  [4, 10_000],
])('a v1 download of two pieces of %i MiB beside 60 peers', (length, limit) => {
  test('that send rubbish slowly takes as long as trying those of which nothing is known', () =>
    run({ files: [2 * length * MiB], pieceLength: length * MiB }, async (swarm) => {
      const { late } = await besideMany(swarm, 60, slowRubbish);
      expect(late).toBeLessThan(limit);
    }));
});

describe('a download that hears of one address with very many ports', () => {
  test.each([
    ['that lead nowhere', true],
    ['at which nobody listens', false],
  ])('%s finds the seed it hears of last in seconds', (_, isDark) =>
    simulate(1, PLAN, async (swarm) => {
      const greedy = swarm.network.addHost();
      greedy.isDark = isDark;
      const leecher = await swarm.addLeecher();
      for (const start of [1, 20_001]) {
        leecher.torrent.addPeers(
          Array.from({ length: 2000 }, (__, at) => ({ host: greedy.ip, port: start + at })),
        );
        await swarm.clock.pass(5000);
      }
      const seed = await swarm.addSeed();
      leecher.torrent.addPeers([seed.address]);
      expect(await swarm.untilComplete([leecher], 30_000)).toBeLessThan(FOUND_MS);
      expect(leecher.host.dialCount, 'nobody is scanned').toBeLessThan(MAX_DIALS);
    }),
  );
});

describe('a fresh swarm, in which nobody has proven anything,', () => {
  test.each([1, 4, 16])('is as fast as its seeds together for a torrent of %i pieces', (pieces) =>
    simulate(1, { files: [16 * MiB], pieceLength: (16 * MiB) / pieces }, async (swarm) => {
      const seeds = await Promise.all(Array.from({ length: 8 }, () => swarm.addSeed({ up: MiB })));
      const leecher = await swarm.addLeecher();
      leecher.torrent.addPeers(seeds.map(({ address }) => address));
      const floor = (swarm.size / (8 * MiB)) * 1000;
      expect(await swarm.untilComplete([leecher], 60_000)).toBeLessThan(MAX_FLOORS * floor + START_MS);
      expect(leecher.torrent.stats.downloaded).toBeLessThan(MAX_COPIES * swarm.size);
    }),
  );
});
