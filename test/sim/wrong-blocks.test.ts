import { describe, expect, test } from 'vitest';
import {
  gatherHashes,
  HashLayers,
  leafHashes,
  MERKLE_HASH_BYTES,
  merkleLayers,
  powerOfTwoFrom,
} from '../../src/metainfo/index.ts';
import { encodeHashes, encodeHashReject, type HashRequest } from '../../src/wire/index.ts';
import { type ScriptedLink, type ScriptedPeer, sendBlock, sendZeros } from './scripted-peer.ts';
import type { SimPeer } from './sim-peer.ts';
import { type Swarm, simulate } from './swarm.ts';

const BLOCK = 16 * 1024;
const MiB = 1024 * 1024;
/** Pieces of 64 blocks, the last of which has a file end in it. */
const PLAN = { version: 'v2', files: [12 * MiB - 100_000], pieceLength: MiB } as const;

type ServeHashes = (link: ScriptedLink, request: HashRequest) => void;

const give: ServeHashes = (link, request) => {
  const { metainfo, stream } = link.torrent;
  const leaves = leafHashes(stream.subarray(0, metainfo.files[0]!.length));
  const count = leaves.length / MERKLE_HASH_BYTES;
  const none = new Uint8Array(MERKLE_HASH_BYTES);
  const width = powerOfTwoFrom(count);
  const tree = new HashLayers(merkleLayers(leaves, width, none), count, width, none);
  link.send(
    encodeHashes(
      request,
      gatherHashes(request, (...at) => tree.hashes(...at)),
    ),
  );
};
const lie: ServeHashes = (link, request) => {
  link.send(encodeHashes(request, new Uint8Array(request.length * MERKLE_HASH_BYTES).fill(5)));
};
const reject: ServeHashes = (link, request) => link.send(encodeHashReject(request));
const ignore: ServeHashes = () => {};

/** Slow peers, one of which sends one block of its second piece wrong, and a leecher that hears of all. */
async function besideOneWrongBlock(swarm: Swarm, good: readonly ServeHashes[], ofBad: ServeHashes = ignore) {
  const options = { up: 100_000, v2: true };
  const bad = swarm.addScripted({
    ...options,
    serveHashes: ofBad,
    serve: (link, request) => (link.requests.length === 80 ? sendZeros : sendBlock)(link, request),
  });
  // The fastest is asked for hashes first.
  const others = good.map((serveHashes) =>
    swarm.addScripted({ ...options, up: serveHashes === lie ? 150_000 : 100_000, serveHashes }),
  );
  const leecher = await swarm.addLeecher();
  leecher.torrent.addPeers([bad, ...others].map((peer) => peer.address));
  return { leecher, bad, others };
}

/** Blocks that came more often than once: those of a piece that was fetched twice, and some that endgame costs. */
const blocksWasted = (swarm: Swarm, leecher: SimPeer) =>
  (leecher.torrent.stats.downloaded - swarm.torrent.metainfo.length) / BLOCK;
const banned = (leecher: SimPeer) => leecher.badPeers.map((name) => name.split(':')[0]!).toSorted();
const hosts = (...peers: readonly ScriptedPeer[]) => peers.map(({ host }) => host.ip).toSorted();
const hashRequestsTo = (peer: ScriptedPeer) => peer.links.flatMap((link) => link.hashRequests);

/** The blocks that may come twice although only one was wrong: half of a piece. */
const MAX_BLOCKS_WASTED = 32;
/** The blocks that come twice at least where a whole piece of 64 blocks is lost. */
const BLOCKS_OF_LOST_PIECE = 60;

