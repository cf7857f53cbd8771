import { describe, expect, test } from 'vitest';
import { SimClient } from './sim-client.ts';
import { SimSeeder, sha256Of } from './sim-seeder.ts';
import { makeTorrent, type SimTorrent } from './sim-torrent.ts';
import { simulateWorld, type World } from './world.ts';

const MiB = 1024 * 1024;
const NAME = 'war-and-peace.txt';
/** The time of a look-up, of connecting and of the last answers, in milliseconds: some round trips of 40. */
const OVERHEAD_MS = 1000;

function makeFile(bytes = 4 * MiB): SimTorrent {
  return makeTorrent({ files: [bytes], name: NAME, pieceLength: 64 * 1024 });
}

/** Gives what identifies a file, as a user names it. */
function wanted(file: SimTorrent) {
  return { name: NAME, size: file.stream.length, sha256: sha256Of(file) };
}

/** Milliseconds that a line needs for a file. */
function lineTime(file: SimTorrent, bytesPerSecond: number): number {
  return (file.stream.length * 1000) / bytesPerSecond;
}

function expectDelivered(client: SimClient, file: SimTorrent): void {
  expect(Buffer.compare(client.disk.files.get(NAME) ?? new Uint8Array(), file.stream), 'the bytes').toBe(0);
  expect(client.disk.parts.size, 'nothing unfinished is left').toBe(0);
  expect(client.disk.locked.size, 'nothing is locked').toBe(0);
}

function expectNothing(client: SimClient): void {
  expect([...client.disk.files.keys()]).toEqual([]);
  expect(client.disk.locked.size, 'nothing is locked').toBe(0);
}

/** Gets the file and passes the time that it takes. */
async function finishGet(world: World, got: ReturnType<SimClient['get']>, limitMs = 600_000) {
  return (await world.finish(got, limitMs)).result;
}

