import { describe, expect, test } from 'vitest';
import { SimAnnouncer } from './sim-announcer.ts';
import { simulateWorld, type World } from './world.ts';

/** A datagram or a segment from one host to another and back. */
const ROUND_TRIP_MS = 40;
/** The line of two hosts on which half of all datagrams get lost and the rest come in any order, some twice. */
const BAD_LINE = { datagrams: { lost: 0.5, doubled: 0.3, jitterMs: 1500 } };

async function untilResponse(world: World, announcer: SimAnnouncer, limitMs: number): Promise<number> {
  return world.clock.runUntil(() => announcer.responses.length > 0, limitMs);
}

describe('announces to a simulated tracker', () => {
  test.each(['udp', 'http'] as const)('two peers hear of each other over %s', (transport) =>
    simulateWorld(1, async (world) => {
      const tracker = await world.addTracker();
      const tiers = [[transport === 'udp' ? tracker.udpUrl : tracker.announceUrl]];
      const seeder = new SimAnnouncer(world, { tiers });
      await untilResponse(world, seeder, 10 * ROUND_TRIP_MS);
      const leecher = new SimAnnouncer(world, { tiers, left: 1 });
      await untilResponse(world, leecher, 10 * ROUND_TRIP_MS);
      expect([...leecher.peers]).toContain(seeder.address);
      expect((await tracker.stats()).peers).toBe(2);
      await world.finish(seeder.close(), 1000);
      expect((await tracker.stats()).peers).toBe(1);
    }),
  );

  test.each([11, 12, 13, 14])(
    'a peer is listed once over a line that loses half of all datagrams (seed %i)',
    (seed) =>
      simulateWorld(seed, async (world) => {
        const tracker = await world.addTracker({}, BAD_LINE);
        const on = world.network.addHost(BAD_LINE);
        const peer = new SimAnnouncer(world, { tiers: [[tracker.udpUrl]], on });
        await untilResponse(world, peer, 300_000);
        expect((await tracker.stats()).peers).toBe(1);
        expect(on.datagrams.sentCount).toBeGreaterThanOrEqual(2);
        expect(on.datagrams.socketCount, 'the socket of the announce is closed').toBe(0);
      }),
  );

  test('a request over UDP is sent again after 2 and 4 seconds', () =>
    simulateWorld(2, async (world) => {
      const tracker = await world.addTracker();
      tracker.host.isDark = true;
      const peer = new SimAnnouncer(world, { tiers: [[tracker.udpUrl]] });
      await world.clock.pass(5000);
      expect(peer.host.datagrams.sentCount).toBe(2);
      tracker.host.isDark = false;
      await untilResponse(world, peer, 10_000);
      expect(world.clock.now()).toBe(6000 + 2 * ROUND_TRIP_MS);
    }));

  test('a tracker that was started anew is asked with a new connection id', () =>
    simulateWorld(3, async (world) => {
      const tracker = await world.addTracker({ announceInterval: 30 });
      const peer = new SimAnnouncer(world, { tiers: [[tracker.udpUrl]] });
      await untilResponse(world, peer, 1000);
      await world.finish(tracker.close(), 1000);
      const next = await world.addTracker({}, tracker.host);
      await world.clock.runUntil(() => peer.responses.length > 1, 60_000);
      expect(peer.failures).toEqual([]);
      expect((await next.stats()).peers).toBe(1);
    }));

  test('a tracker that fails is asked again, later each time, and is used when it heals', () =>
    simulateWorld(4, async (world) => {
      const host = world.network.addHost();
      const url = `http://${host.ip}:9910/announce`;
      const peer = new SimAnnouncer(world, { tiers: [[url]] });
      await world.clock.pass(30_000);
      const waits = peer.failures.map(({ at }, index) => at - (peer.failures[index - 1]?.at ?? 0)).slice(1);
      expect(waits.length).toBeGreaterThanOrEqual(3);
      for (const [index, wait] of waits.entries()) {
        const expected = 1500 * 2 ** index;
        expect(wait).toBeGreaterThan(expected * 0.75);
        expect(wait).toBeLessThan(expected * 1.25 + 2 * ROUND_TRIP_MS);
      }
      const healed = await world.addTracker({}, host);
      await untilResponse(world, peer, 120_000);
      expect(peer.announcer.trackers).toMatchObject([{ url, state: 'answered', failures: 0 }]);
      expect((await healed.stats()).peers).toBe(1);
    }));

  test('a silent tracker of the first tier does not keep a peer from that of the second', () =>
    simulateWorld(5, async (world) => {
      const [silent, other] = [await world.addTracker(), await world.addTracker()];
      silent.host.isDark = true;
      const peer = new SimAnnouncer(world, { tiers: [[silent.udpUrl], [other.announceUrl]] });
      await untilResponse(world, peer, 10_000);
      expect(peer.responses).toMatchObject([{ url: other.announceUrl }]);
      expect(world.clock.now()).toBeGreaterThanOrEqual(4000);
      expect(world.clock.now()).toBeLessThan(4000 + 3 * ROUND_TRIP_MS);
      silent.host.isDark = false;
    }));

  test('a peer that vanishes is forgotten, one that announces stays', () =>
    simulateWorld(6, async (world) => {
      const tracker = await world.addTracker({ announceInterval: 60 });
      const peers = [1, 2].map(() => new SimAnnouncer(world, { tiers: [[tracker.udpUrl]] }));
      await world.clock.pass(1000);
      expect((await tracker.stats()).peers).toBe(2);
      peers[0]!.host.isDark = true;
      await world.clock.pass(600_000);
      expect((await tracker.stats()).peers).toBe(1);
      expect(peers[1]!.responses.length).toBeGreaterThan(600 / 70);
    }));

  test('an address cannot announce in the name of another over UDP', () =>
    simulateWorld(7, async (world) => {
      const tracker = await world.addTracker();
      const [liar, victim] = [world.network.addHost(), world.network.addHost()];
      const heard: Buffer[] = [];
      const socket = victim.datagrams.bind(6881, (packet) => heard.push(packet));
      const to = { host: tracker.host.ip, port: 9910 };
      // A connect in the name of the victim: the connection id goes to the victim alone.
      const connect = Buffer.from('0000041727101980000000000000002a', 'hex');
      liar.datagrams.send({ host: victim.ip, port: 6881 }, to, connect);
      await world.clock.pass(1000);
      expect(heard.map((packet) => packet.length)).toEqual([connect.length]);
      const announce = Buffer.concat([
        Buffer.alloc(8, 1),
        Buffer.from('000000010000002b', 'hex'),
        Buffer.alloc(82),
      ]);
      liar.datagrams.send({ host: victim.ip, port: 6881 }, to, announce);
      await world.clock.pass(1000);
      expect((await tracker.stats()).peers).toBe(0);
      socket.close();
    }));
});

test('the same seed gives the same run', async () => {
  const run = async (): Promise<string> => {
    let told = '';
    await simulateWorld(99, async (world) => {
      const tracker = await world.addTracker({}, BAD_LINE);
      const peers = Array.from(
        { length: 5 },
        () =>
          new SimAnnouncer(world, {
            tiers: [[tracker.udpUrl, tracker.announceUrl]],
            left: 1,
            on: world.network.addHost(BAD_LINE),
          }),
      );
      await world.clock.pass(120_000);
      told = JSON.stringify(
        peers.map(({ responses, failures }) => [responses, failures.map(({ at }) => at)]),
      );
    });
    return told;
  };
  expect(await run()).toBe(await run());
});
