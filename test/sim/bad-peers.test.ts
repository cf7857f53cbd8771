import { describe, expect, test } from 'vitest';
import { ExtendedId } from '../../src/extension/index.ts';
import { Bitfield } from '../../src/util/index.ts';
import {
  BLOCK_BYTES,
  encodeBitfield,
  encodeChoke,
  encodeExtended,
  encodeHave,
  encodeInterested,
  encodeKeepAlive,
  encodePieceHeader,
  encodeReject,
  encodeRequests,
  encodeUnchoke,
} from '../../src/wire/index.ts';
import { introduceAsSeed, type ScriptedPeerOptions, sendBlock, sendZeros } from './scripted-peer.ts';
import type { SimPeer } from './sim-peer.ts';
import { type Swarm, simulate } from './swarm.ts';

const MiB = 1024 * 1024;
const PLAN = { files: [8 * MiB + 5] };

/** The milliseconds in which the good seed sends the whole file over its line, with what the first requests take. */
const TRANSFER_MS = 9000;
/** The milliseconds after which a peer that owes blocks counts as silent, with the second in which that is noticed. */
const SNUB_MS = 15_000 + 1000;
/** The milliseconds that a peer may cost which loses the pieces that it is asked for. */
const LOST_PIECES_MS = 1000;
/** The requests that a peer may be sent in a second: a whole pipeline. */
const REQUESTS_PER_SECOND = 64;
/** The requests that a peer is sent at least when it is used for more than a trial. */
const USED_REQUESTS = 100;
/** The connections that a peer is given at most while the file comes from the other one. */
const MAX_TRIES = 4;
/** The bytes that a peer which reads nothing can make a seed hold. */
const MAX_WAITING = 3 * MiB;

/** The read cache of a seed: as much again may be pinned by what is being sent. */
const READ_CACHE_BYTES = MiB;

/** Downloads from one good seed and one bad peer. The leecher must get the file, and soon. */
function besideAGoodSeed(
  bad: ScriptedPeerOptions,
  check: (leecher: SimPeer, swarm: Swarm, bad: { isConnected: boolean; requestCount: number }) => void,
): Promise<void> {
  return simulate(1, PLAN, async (swarm) => {
    const seed = await swarm.addSeed({ up: MiB });
    const peer = swarm.addScripted(bad);
    const leecher = await swarm.addLeecher();
    leecher.torrent.addPeers([peer.address, seed.address]);
    await swarm.untilComplete([leecher], 60_000);
    expect(leecher.badPeers.filter((name) => name.startsWith(seed.host.ip))).toEqual([]);
    check(leecher, swarm, peer);
  });
}

/** Encodes the message that the peer has a piece no longer. @see BEP 54 */
function encodeDontHave(index: number): Uint8Array {
  const payload = new Uint8Array(4);
  new DataView(payload.buffer).setUint32(0, index);
  return encodeExtended(ExtendedId.dontHave, payload);
}