describe('a wrong block of a v2 piece', () => {
  test.each(['v2', 'hybrid'] as const)(
    'costs one block again, and disconnects the peer that sent it (%s)',
    (version) =>
      simulate(1, { ...PLAN, version }, async (swarm) => {
        const { leecher, bad } = await besideOneWrongBlock(swarm, [give, give, give]);
        await swarm.untilComplete([leecher], 100_000);
        expect(banned(leecher)).toEqual(hosts(bad));
        expect(leecher.torrent.stats.failedPieces).toBe(1);
        expect(blocksWasted(swarm, leecher)).toBeLessThan(MAX_BLOCKS_WASTED);
      }),
  );

  test('costs its piece where nobody gives hashes', () =>
    simulate(2, PLAN, async (swarm) => {
      const { leecher, bad } = await besideOneWrongBlock(swarm, [reject, reject, reject], reject);
      await swarm.untilComplete([leecher], 100_000);
      expect(banned(leecher)).toEqual(hosts(bad));
      expect(blocksWasted(swarm, leecher)).toBeGreaterThan(BLOCKS_OF_LOST_PIECE);
    }));

  test('is found though most who are asked do not answer, who are not asked again', () =>
    simulate(3, PLAN, async (swarm) => {
      const { leecher, bad, others } = await besideOneWrongBlock(swarm, [ignore, give]);
      await swarm.untilComplete([leecher], 100_000);
      expect(banned(leecher)).toEqual(hosts(bad));
      expect(blocksWasted(swarm, leecher)).toBeLessThan(MAX_BLOCKS_WASTED);
      expect(hashRequestsTo(others[0]!)).toHaveLength(1);
      expect(hashRequestsTo(others[1]!)).toHaveLength(1);
    }));

  test('costs its piece where nobody answers, in time', () =>
    simulate(4, PLAN, async (swarm) => {
      const { leecher, bad } = await besideOneWrongBlock(swarm, [ignore, ignore, ignore]);
      await swarm.untilComplete([leecher], 90_000);
      expect(banned(leecher)).toEqual(hosts(bad));
    }));

  test('is found though others lie, which costs them their connection', () =>
    simulate(5, PLAN, async (swarm) => {
      const { leecher, bad, others } = await besideOneWrongBlock(swarm, [lie, lie, give, give], lie);
      await swarm.untilComplete([leecher], 100_000);
      expect(banned(leecher)).toEqual(hosts(bad, others[0]!, others[1]!));
      expect(leecher.torrent.stats.failedPieces).toBe(1);
    }));

  test('is not asked about of peers that do not speak v2', () =>
    simulate(6, { ...PLAN, version: 'hybrid' }, async (swarm) => {
      const peers = [1, 2].map((at) =>
        swarm.addScripted({
          up: 100_000,
          serve: (link, request) =>
            (at === 1 && link.requests.length === 80 ? sendZeros : sendBlock)(link, request),
        }),
      );
      const leecher = await swarm.addLeecher();
      leecher.torrent.addPeers(peers.map((peer) => peer.address));
      await swarm.untilComplete([leecher], 200_000);
      expect(peers.flatMap(hashRequestsTo)).toEqual([]);
      expect(banned(leecher)).toEqual(hosts(peers[0]!));
    }));

  test('is found with the hashes of an engine like ours', () =>
    simulate(7, PLAN, async (swarm) => {
      const seeds = [await swarm.addSeed({ up: 100_000 }), await swarm.addSeed({ up: 100_000 })];
      const { leecher, bad } = await besideOneWrongBlock(swarm, []);
      leecher.torrent.addPeers(seeds.map((seed) => seed.address));
      await swarm.untilComplete([leecher], 200_000);
      expect(banned(leecher)).toEqual(hosts(bad));
      expect(leecher.torrent.stats.failedPieces).toBe(1);
      expect(blocksWasted(swarm, leecher)).toBeLessThan(MAX_BLOCKS_WASTED);
    }));

  test('is found in a piece of more leaves than can be asked for at once', () =>
    simulate(8, { version: 'v2', files: [40 * MiB - 5], pieceLength: 16 * MiB }, async (swarm) => {
      const { leecher, bad } = await besideOneWrongBlock(swarm, [give, give]);
      await swarm.untilComplete([leecher], 400_000);
      expect(banned(leecher)).toEqual(hosts(bad));
      expect(leecher.torrent.stats.failedPieces).toBe(1);
      expect(blocksWasted(swarm, leecher)).toBeLessThan(MAX_BLOCKS_WASTED);
    }));

  test('is forgotten when the session ends meanwhile', () =>
    simulate(9, PLAN, async (swarm) => {
      const { leecher, others } = await besideOneWrongBlock(swarm, [ignore, ignore]);
      await swarm.clock.runUntil(() => others.flatMap(hashRequestsTo).length > 0, 100_000);
      expect(leecher.isComplete).toBe(false);
    }));
});

test('a peer that sends nothing but wrong blocks, and no hashes, is banned at once', () =>
  simulate(11, PLAN, async (swarm) => {
    const bad = swarm.addScripted({ v2: true, serve: sendZeros });
    const leecher = await swarm.addLeecher();
    leecher.torrent.addPeers([bad.address]);
    await swarm.clock.runUntil(() => leecher.badPeers.length > 0, 2000);
    expect(hashRequestsTo(bad)).toEqual([]);
  }));

test("a piece that is right in one half of a hybrid alone ends the torrent, and is nobody's fault", () =>
  simulate(10, { ...PLAN, version: 'hybrid', wrongSha1: 3 }, async (swarm) => {
    await swarm.addSeed();
    const leecher = await swarm.addLeecher();
    swarm.introduceAll([leecher]);
    await swarm.clock.runUntil(() => leecher.failures.length > 0, 60_000);
    expect(leecher.failures).toMatchObject([{ code: 'HYBRID_MISMATCH' }]);
    expect(leecher.badPeers).toEqual([]);
  }));
