import { describe, expect, test } from 'vitest';
import { MAX_UNVERIFIED_CONNECTIONS } from '../../src/swarm/index.ts';
import { encodeInterested } from '../../src/wire/index.ts';
import type { ScriptedPeerOptions } from './scripted-peer.ts';
import { type Swarm, simulate } from './swarm.ts';

const MiB = 1024 * 1024;
/** The connections that a seed may have, and those that one address opens to it. */
const MAX_CONNECTIONS = 40;
const CROWD = 60;

/** Opens many connections from one host. */
function crowd(swarm: Swarm, count: number, options: ScriptedPeerOptions, address = swarm.peers[0]!.address) {
  const pest = swarm.addScripted(options);
  for (let links = 0; links < count; links += 1) pest.dial(address);
  return pest;
}

describe('a seed that one address has taken all connections of', () => {
  test.each([
    ['says nothing after the handshake', { introduce: () => {} }],
    ['wants everything and asks for nothing', { introduce: (link) => link.send(encodeInterested()) }],
  ] satisfies [string, ScriptedPeerOptions][])('gives the file to a newcomer when it %s', (_, options) =>
    simulate(1, { files: [4 * MiB] }, async (swarm) => {
      const seed = await swarm.addSeed({ maxConnections: MAX_CONNECTIONS });
      crowd(swarm, CROWD, options);
      await swarm.clock.pass(3000);
      expect(seed.session.usage.connections).toBe(MAX_CONNECTIONS);
      const leechers = [await swarm.addLeecher(), await swarm.addLeecher(), await swarm.addLeecher()];
      swarm.introduceAll(leechers);
      await swarm.untilComplete(leechers, 20_000);
      expect(seed.session.usage.connections).toBeLessThanOrEqual(MAX_CONNECTIONS);
    }),
  );

  test('hears a newcomer when hundreds of connections shake no hands', () =>
    simulate(2, { files: [MiB] }, async (swarm) => {
      const seed = await swarm.addSeed();
      crowd(swarm, MAX_UNVERIFIED_CONNECTIONS + 50, { isMute: true });
      await swarm.clock.pass(1000);
      expect(seed.session.usage.unverified).toBe(MAX_UNVERIFIED_CONNECTIONS);
      const leecher = await swarm.addLeecher();
      swarm.introduceAll([leecher]);
      await swarm.untilComplete([leecher], 3000);
    }));

  test('serves 60 peers of one address while there is room', () =>
    simulate(3, { files: [MiB / 2] }, async (swarm) => {
      const seed = await swarm.addSeed({ up: 50 * MiB });
      const first = await swarm.addLeecher({ port: 7000 });
      const leechers = [first];
      for (let port = 7001; port < 7060; port += 1) {
        leechers.push(await swarm.addLeecher({ on: first.host, port }));
      }
      for (const { torrent } of leechers) torrent.addPeers([seed.address]);
      await swarm.untilComplete(leechers, 120_000);
    }));
});

describe('a download that one address has taken all connections of', () => {
  test('reaches the seed it hears of later', () =>
    simulate(4, { files: [2 * MiB] }, async (swarm) => {
      const leecher = await swarm.addLeecher({ maxConnections: 20 });
      // It looks like a seed that chokes us: it is never idle.
      crowd(swarm, 30, {
        introduce: (link) => link.send(encodeInterested()),
      });
      await swarm.clock.pass(3000);
      expect(leecher.session.usage.connections).toBe(20);
      const seed = await swarm.addSeed();
      leecher.torrent.addPeers([seed.address]);
      await swarm.untilComplete([leecher], 10_000);
    }));
});
