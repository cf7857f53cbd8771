import { describe, expect, test } from 'vitest';
import { simulate } from './swarm.ts';

const MiB = 1024 * 1024;

/** The milliseconds in which the seed that is left sends the whole file. */
const TRANSFER_MS = 16_000;
/** The milliseconds after which a peer that owes blocks counts as silent, with the second in which that is noticed. */
const SNUB_MS = 15_000 + 1000;
/** The dials of a minute without a network, at most: the pauses between them grow. */
const MAX_DIALS = 6;

describe('a download goes on', () => {
  test.each(['reset', 'vanish'] as const)('when a seed is lost by %s and another is left', (way) =>
    simulate(1, { files: [16 * MiB] }, async (swarm) => {
      const [lost] = [await swarm.addSeed({ up: 2 * MiB }), await swarm.addSeed({ up: MiB })];
      const leecher = await swarm.addLeecher();
      swarm.introduceAll();
      await swarm.clock.runUntil(() => leecher.pieces.length > 10, 20_000);
      if (way === 'reset') {
        lost!.host.resetAll();
        await lost!.session.close();
      } else lost!.host.vanish();
      await swarm.untilComplete([leecher], TRANSFER_MS + SNUB_MS);
    }),
  );

  test('when the only seed resets and comes back', () =>
    simulate(2, { files: [16 * MiB] }, async (swarm) => {
      const seed = await swarm.addSeed({ up: MiB });
      const leecher = await swarm.addLeecher();
      swarm.introduceAll();
      await swarm.clock.runUntil(() => leecher.pieces.length > 10, 20_000);
      seed.host.resetAll();
      await swarm.close([seed]);
      expect(leecher.torrent.stats.peers).toBe(0);
      await swarm.addSeed({ on: seed.host });
      await swarm.untilComplete([leecher], 120_000);
    }));

  test('when the only seed vanishes and comes back', () =>
    simulate(3, { files: [16 * MiB] }, async (swarm) => {
      const seed = await swarm.addSeed({ up: MiB });
      const leecher = await swarm.addLeecher();
      swarm.introduceAll();
      await swarm.clock.runUntil(() => leecher.pieces.length > 10, 20_000);
      seed.host.vanish();
      await swarm.clock.pass(100_000);
      await swarm.addSeed({ on: seed.host });
      // Its old connection has to be given up first.
      await swarm.untilComplete([leecher], 300_000);
    }));

  test('when there was no network for a while', () =>
    simulate(4, { files: [4 * MiB] }, async (swarm) => {
      const seed = await swarm.addSeed({ up: MiB });
      const leecher = await swarm.addLeecher();
      seed.host.isDark = true;
      swarm.introduceAll();
      await swarm.clock.pass(60_000);
      expect(leecher.host.dialCount).toBeLessThan(MAX_DIALS);
      seed.host.isDark = false;
      await swarm.untilComplete([leecher], 90_000);
    }));
});

test('a connection that is being opened ends with the session', () =>
  simulate(5, { files: [MiB] }, async (swarm) => {
    const mute = swarm.addScripted({ isMute: true });
    const nobody = swarm.network.addHost();
    nobody.isDark = true;
    const leecher = await swarm.addLeecher();
    leecher.torrent.addPeers([mute.address, { host: nobody.ip, port: 1 }]);
    await swarm.clock.runUntil(() => mute.isConnected, 1000);
    await leecher.session.close();
    await swarm.clock.pass(100);
    expect(leecher.session.usage.connections).toBe(0);
    expect(mute.isConnected).toBe(false);
  }));

test('Session.add() after close() is refused', () =>
  simulate(6, { files: [MiB] }, async (swarm) => {
    const seed = await swarm.addSeed();
    await seed.session.close();
    const { metainfo } = swarm.torrent;
    expect(() => seed.session.add({ metainfo, storage: seed.storage })).toThrow('closed');
  }));