describe('a download beside a peer', () => {
  test('that has lost all its pieces asks it for none of them', () =>
    besideAGoodSeed(
      {
        extended: true,
        introduce: (link) => {
          link.send(encodeBitfield(Bitfield.full(link.torrent.metainfo.pieceCount)));
          for (let index = 0; index <= link.torrent.metainfo.pieceCount; index += 1)
            link.send(encodeDontHave(index));
          link.send(encodeUnchoke());
        },
      },
      (leecher, _, bad) => {
        expect(bad.requestCount).toBe(0);
        expect(leecher.badPeers, 'not even for an index that there is not').toEqual([]);
      },
    ));

  for (const fast of [true, false]) {
    const how = fast ? 'and rejects what it was asked for' : 'and drops what it was asked for';
    test(`that loses each piece it is asked for, ${how}, asks it for no block twice`, () => {
      const asked: string[] = [];
      return besideAGoodSeed(
        {
          extended: true,
          fast,
          serve: (link, request) => {
            asked.push(`${request.index}:${request.begin}`);
            link.send(encodeDontHave(request.index));
            if (fast) link.send(encodeReject(request));
          },
        },
        (leecher, swarm) => {
          expect(asked.length).toBe(new Set(asked).size);
          expect(swarm.clock.now()).toBeLessThan(TRANSFER_MS + LOST_PIECES_MS);
          expect(leecher.badPeers).toEqual([]);
        },
      );
    });
  }

  test('that never answers is over soon', () =>
    besideAGoodSeed({ serve: () => {} }, (leecher, swarm) => {
      expect(swarm.clock.now()).toBeLessThan(SNUB_MS + TRANSFER_MS);
      expect(leecher.torrent.stats.downloaded).toBe(swarm.size);
    }));

  test('that answers the first requests only is over soon', () =>
    besideAGoodSeed(
      {
        serve: (link, request) => {
          if (link.requests.length < 20) sendBlock(link, request);
        },
      },
      (_, swarm) => expect(swarm.clock.now()).toBeLessThan(SNUB_MS + TRANSFER_MS),
    ));

  test('that rejects everything sends it no flood of requests', () =>
    besideAGoodSeed(
      { fast: true, serve: (link, request) => link.send(encodeReject(request)) },
      (_, swarm, bad) => {
        expect(bad.requestCount).toBeLessThan(REQUESTS_PER_SECOND * (swarm.clock.now() / 1000 + 2));
      },
    ));

  test('that sends zeros bans it', () =>
    besideAGoodSeed({ serve: sendZeros }, (leecher, _, bad) => {
      expect(leecher.badPeers).toHaveLength(1);
      expect(bad.isConnected).toBe(false);
    }));

  test.each([1, 17_000, -1])(
    'that sends blocks %i bytes too long is over soon and takes no wrong piece',
    (extra) =>
      besideAGoodSeed(
        { serve: (link, request) => sendBlock(link, request, new Uint8Array(request.length + extra)) },
        (leecher, swarm) => {
          expect(swarm.clock.now()).toBeLessThan(SNUB_MS + TRANSFER_MS);
          expect(leecher.torrent.stats.failedPieces).toBe(0);
        },
      ),
  );

  test('that sends blocks to another place than asked is over soon and takes no wrong piece', () =>
    besideAGoodSeed(
      { serve: (link, request) => sendBlock(link, { ...request, begin: request.begin + 1 }) },
      (leecher, swarm) => {
        expect(swarm.clock.now()).toBeLessThan(SNUB_MS + TRANSFER_MS);
        expect(leecher.torrent.stats.failedPieces).toBe(0);
      },
    ));

  test('that sends blocks nobody asked for tries it again ever more rarely', () =>
    besideAGoodSeed(
      {
        introduce: (link) => {
          introduceAsSeed(link);
          for (let begin = 0; begin < 4 * MiB; begin += BLOCK_BYTES) {
            link.send(
              encodePieceHeader({
                index: (begin / 262_144) | 0,
                begin: begin % 262_144,
                length: BLOCK_BYTES,
              }),
            );
            link.send(new Uint8Array(BLOCK_BYTES));
          }
        },
        serve: () => {},
      },
      (leecher) => expect(leecher.badPeers.length).toBeLessThan(MAX_TRIES),
    ));

  test.each([
    ['noise', Uint8Array.from({ length: 5000 }, (_, at) => (at * 7919) & 0xff)],
    ['a have out of range', encodeHave(1_000_000)],
    ['a message of 4 GiB', Buffer.from('fffffffe07', 'hex')],
    ['a have of one byte', Buffer.from('000000020400', 'hex')],
  ])('that sends %s disconnects it', (_, bytes) =>
    besideAGoodSeed({ introduce: (link) => link.send(bytes) }, (leecher, __, bad) => {
      expect(bad.isConnected).toBe(false);
      expect(leecher.badPeers.length).toBeGreaterThan(0);
    }),
  );

  test('that sends keep-alives without end does not count it as bad', () =>
    besideAGoodSeed(
      {
        introduce: (link) => {
          introduceAsSeed(link);
          link.send(new Uint8Array(100_000 * encodeKeepAlive().length));
        },
      },
      (leecher) => expect(leecher.badPeers).toEqual([]),
    ));

  test('that tells its pieces one by one uses it', () =>
    besideAGoodSeed(
      {
        up: 4 * MiB,
        introduce: (link) => {
          for (let index = 0; index < 33; index += 1) link.send(encodeHave(index));
          link.send(encodeUnchoke());
        },
      },
      (_, __, bad) => expect(bad.requestCount).toBeGreaterThan(USED_REQUESTS),
    ));

  test('that tells its pieces a second time, and one more, uses it', () =>
    besideAGoodSeed(
      {
        up: 4 * MiB,
        introduce: (link) => {
          const pieces = Bitfield.full(33);
          pieces.delete(7);
          link.send(encodeBitfield(pieces));
          introduceAsSeed(link);
        },
      },
      (leecher, _, bad) => {
        expect(bad.requestCount).toBeGreaterThan(USED_REQUESTS);
        expect(leecher.badPeers).toEqual([]);
      },
    ));

  test.each([
    ['an extended handshake that is no bencode', encodeExtended(0, Buffer.from('<html>'))],
    ['an extended handshake that is too large', encodeExtended(0, new Uint8Array(100_000))],
    ['a request for no bytes', encodeRequests([{ index: 0, begin: 0, length: 0 }])],
    ['a request for a piece that is none', encodeRequests([{ index: 33, begin: 0, length: BLOCK_BYTES }])],
  ])('that sends %s uses it', (_, bytes) =>
    besideAGoodSeed(
      {
        up: 4 * MiB,
        fast: true,
        extended: true,
        introduce: (link) => {
          link.send(bytes);
          introduceAsSeed(link);
        },
      },
      (leecher, __, bad) => {
        expect(bad.requestCount).toBeGreaterThan(USED_REQUESTS);
        expect(leecher.badPeers).toEqual([]);
      },
    ),
  );

  test('that chokes and unchokes all the time does not count it as bad', () => {
    let isChoking = false;
    return besideAGoodSeed(
      {
        up: MiB,
        serve: (link, request) => {
          if (isChoking) return;
          sendBlock(link, request);
          if (link.requests.length % 50 !== 0) return;
          isChoking = true;
          link.send(encodeChoke());
          link.clock.setTimer(200, () => {
            isChoking = false;
            link.send(encodeUnchoke());
          });
        },
      },
      (leecher) => expect(leecher.badPeers).toEqual([]),
    );
  });
});

