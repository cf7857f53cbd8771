import { describe, expect, test } from 'vitest';
import {
  BLOCK_BYTES,
  encodeCancel,
  encodeHashRequest,
  encodeInterested,
  encodeNotInterested,
  encodeRequests,
} from '../../src/wire/index.ts';
import type { ScriptedLink, ScriptedPeerOptions } from './scripted-peer.ts';
import { type Swarm, simulate } from './swarm.ts';

const KiB = 1024;
const MiB = 1024 * KiB;

/** Opens connections from one host to the first session, all of which do the same after the handshake. */
function crowd(swarm: Swarm, count: number, options: ScriptedPeerOptions) {
  const pest = swarm.addScripted({ up: 1e9, fast: true, extended: true, ...options });
  for (let links = 0; links < count; links += 1) pest.dial(swarm.peers[0]!.address);
  return pest;
}

/** The start of a message. @param length bytes that it says it has, its id included */
function begun(length: number, id: number, payload: Uint8Array): Uint8Array {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(length);
  head[4] = id;
  return Buffer.concat([head, payload]);
}

/** Sends the same message so often, some at a time, as long as the connection is open. */
function repeat(link: ScriptedLink, messages: Uint8Array, times: number): void {
  const send = (left: number) => {
    if (left === 0 || link.isClosed) return;
    link.send(new Uint8Array(messages));
    link.clock.setTimer(20, () => send(left - 1));
  };
  send(times);
}

async function mostKept(swarm: Swarm, ms: number): Promise<number> {
  let most = 0;
  for (let past = 0; past < ms; past += 250) {
    await swarm.clock.pass(250);
    most = Math.max(most, swarm.peers[0]!.session.usage.waitingBytes);
  }
  return most;
}

/** The peers of one address. */
const CROWD = 20;
/** The bytes that each may make the seed keep: next to nothing, the message it began, and what waits to be sent to it. */
const NEXT_TO_NOTHING = KiB;
const HELD_MESSAGE = 41 * KiB;
const UNREAD_ANSWERS = 512 * KiB;

describe('what a seed keeps for 20 peers of one address', () => {
  test.each([
    ['an extended message of 1 MiB that nobody knows', begun(MiB, 20, Buffer.alloc(900 * KiB, 3))],
    ['an extended handshake of 1 MiB', begun(MiB, 20, Buffer.alloc(900 * KiB, 0))],
    ['a message of an unknown kind', begun(MiB, 99, Buffer.alloc(900 * KiB))],
  ])('that begin %s, and never end it, is next to nothing', (_, bytes) =>
    simulate(1, { files: [MiB] }, async (swarm) => {
      await swarm.addSeed();
      crowd(swarm, CROWD, { introduce: (link) => link.send(bytes) });
      expect(await mostKept(swarm, 5000)).toBeLessThan(CROWD * NEXT_TO_NOTHING);
    }),
  );

  test('that begin messages that are held, and never end them, is the bytes that have come, for two minutes', () =>
    simulate(2, { files: [MiB] }, async (swarm) => {
      const seed = await swarm.addSeed();
      const hashes = begun(1 + 48 + 1024 * 32, 22, Buffer.alloc(20 * KiB));
      crowd(swarm, CROWD, { introduce: (link) => link.send(hashes) });
      expect(await mostKept(swarm, 5000)).toBeLessThan(CROWD * HELD_MESSAGE);
      expect(seed.session.usage.connections).toBe(CROWD);
      await swarm.clock.pass(120_000);
      expect(seed.session.usage).toMatchObject({ connections: 0, waitingBytes: 0 });
    }));

  test.each([
    [
      'hashes',
      encodeHashRequest({
        piecesRoot: new Uint8Array(32),
        baseLayer: 0,
        index: 0,
        length: 2,
        proofLayers: 0,
      }),
    ],
    ['blocks while they are choked', encodeRequests([{ index: 0, begin: 0, length: BLOCK_BYTES }])],
    ['blocks that are none', encodeRequests([{ index: 0, begin: 0, length: 0 }])],
  ])('that ask for %s and read no answer, is little, and they are disconnected', (_, request) =>
    simulate(3, { files: [MiB], version: 'v2' }, async (swarm) => {
      const seed = await swarm.addSeed();
      crowd(swarm, CROWD, {
        introduce: (link) => {
          link.connection.pause();
          repeat(link, Buffer.concat(Array.from({ length: 200 }, () => request)), 500);
        },
      });
      expect(await mostKept(swarm, 20_000)).toBeLessThan(CROWD * UNREAD_ANSWERS);
      await swarm.clock.pass(200_000);
      expect(seed.session.usage).toMatchObject({ connections: 0, waitingBytes: 0 });
    }),
  );
});

describe('a seed beside a peer that', () => {
  const toggles = Buffer.concat(
    Array.from({ length: 500 }, () => Buffer.concat([encodeInterested(), encodeNotInterested()])),
  );
  const cancels = Buffer.concat(
    Array.from({ length: 1000 }, () => encodeCancel({ index: 0, begin: 0, length: BLOCK_BYTES })),
  );
  const handshakes = Buffer.concat(Array.from({ length: 500 }, () => Buffer.from('0000000414006465', 'hex')));

  test.each([
    ['is interested and not, again and again,', toggles],
    ['cancels what it did not ask for, again and again,', cancels],
    ['shakes hands again and again', handshakes],
  ])('%s reads it ever more slowly, then no more, and serves others', (_, bytes) =>
    simulate(4, { files: [2 * MiB] }, async (swarm) => {
      const seed = await swarm.addSeed();
      const pest = crowd(swarm, 1, { introduce: (link) => repeat(link, bytes, 100_000) });
      await swarm.clock.pass(5000);
      const leecher = await swarm.addLeecher();
      swarm.introduceAll([leecher]);
      await swarm.untilComplete([leecher], 10_000);
      // It does not come through with more than what waits in the line.
      const [link] = pest.links;
      expect(link!.connection.bytesWaiting).toBeGreaterThan(0);
      await swarm.clock.pass(120_000);
      expect(pest.isConnected).toBe(false);
      expect(seed.badPeers.every((message) => message.includes('work'))).toBe(true);
    }),
  );
});
