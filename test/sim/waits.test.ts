import { describe, expect, test } from 'vitest';
import { encodeMetainfo } from '../../src/metainfo/index.ts';
import { introduceAsSeed, ScriptedPeer, sendBlock } from './scripted-peer.ts';
import { SimClient } from './sim-client.ts';
import { SimSeeder, sha256Of } from './sim-seeder.ts';
import { makeTorrent, type SimTorrent } from './sim-torrent.ts';
import { simulateWorld, type World } from './world.ts';

const MiB = 1024 * 1024;
const NAME = 'model.bin';
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** The longest time between two look-ups, with its spread, and the time of the look-up itself. */
const LONGEST_WAIT_MS = 13_500;

function makeFile(bytes = MiB, content = NAME): SimTorrent {
  return makeTorrent({ files: [bytes], name: NAME, pieceLength: 64 * 1024, content });
}

async function finishGet(world: World, got: ReturnType<SimClient['get']>, limitMs = 100 * HOUR) {
  return (await world.finish(got, limitMs)).result;
}

describe('get() with wait', () => {
  test.each([
    { by: 'name', wanted: () => ({ name: NAME }) },
    { by: 'size', wanted: (file: SimTorrent) => ({ size: file.stream.length }) },
    { by: 'SHA-256', wanted: (file: SimTorrent) => ({ sha256: sha256Of(file) }) },
    { by: 'info-hash', wanted: (file: SimTorrent) => ({ infoHash: file.metainfo.infoHash }) },
  ])('gets a file by $by soon after its seeder came, ten minutes later', ({ wanted }) =>
    simulateWorld(1, async (world) => {
      const file = makeFile();
      const tracker = await world.addTracker();
      const client = new SimClient(world);
      const got = client.get({ tracker: tracker.url, wait: true, ...wanted(file) }, 2 * HOUR);
      await world.clock.pass(10 * MINUTE);
      await SimSeeder.start(world, tracker, file);
      const { result, took } = await finishGet(world, got);
      expect(result).toMatchObject({ path: NAME, wasThere: false });
      expect(took).toBeLessThan(10 * MINUTE + LONGEST_WAIT_MS + 2000);
      const waits = client.progress.filter(({ phase }) => phase === 'waiting');
      expect(waits[0]).toMatchObject({
        waitingFor: expect.stringMatching(/^No seeder has .*, says the tracker http/),
      });
      expect(waits.length, 'look-ups').toBeLessThan((10 * MINUTE) / 7500 + 5);
      expect(waits.at(-1)!.waited).toBeGreaterThan(600 - 20);
      expect(client.warnings).toEqual([]);
    }),
  );

  test('ends at its deadline with TIMED_OUT, and says what it has waited for', () =>
    simulateWorld(2, async (world) => {
      const tracker = await world.addTracker();
      const client = new SimClient(world);
      const { error, took } = await finishGet(
        world,
        client.get({ tracker: tracker.url, name: NAME, wait: true }, 5 * MINUTE),
      );
      expect(error).toMatchObject({
        code: 'TIMED_OUT',
        message: expect.stringMatching(
          /after 300 s of waiting for a seeder\. No seeder has "model\.bin", says the tracker/,
        ),
      });
      expect(took).toBe(5 * MINUTE);
    }));

  test('waits for a tracker that starts later, and through a restart of it', () =>
    simulateWorld(3, async (world) => {
      const file = makeFile();
      const first = await world.addTracker();
      await first.close();
      const client = new SimClient(world);
      const got = client.get({ tracker: first.url, name: NAME, wait: true }, HOUR);
      await world.clock.pass(MINUTE);
      const second = await world.addTracker({}, first.host);
      await world.clock.pass(MINUTE);
      await second.close();
      await world.clock.pass(MINUTE);
      const third = await world.addTracker({}, first.host);
      await SimSeeder.start(world, third, file);
      expect((await finishGet(world, got)).result).toMatchObject({ path: NAME });
      const reasons = new Set(
        client.progress.flatMap(({ waitingFor = '' }) => (waitingFor === '' ? [] : [waitingFor])),
      );
      expect(reasons.size, [...reasons].join('\n')).toBe(2);
      expect(client.warnings).toEqual([]);
    }));

  test('asks a tracker with waiting clients less than once in seven seconds each', () =>
    simulateWorld(4, async (world) => {
      const tracker = await world.addTracker();
      const clients = Array.from({ length: 20 }, () => new SimClient(world));
      const got = clients.map((client) =>
        client.get({ tracker: tracker.url, name: NAME, wait: true }, 10 * MINUTE),
      );
      await world.clock.pass(5 * MINUTE);
      const waits = () => clients.reduce((sum, { progress }) => sum + progress.length, 0);
      const before = waits();
      const busiest = [];
      for (let second = 0; second < 60; second += 1) {
        const earlier = waits();
        await world.clock.pass(1000);
        busiest.push(waits() - earlier);
      }
      expect(waits() - before, 'in a minute').toBeLessThan((20 * 60) / 7);
      expect(Math.max(...busiest), 'in one second').toBeLessThan(10);
      for (const outcome of await Promise.all(got.map((each) => finishGet(world, each)))) {
        expect(outcome.error).toMatchObject({ code: 'TIMED_OUT' });
      }
    }));

  test('waits at all trackers that it is given, also while one of them is away', () =>
    simulateWorld(9, async (world) => {
      const file = makeFile();
      const [away, empty] = [await world.addTracker(), await world.addTracker()];
      await away.close();
      const client = new SimClient(world);
      const got = client.get({ tracker: [away.url, empty.url], name: NAME, wait: true }, HOUR);
      await world.clock.pass(2 * MINUTE);
      await SimSeeder.start(world, empty, file);
      const { result, took } = await finishGet(world, got);
      expect(result).toMatchObject({ path: NAME });
      expect(took).toBeLessThan(3 * MINUTE);
    }));

  test('gets the right file when a torrent of another content is registered first', () =>
    simulateWorld(6, async (world) => {
      const file = makeFile();
      const forged = makeFile(MiB, 'forged');
      const tracker = await world.addTracker();
      await SimSeeder.start(world, tracker, forged, { sha256: sha256Of(file) });
      const client = new SimClient(world);
      const got = client.get({ tracker: tracker.url, sha256: sha256Of(file), wait: true }, HOUR);
      await world.clock.pass(10 * MINUTE);
      expect(
        client.warnings.filter((line) => line.includes('use a torrent')),
        'tried once',
      ).toHaveLength(1);
      await SimSeeder.start(world, tracker, file);
      expect((await finishGet(world, got)).result).toMatchObject({ sha256: sha256Of(file) });
    }));

  test('waits in the swarm of a .torrent that nobody has, with other clients that wait', () =>
    simulateWorld(7, async (world) => {
      const file = makeFile();
      const tracker = await world.addTracker();
      const clients = [1, 2, 3].map(() => new SimClient(world));
      const torrent = encodeMetainfo(file.metainfo);
      const options = { torrent, tracker: tracker.url, wait: true, stallMs: MINUTE };
      const got = clients.map((client) => client.get(options, 3 * HOUR));
      await world.clock.pass(HOUR);
      expect(clients[0]!.progress.at(-1)).toMatchObject({ phase: 'waiting', waited: 3600 });
      await SimSeeder.start(world, tracker, file);
      for (const outcome of await Promise.all(got.map((each) => finishGet(world, each)))) {
        expect(outcome.result).toMatchObject({ path: NAME });
        expect(outcome.took).toBeLessThan(HOUR + 5 * MINUTE);
      }
    }));

  test('waits in the swarm of a .torrent while its tracker is away, and says at its deadline why', () =>
    simulateWorld(8, async (world) => {
      const file = makeFile();
      const tracker = await world.addTracker();
      await tracker.close();
      const client = new SimClient(world);
      const torrent = encodeMetainfo(file.metainfo);
      const { error, took } = await finishGet(
        world,
        client.get({ torrent, tracker: tracker.url, wait: true }, HOUR),
      );
      expect(error).toMatchObject({
        code: 'TIMED_OUT',
        message: expect.stringMatching(
          /^No seeder appeared in time: 0 peers known; trackers: .* failed \d+ times/,
        ),
      });
      expect(took).toBeGreaterThanOrEqual(HOUR);
    }));
});

