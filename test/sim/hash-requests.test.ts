import { describe, expect, test } from 'vitest';
import {
  HashLayers,
  leafHashes,
  leavesPerPiece,
  MERKLE_HASH_BYTES,
  type MetainfoFile,
  merkleLayers,
  powerOfTwoFrom,
  rootOfRun,
  treeHeight,
} from '../../src/metainfo/index.ts';
import { Bitfield, equalBytes } from '../../src/util/index.ts';
import { encodeBitfield, encodeHashRequest, type HashRequest } from '../../src/wire/index.ts';
import type { ScriptedLink } from './scripted-peer.ts';
import type { SimPeer } from './sim-peer.ts';
import type { TorrentPlan } from './sim-torrent.ts';
import { type Swarm, simulate } from './swarm.ts';

const KiB = 1024;
const MiB = 1024 * KiB;
/** The bytes that a peer which reads nothing can make a seed hold. */
const MAX_WAITING = 3 * MiB;
/** One of several pieces that ends within a block, one of one piece, one of one block, one of none. */
const PLAN: TorrentPlan = {
  version: 'v2',
  files: [11 * 64 * KiB + 20 * KiB + 5, 40 * KiB, 100, 0],
  pieceLength: 64 * KiB,
};
const NOTHING = new Uint8Array(MERKLE_HASH_BYTES);

/** A file's whole tree, made from its bytes. */
function treeOf(swarm: Swarm, { offset, length }: MetainfoFile): HashLayers {
  const leaves = leafHashes(swarm.torrent.stream.subarray(offset, offset + length));
  const count = leaves.length / MERKLE_HASH_BYTES;
  const width = powerOfTwoFrom(count);
  return new HashLayers(merkleLayers(leaves, width, NOTHING), count, width, NOTHING);
}

/** All runs of the file's tree, each with as much proof as there is. */
function* runsOf(file: MetainfoFile): Generator<HashRequest> {
  const height = treeHeight(file.length);
  for (let baseLayer = 0; baseLayer < height; baseLayer += 1) {
    const width = 2 ** (height - baseLayer);
    for (let length = 1; length <= width; length *= 2) {
      for (let index = 0; index < width; index += length) {
        yield { piecesRoot: file.piecesRoot!, baseLayer, index, length, proofLayers: height - baseLayer - 1 };
      }
    }
  }
}

interface Asking {
  readonly answers: { readonly request: HashRequest; readonly hashes: Uint8Array | undefined }[];
  readonly link: ScriptedLink;
}

/** A peer connected to another one, that asks for hashes without a word of interest. */
async function ask(swarm: Swarm, of: SimPeer, requests: readonly HashRequest[]): Promise<Asking> {
  const answers: Asking['answers'][number][] = [];
  const peer = swarm.addScripted({
    v2: true,
    fast: true,
    introduce: (link) => {
      link.send(encodeBitfield(new Bitfield(link.torrent.metainfo.pieceCount)));
      link.send(Buffer.concat(requests.map(encodeHashRequest)));
    },
    onHashes: (_, request, hashes) =>
      answers.push({ request: { ...request, piecesRoot: new Uint8Array(request.piecesRoot) }, hashes }),
  });
  peer.dial(of.address);
  await swarm.clock.runUntil(() => peer.links.length > 0, 10_000);
  return { answers, link: peer.links[0]! };
}