describe('get() on virtual time', () => {
  test.each([1, 2, 3, 4, 5])('delivers a file as soon as the line of its seeder can (seed %i)', (seed) =>
    simulateWorld(seed, async (world) => {
      const file = makeFile();
      const tracker = await world.addTracker();
      await SimSeeder.start(world, tracker, file, { up: MiB });
      const client = new SimClient(world);
      const { result, took } = await finishGet(
        world,
        client.get({ tracker: tracker.url, ...wanted(file) }, 60_000),
      );
      expect(result).toMatchObject({ path: NAME, ...wanted(file), wasThere: false, sources: 1 });
      expect(took).toBeGreaterThan(lineTime(file, MiB));
      expect(took).toBeLessThan(lineTime(file, MiB) + OVERHEAD_MS);
      expect(result!.seconds).toBeCloseTo(took / 1000, 1);
      expectDelivered(client, file);
      expect(client.progress.map(({ phase }) => phase)).toContain('looking-up');
      expect(client.warnings).toEqual([]);
    }),
  );

  test('takes from all seeders at once', () =>
    simulateWorld(10, async (world) => {
      const file = makeFile(8 * MiB);
      const tracker = await world.addTracker();
      for (const up of [1, 1, 2]) await SimSeeder.start(world, tracker, file, { up: up * MiB });
      const client = new SimClient(world);
      const { result, took } = await finishGet(
        world,
        client.get({ tracker: tracker.url, ...wanted(file) }, 60_000),
      );
      expect(result).toMatchObject({ sources: 3 });
      expect(took).toBeLessThan(1.25 * lineTime(file, 4 * MiB) + OVERHEAD_MS);
      expectDelivered(client, file);
    }));

  test('finds the file there already, and asks no peer', () =>
    simulateWorld(11, async (world) => {
      const file = makeFile();
      const tracker = await world.addTracker();
      const { peer } = await SimSeeder.start(world, tracker, file);
      const client = new SimClient(world);
      client.disk.files.set(NAME, file.stream.slice());
      const { result } = await finishGet(
        world,
        client.get({ tracker: tracker.url, ...wanted(file) }, 60_000),
      );
      expect(result).toMatchObject({ wasThere: true, downloaded: 0 });
      expect(peer.torrent.stats.uploaded).toBe(0);
    }));

  test('ends at once with NOT_FOUND when no seeder has registered it, and gets it from one that has later', () =>
    simulateWorld(12, async (world) => {
      const file = makeFile();
      const tracker = await world.addTracker();
      const client = new SimClient(world);
      const options = { tracker: tracker.url, ...wanted(file) };
      const early = await finishGet(world, client.get(options, 60_000));
      expect(early.error).toMatchObject({ code: 'NOT_FOUND' });
      expect(early.took).toBeLessThan(OVERHEAD_MS);
      expectNothing(client);
      await SimSeeder.start(world, tracker, file);
      expect((await finishGet(world, client.get(options, 60_000))).result).toMatchObject({ wasThere: false });
      expectDelivered(client, file);
    }));

  test('ends at its deadline with TIMED_OUT when the only seeder is gone', () =>
    simulateWorld(13, async (world) => {
      const file = makeFile();
      const tracker = await world.addTracker();
      const { peer } = await SimSeeder.start(world, tracker, file);
      peer.host.isDark = true;
      const client = new SimClient(world);
      const { error, took } = await finishGet(
        world,
        client.get({ tracker: tracker.url, ...wanted(file) }, 30_000),
      );
      expect(error).toMatchObject({ code: 'TIMED_OUT', situation: { peers: { connected: 0 } } });
      expect(took).toBeGreaterThanOrEqual(30_000);
      expect(took).toBeLessThan(30_000 + OVERHEAD_MS);
      expectNothing(client);
      expect(client.disk.parts.size, 'a part without a good piece is removed').toBe(0);
    }));

  test('ends with UNREACHABLE when the tracker answers nothing for 15 seconds, and with TIMED_OUT before', () =>
    simulateWorld(14, async (world) => {
      const file = makeFile();
      const tracker = await world.addTracker();
      tracker.host.isDark = true;
      const client = new SimClient(world);
      const options = { tracker: tracker.url, ...wanted(file) };
      const patient = await finishGet(world, client.get(options, 60_000));
      expect(patient).toMatchObject({ error: { code: 'UNREACHABLE' }, took: 15_000 });
      const hasty = await finishGet(world, client.get(options, 10_000));
      expect(hasty).toMatchObject({ error: { code: 'TIMED_OUT' }, took: 10_000 });
      expectNothing(client);
      tracker.host.isDark = false;
    }));

  test('goes on from its peers when the tracker goes silent after the look-up', () =>
    simulateWorld(15, async (world) => {
      const file = makeFile();
      const tracker = await world.addTracker();
      await SimSeeder.start(world, tracker, file, { up: MiB });
      const client = new SimClient(world);
      const got = client.get({ tracker: tracker.url, ...wanted(file) }, 60_000);
      await world.clock.runUntil(() => client.progress.some(({ done }) => done > MiB), 20_000);
      tracker.host.isDark = true;
      const { took } = await finishGet(world, got);
      expectDelivered(client, file);
      // The tracker is told `stopped`, for which it has a second.
      expect(took).toBeLessThan(lineTime(file, MiB) + OVERHEAD_MS + 1000);
      tracker.host.isDark = false;
    }));

  test.each([16, 17, 18])(
    'gets the rest from a seeder that is announced after the first has died (seed %i)',
    (seed) =>
      simulateWorld(seed, async (world) => {
        const file = makeFile();
        const tracker = await world.addTracker();
        const first = await SimSeeder.start(world, tracker, file, { up: MiB });
        const client = new SimClient(world);
        const got = client.get({ tracker: tracker.url, ...wanted(file) }, 600_000);
        await world.clock.runUntil(() => client.progress.some(({ done }) => done > MiB), 20_000);
        first.peer.host.isDark = true;
        await world.clock.pass(10_000);
        const second = await SimSeeder.start(world, tracker, file, { up: MiB });
        const announcedAt = world.clock.now();
        const { result } = await finishGet(world, got);
        expect(result).toMatchObject({ sources: 2 });
        expectDelivered(client, file);
        expect(second.peer.torrent.stats.uploaded).toBeGreaterThan(MiB);
        // A download without a peer asks the tracker again after a minute at most.
        expect(world.clock.now() - announcedAt).toBeLessThan(120_000);
        expect(result!.downloaded).toBeLessThan(1.5 * file.stream.length);
      }),
  );

  test('goes on from what an earlier try left', () =>
    simulateWorld(19, async (world) => {
      const file = makeFile();
      const tracker = await world.addTracker();
      await SimSeeder.start(world, tracker, file, { up: MiB });
      const client = new SimClient(world);
      const options = { tracker: tracker.url, ...wanted(file) };
      const first = await finishGet(world, client.get(options, 3000));
      expect(first.error).toMatchObject({ code: 'TIMED_OUT' });
      expect(client.disk.parts.size).toBe(1);
      const { result } = await finishGet(world, client.get(options, 60_000));
      expect(result!.downloaded).toBeLessThan(0.7 * file.stream.length);
      expectDelivered(client, file);
    }));

  test('delivers nothing that has another SHA-256, and gets the file from the next torrent', () =>
    simulateWorld(20, async (world) => {
      const file = makeFile(MiB);
      const forged = makeTorrent({ files: [MiB], name: NAME, pieceLength: 64 * 1024, content: 'forged' });
      const tracker = await world.addTracker();
      await SimSeeder.start(world, tracker, forged, { sha256: sha256Of(file) });
      const client = new SimClient(world);
      const options = { tracker: tracker.url, ...wanted(file) };
      const alone = await finishGet(world, client.get(options, 60_000));
      expect(alone.error).toMatchObject({ code: 'MISMATCH' });
      expectNothing(client);
      await SimSeeder.start(world, tracker, file);
      expect((await finishGet(world, client.get(options, 60_000))).result).toMatchObject(wanted(file));
      expectDelivered(client, file);
    }));

  test('rejects 3 seconds after its deadline when the disk hangs', () =>
    simulateWorld(21, async (world) => {
      const file = makeFile();
      const tracker = await world.addTracker();
      await SimSeeder.start(world, tracker, file);
      const client = new SimClient(world);
      client.disk.hangs = true;
      const { error, took } = await finishGet(
        world,
        client.get({ tracker: tracker.url, ...wanted(file) }, 5000),
      );
      expect(error).toMatchObject({ code: 'TIMED_OUT' });
      expect(took).toBe(8000);
    }));

  test('takes as long each time with the same seed', async () => {
    const run = async (): Promise<unknown> => {
      const outcomes: unknown[] = [];
      await simulateWorld(77, async (world) => {
        const file = makeFile();
        const tracker = await world.addTracker();
        for (const up of [1, 2]) await SimSeeder.start(world, tracker, file, { up: up * MiB });
        const clients = [1, 2].map(() => new SimClient(world, { up: MiB }));
        for (const client of clients) client.disk.delayMs = 5;
        const got = clients.map((client) => client.get({ tracker: tracker.url, ...wanted(file) }, 60_000));
        const { result } = await world.finish(Promise.all(got), 60_000);
        outcomes.push(result);
      });
      return outcomes;
    };
    expect(await run()).toEqual(await run());
  });
});
