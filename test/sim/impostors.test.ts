import { describe, expect, test } from 'vitest';
import { encodeExtendedHandshake } from '../../src/extension/index.ts';
import { encodeExtended } from '../../src/wire/index.ts';
import { introduceAsSeed, type ScriptedPeerOptions, sendZeros } from './scripted-peer.ts';
import { simulate } from './swarm.ts';

const MiB = 1024 * 1024;
const PLAN = { files: [4 * MiB] };

/** The peer ids of the honest seed, which the impostor copies; one sorts before the leecher's, one behind it. */
const COPIED = [0, 255].map((first) => Uint8Array.from({ length: 20 }, (_, at) => (at === 0 ? first : 7)));

describe('an impostor with the peer id of the only seed', () => {
  test.each(
    COPIED.flatMap((peerId) =>
      (
        [
          ['answers nothing', { serve: () => {} }],
          ['sends zeros', { serve: sendZeros }],
        ] satisfies [string, ScriptedPeerOptions][]
      ).flatMap(([how, options]) =>
        ['before', 'after'].map((when) => [how, when, peerId[0], { peerId, options }] as const),
      ),
    ),
  )('that %s, dialed %s it, does not keep the file from us (id %i)', (_, when, __, { peerId, options }) =>
    simulate(1, PLAN, async (swarm) => {
      const seed = await swarm.addSeed({ peerId });
      const impostor = swarm.addScripted({ ...options, peerId });
      const leecher = await swarm.addLeecher({ idByte: 128 });
      const [first, second] = when === 'before' ? [impostor, seed] : [seed, impostor];
      leecher.torrent.addPeers([first.address]);
      await swarm.clock.pass(100);
      leecher.torrent.addPeers([second.address]);
      await swarm.untilComplete([leecher], 20_000);
      expect(leecher.badPeers.filter((name) => name.startsWith(seed.host.ip))).toEqual([]);
    }),
  );

  test.each(COPIED.map((peerId) => [peerId[0], peerId] as const))(
    'that came to us, from its machine and with its port, does not keep us from dialing it (id %i)',
    (_, peerId) =>
      simulate(2, PLAN, async (swarm) => {
        const seed = await swarm.addSeed({ peerId, port: 7000 });
        const handshake = encodeExtendedHandshake({ extensions: new Map(), port: 7000 });
        const impostor = swarm.addScripted({
          on: seed.host,
          peerId,
          extended: true,
          serve: () => {},
          introduce: (link) => {
            introduceAsSeed(link);
            link.send(encodeExtended(0, handshake));
          },
        });
        const leecher = await swarm.addLeecher({ idByte: 128 });
        impostor.dial(leecher.address);
        await swarm.clock.pass(1000);
        leecher.torrent.addPeers([seed.address]);
        await swarm.untilComplete([leecher], 60_000);
      }),
  );

  test.each(COPIED.map((peerId) => [peerId[0], peerId] as const))(
    'that came from its machine and with its port while we load from it, costs it nothing (id %i)',
    (_, peerId) =>
      simulate(3, PLAN, async (swarm) => {
        const seed = await swarm.addSeed({ peerId, port: 7000, up: MiB });
        const handshake = encodeExtendedHandshake({ extensions: new Map(), port: 7000 });
        const impostor = swarm.addScripted({
          on: seed.host,
          peerId,
          extended: true,
          serve: sendZeros,
          introduce: (link) => {
            introduceAsSeed(link);
            link.send(encodeExtended(0, handshake));
          },
        });
        const leecher = await swarm.addLeecher({ idByte: 128 });
        leecher.torrent.addPeers([seed.address]);
        await swarm.clock.pass(1000);
        impostor.dial(leecher.address);
        await swarm.untilComplete([leecher], 20_000);
        expect(leecher.host.dialCount).toBe(1);
      }),
  );
});

test('an address from which several peers sent wrong data is not taken any more, under whatever peer id', () =>
  simulate(4, PLAN, async (swarm) => {
    const leecher = await swarm.addLeecher();
    const ids = Array.from({ length: 10 }, (_, at) => new Uint8Array(20).fill(at + 1));
    const first = swarm.addScripted({ serve: sendZeros, peerId: ids[0]! });
    const pests = ids
      .slice(1)
      .map((peerId, at) => swarm.addScripted({ on: first.host, port: 7000 + at, serve: sendZeros, peerId }));
    for (const pest of [first, ...pests]) {
      pest.dial(leecher.address);
      await swarm.clock.pass(5000);
    }
    expect(leecher.badPeers).toHaveLength(3);
    const seed = await swarm.addSeed();
    leecher.torrent.addPeers([seed.address]);
    await swarm.untilComplete([leecher], 20_000);
  }));