describe('a seed answers hash requests', () => {
  test.each(['v2', 'hybrid'] as const)('for any run of a %s torrent with what proves it', (version) =>
    simulate(1, { ...PLAN, version }, async (swarm) => {
      const seed = await swarm.addSeed();
      for (const file of swarm.torrent.metainfo.files.filter(({ length }) => length > 0)) {
        const requests = [...runsOf(file)];
        const { pieceLength } = swarm.torrent.metainfo;
        const perPiece = leavesPerPiece(file.length, pieceLength);
        // Those of leaves, of pieces and above, and of a piece.
        const mustBeAnswered = ({ baseLayer, length }: HashRequest) =>
          baseLayer === 0 || 2 ** baseLayer >= perPiece || length * 2 ** baseLayer <= perPiece;
        // No more at a time than may wait.
        for (let at = 0; at < requests.length; at += 60) {
          const some = requests.slice(at, at + 60);
          const { answers, link } = await ask(swarm, seed, some);
          await swarm.clock.runUntil(() => answers.length === some.length, 10_000);
          expect(answers.map(({ request }) => request)).toEqual(some);
          for (const { request, hashes } of answers) {
            if (hashes === undefined) {
              expect(mustBeAnswered(request), JSON.stringify(request)).toBe(false);
              continue;
            }
            const { baseLayer, index, length } = request;
            const base = treeOf(swarm, file).hashes(baseLayer, index, length);
            expect(equalBytes(hashes.subarray(0, base.length), base)).toBe(true);
            expect(equalBytes(rootOfRun(request, hashes), file.piecesRoot!)).toBe(true);
          }
          link.connection.destroy();
        }
      }
    }),
  );

  test('with a reject where there is no such run, file or tree', () =>
    simulate(2, PLAN, async (swarm) => {
      const seed = await swarm.addSeed();
      const [file] = swarm.torrent.metainfo.files;
      const good = { piecesRoot: file!.piecesRoot!, baseLayer: 2, index: 0, length: 8, proofLayers: 3 };
      const bad: HashRequest[] = [
        { ...good, piecesRoot: new Uint8Array(32) },
        { ...good, index: 4 },
        { ...good, length: 0 },
        { ...good, length: 3 },
        { ...good, length: 32 },
        { ...good, baseLayer: 6 },
        { ...good, proofLayers: 4 },
        { ...good, index: 0xffff_fff8 },
      ];
      const { answers, link } = await ask(swarm, seed, [...bad, good]);
      await swarm.clock.runUntil(() => answers.length === bad.length + 1, 10_000);
      expect(answers.map(({ hashes }) => hashes !== undefined)).toEqual([...bad.map(() => false), true]);
      expect(link.isClosed).toBe(false);
    }));

  test('of a v1 torrent with a reject', () =>
    simulate(3, { ...PLAN, version: 'v1' }, async (swarm) => {
      const seed = await swarm.addSeed();
      const request = { piecesRoot: NOTHING, baseLayer: 0, index: 0, length: 2, proofLayers: 0 };
      const { answers } = await ask(swarm, seed, [request]);
      await swarm.clock.runUntil(() => answers.length === 1, 10_000);
      expect(answers).toEqual([{ request, hashes: undefined }]);
    }));

  test('of pieces whose data is not what it was with a reject, and says so', () =>
    simulate(4, PLAN, async (swarm) => {
      const seed = await swarm.addSeed();
      await seed.storage.write(70 * KiB, new Uint8Array(10));
      const request = { baseLayer: 0, index: 0, length: 4, proofLayers: 1 };
      const { piecesRoot } = swarm.torrent.metainfo.files[0]!;
      const { answers } = await ask(swarm, seed, [
        { ...request, piecesRoot: piecesRoot! },
        { ...request, piecesRoot: piecesRoot!, index: 4 },
      ]);
      await swarm.clock.runUntil(() => answers.length === 2, 10_000);
      expect(answers.map(({ hashes }) => hashes?.length)).toEqual([4 * 32, undefined]);
      expect(swarm.reports.splice(0)).toEqual([
        expect.stringMatching(/hashes of piece 1 .* has changed since it was verified/),
      ]);
    }));
});

test('a leecher answers hash requests of the pieces it has, and of those above', () =>
  simulate(5, { version: 'v2', files: [8 * MiB], pieceLength: MiB }, async (swarm) => {
    const seed = await swarm.addSeed({ up: 200_000 });
    const leecher = await swarm.addLeecher();
    swarm.introduceAll();
    await swarm.clock.runUntil(() => leecher.pieces.length === 1, 60_000);
    const [file] = swarm.torrent.metainfo.files;
    const [had] = leecher.pieces;
    const ofPiece = (piece: number) => ({
      piecesRoot: file!.piecesRoot!,
      baseLayer: 0,
      index: piece * 64,
      length: 64,
      proofLayers: 8,
    });
    const { answers } = await ask(swarm, leecher, [
      ofPiece(had!),
      ofPiece((had! + 1) % 8),
      { ...ofPiece(0), baseLayer: 6, length: 8, proofLayers: 2 },
    ]);
    await swarm.clock.runUntil(() => answers.length === 3, 10_000);
    expect(answers.map(({ hashes }) => hashes?.length)).toEqual([(64 + 3) * 32, undefined, 8 * 32]);
    expect(seed.failures).toEqual([]);
  }));