describe('wrong bytes', () => {
  test('from the only peer end the connection, not the download', () =>
    simulate(2, PLAN, async (swarm) => {
      const bad = swarm.addScripted({ serve: sendZeros });
      const leecher = await swarm.addLeecher();
      leecher.torrent.addPeers([bad.address]);
      await swarm.clock.pass(30_000);
      expect(bad.isConnected).toBe(false);
      expect(leecher.isComplete).toBe(false);
      const seed = await swarm.addSeed();
      leecher.torrent.addPeers([seed.address]);
      await swarm.untilComplete([leecher], 20_000);
      expect(leecher.host.dialCount).toBe(2);
    }));

  test.each([1, 2, 3, 4, 5])('mixed into pieces of good ones ban the one that sent them (seed %i)', (seed) =>
    simulate(seed, { files: [16 * MiB], pieceLength: 2 * MiB }, async (swarm) => {
      // Too slow for pieces of their own: they share.
      const good = [1, 2, 3].map(() => swarm.addScripted({ up: 100_000 }));
      const bad = swarm.addScripted({
        up: 100_000,
        serve: (link, request) => (request.begin % 65_536 === 0 ? sendZeros : sendBlock)(link, request),
      });
      const leecher = await swarm.addLeecher();
      leecher.torrent.addPeers([...good, bad].map((peer) => peer.address));
      await swarm.untilComplete([leecher], 600_000);
      expect(new Set(leecher.badPeers.map((name) => name.split(':')[0]))).toEqual(new Set([bad.host.ip]));
      expect(leecher.torrent.stats.failedPieces).toBeGreaterThan(0);
    }),
  );
});

describe('a seed', () => {
  test('lets a peer that asks and does not read cost no memory', () =>
    simulate(3, { files: [32 * MiB], pieceLength: MiB }, async (swarm) => {
      const seed = await swarm.addSeed({ readCacheBytes: READ_CACHE_BYTES });
      const greedy = swarm.addScripted({
        introduce: (link) => link.send(encodeInterested()),
        onMessage: (link, name) => {
          if (name !== 'onUnchoke') return;
          link.connection.pause();
          for (let index = 0; index < 32; index += 1) {
            const blocks = Array.from({ length: 64 }, (_, at) => ({
              index,
              begin: at * BLOCK_BYTES,
              length: BLOCK_BYTES,
            }));
            link.send(encodeRequests(blocks));
          }
        },
      });
      greedy.dial(seed.address);
      await swarm.clock.pass(100_000);
      const waiting = [...seed.host.connections].map((connection) => connection.bytesWaiting);
      expect(Math.max(...waiting)).toBeLessThan(MAX_WAITING);
      expect(seed.session.usage.readCacheBytes).toBeLessThanOrEqual(2 * READ_CACHE_BYTES);
      const leecher = await swarm.addLeecher();
      swarm.introduceAll();
      await swarm.untilComplete([leecher], 60_000);
    }));

  test('rejects requests for pieces it lacks', () =>
    simulate(4, PLAN, async (swarm) => {
      const leecher = await swarm.addLeecher();
      const rejected: string[] = [];
      const peer = swarm.addScripted({
        fast: true,
        introduce: (link) => {
          link.send(encodeInterested());
        },
        onMessage: (link, name) => {
          if (name === 'onUnchoke') link.send(encodeRequests([{ index: 0, begin: 0, length: BLOCK_BYTES }]));
          else if (name === 'onReject') rejected.push(name);
        },
      });
      peer.dial(leecher.address);
      await swarm.clock.pass(5000);
      expect(rejected).toEqual(['onReject']);
      expect(peer.isConnected).toBe(true);
    }));
});