describe('get() with stallMs', () => {
  test('ends with STALLED when its only seeder falls silent, and keeps what it has', () =>
    simulateWorld(20, async (world) => {
      const file = makeFile(4 * MiB);
      const tracker = await world.addTracker();
      const { peer } = await SimSeeder.start(world, tracker, file, { up: MiB });
      const client = new SimClient(world);
      const got = client.get({ tracker: tracker.url, name: NAME, stallMs: 2 * MINUTE }, HOUR);
      await world.clock.runUntil(() => client.progress.some(({ done }) => done > MiB), 20_000);
      const silentAt = world.clock.now();
      peer.host.isDark = true;
      const { error } = await finishGet(world, got);
      expect(error).toMatchObject({
        code: 'STALLED',
        message: expect.stringMatching(/^Nothing came for 120 s: \d peer/),
        situation: { trackers: [{ state: 'answered' }] },
      });
      expect(world.clock.now() - silentAt).toBeLessThan(2 * MINUTE + 15_000);
      expect(client.disk.parts.size, 'the part is kept').toBe(1);
    }));

  test('ends after ten minutes when nobody ever had a piece, if a tracker was asked for it', () =>
    simulateWorld(21, async (world) => {
      const file = makeFile();
      const tracker = await world.addTracker();
      const { peer } = await SimSeeder.start(world, tracker, file);
      peer.host.isDark = true;
      const client = new SimClient(world);
      const { error, took } = await finishGet(world, client.get({ tracker: tracker.url, name: NAME }, HOUR));
      expect(error).toMatchObject({
        code: 'STALLED',
        message: expect.stringMatching(
          /^Nothing came for 600 s, and nobody had a piece that is missing: 1 peer known/,
        ),
      });
      expect(took).toBeGreaterThan(10 * MINUTE);
      expect(took).toBeLessThan(10 * MINUTE + 10_000);
    }));

  test.each([
    { what: 'with 0', options: { stallMs: 0 } },
    { what: 'by default with a .torrent', options: {} },
  ])('never ends $what', ({ options }) =>
    simulateWorld(22, async (world) => {
      const file = makeFile();
      const tracker = await world.addTracker();
      const torrent = encodeMetainfo(file.metainfo);
      const client = new SimClient(world);
      const got = client.get({ torrent, tracker: tracker.url, ...options }, 30 * MINUTE);
      const { error, took } = await finishGet(world, got);
      expect(error).toMatchObject({ code: 'TIMED_OUT' });
      expect(took).toBeGreaterThanOrEqual(30 * MINUTE);
    }),
  );

  test('ends when a peer sends nothing but a useless block now and then', () =>
    simulateWorld(23, async (world) => {
      const file = makeFile();
      const tracker = await world.addTracker();
      const seeder = await SimSeeder.start(world, tracker, file);
      seeder.peer.host.isDark = true;
      const trickler = world.add(
        new ScriptedPeer(world.network, file, {
          serve: () => {},
          introduce: (link) => {
            introduceAsSeed(link);
            const trickle = () => {
              if (link.isClosed) return;
              sendBlock(link, { index: 0, begin: 0, length: 16 * 1024 });
              world.clock.setTimer(MINUTE, trickle);
            };
            world.clock.setTimer(MINUTE, trickle);
          },
        }),
      );
      const client = new SimClient(world);
      const got = client.get({ tracker: tracker.url, name: NAME, stallMs: 2 * MINUTE }, 100 * HOUR);
      await world.clock.pass(1000);
      trickler.dial({ host: client.host.ip, port: 40_000 });
      await world.clock.pass(10 * MINUTE);
      expect(trickler.isConnected, 'its bytes count for a while').toBe(true);
      const { error, took } = await finishGet(world, got);
      expect(error).toMatchObject({
        code: 'STALLED',
        message: expect.stringMatching(/^No whole piece came for 720 s: \d peers? known/),
      });
      expect(took).toBeLessThan(13 * MINUTE);
    }));

  test('does not count the wait for a seeder, but counts from when one was there', () =>
    simulateWorld(24, async (world) => {
      const file = makeFile(4 * MiB);
      const tracker = await world.addTracker();
      const client = new SimClient(world);
      const options = { tracker: tracker.url, name: NAME, wait: true, stallMs: MINUTE };
      const got = client.get(options, 10 * HOUR);
      await world.clock.pass(HOUR);
      const { peer } = await SimSeeder.start(world, tracker, file, { up: MiB });
      await world.clock.runUntil(() => client.progress.some(({ done }) => done > MiB), MINUTE);
      peer.host.isDark = true;
      const { error, took } = await finishGet(world, got);
      expect(error).toMatchObject({ code: 'STALLED' });
      expect(took).toBeLessThan(HOUR + 3 * MINUTE);
    }));

  test('ends with DISK when what has come is not written', () =>
    simulateWorld(25, async (world) => {
      const file = makeFile(4 * MiB);
      const tracker = await world.addTracker();
      await SimSeeder.start(world, tracker, file, { up: MiB });
      const client = new SimClient(world);
      const got = client.get({ tracker: tracker.url, name: NAME, stallMs: 2 * MINUTE }, HOUR);
      await world.clock.runUntil(() => client.progress.some(({ done }) => done > MiB), 20_000);
      client.disk.hangs = true;
      const { error } = await finishGet(world, got);
      expect(error).toMatchObject({
        code: 'DISK',
        message: expect.stringMatching(/^Nothing was written for 120 s/),
      });
    }));
});