/** The pieces that a seed may read in the first second of a flood of requests for hashes: 16 MiB, and the burst before. */
const MAX_PIECES_READ = 32;
/** The bytes of hash trees that a seed may keep. */
const MAX_TREE_BYTES = 8 * MiB;
/** The requests of a flood of 5000 that may be answered; the others are rejected. */
const MAX_ANSWERED = 200;
/** The bytes a second that a limit lets a seed upload, and the part of ten seconds of them by which hashes may differ. */
const UPLOAD_LIMIT = 10_000;
const NEAR_LIMIT = 0.1;

describe('a peer that asks for hashes without end', () => {
  /** So many requests for the leaves of one piece after the other. */
  function flood(swarm: Swarm, count: number): HashRequest[] {
    const [file] = swarm.torrent.metainfo.files;
    return Array.from({ length: count }, (_, at) => ({
      piecesRoot: file!.piecesRoot!,
      baseLayer: 0,
      index: (at % 64) * 64,
      length: 64,
      proofLayers: 5,
    }));
  }

  test('costs a bounded amount of reading, and waits no longer than others', () =>
    simulate(6, { version: 'v2', files: [64 * MiB], pieceLength: MiB }, async (swarm) => {
      const seed = await swarm.addSeed();
      const before = seed.storage.readCount;
      const { answers } = await ask(swarm, seed, flood(swarm, 64));
      await swarm.clock.pass(1000);
      expect(seed.storage.readCount - before).toBeLessThanOrEqual(MAX_PIECES_READ);
      const other = await ask(swarm, seed, flood(swarm, 1));
      await swarm.clock.runUntil(() => other.answers.length === 1, 500);
      await swarm.clock.runUntil(() => answers.length === 64, 10_000);
      expect(answers.every(({ hashes }) => hashes !== undefined)).toBe(true);
      expect(seed.session.usage.hashTreeBytes).toBeLessThanOrEqual(MAX_TREE_BYTES);
    }));

  test('is told of each request that it gets no more', () =>
    simulate(7, { version: 'v2', files: [64 * MiB], pieceLength: MiB }, async (swarm) => {
      const seed = await swarm.addSeed();
      const { answers, link } = await ask(swarm, seed, flood(swarm, 5000));
      await swarm.clock.runUntil(() => answers.length === 5000, 20_000);
      expect(answers.filter(({ hashes }) => hashes !== undefined).length).toBeLessThan(MAX_ANSWERED);
      expect(link.isClosed).toBe(false);
    }));

  test('and reads none of them costs no memory', () =>
    simulate(8, { version: 'v2', files: [64 * MiB], pieceLength: MiB }, async (swarm) => {
      const seed = await swarm.addSeed();
      const peer = swarm.addScripted({
        v2: true,
        introduce: (link) => {
          link.connection.pause();
          for (let round = 0; round < 100; round += 1) {
            link.send(Buffer.concat(flood(swarm, 1000).map(encodeHashRequest)));
          }
        },
      });
      peer.dial(seed.address);
      await swarm.clock.pass(100_000);
      const waiting = [...seed.host.connections].map((connection) => connection.bytesWaiting);
      expect(Math.max(...waiting)).toBeLessThan(MAX_WAITING);
    }));

  test('gets no more bytes than the limit lets it', () =>
    simulate(9, { version: 'v2', files: [2 * MiB], pieceLength: 16 * KiB }, async (swarm) => {
      const seed = await swarm.addSeed({ limits: { up: UPLOAD_LIMIT } });
      const [file] = swarm.torrent.metainfo.files;
      const request = { piecesRoot: file!.piecesRoot!, baseLayer: 0, index: 0, length: 128, proofLayers: 6 };
      const requests = Array.from({ length: 50 }, () => request);
      const { answers } = await ask(swarm, seed, requests);
      await swarm.clock.pass(10_000);
      const bytes = answers.reduce((sum, { hashes }) => sum + hashes!.length, 0);
      expect(bytes).toBeGreaterThan(10 * UPLOAD_LIMIT * (1 - NEAR_LIMIT));
      expect(bytes).toBeLessThan(10 * UPLOAD_LIMIT * (1 + NEAR_LIMIT));
    }));
});
