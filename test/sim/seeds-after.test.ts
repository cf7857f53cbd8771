import { describe, expect, test } from 'vitest';
import { SimClient } from './sim-client.ts';
import { SimSeeder, sha256Of } from './sim-seeder.ts';
import { makeTorrent, type SimTorrent } from './sim-torrent.ts';
import { simulateWorld, type World } from './world.ts';

const MiB = 1024 * 1024;
const NAME = 'model.bin';
const MINUTE = 60_000;

function makeFile(bytes = 2 * MiB): SimTorrent {
  return makeTorrent({ files: [bytes], name: NAME, pieceLength: 64 * 1024 });
}

async function finishGet(world: World, got: ReturnType<SimClient['get']>) {
  return (await world.finish(got, 60 * MINUTE)).result;
}

describe('get() with seedForMs and seedRatio', () => {
  test('resolves after the time, and seeds a file that was there already, too', () =>
    simulateWorld(1, async (world) => {
      const file = makeFile();
      const tracker = await world.addTracker();
      await SimSeeder.start(world, tracker, file, { up: MiB });
      const client = new SimClient(world);
      const options = { tracker: tracker.url, name: NAME, seedForMs: 5 * MINUTE };
      const first = await finishGet(world, client.get(options, 60 * MINUTE));
      expect(first.result).toMatchObject({
        wasThere: false,
        seeding: { end: 'time', seconds: expect.closeTo(300, 3) },
      });
      expect(first.result!.seconds).toBeLessThan(10);
      expect(client.progress.at(-1)).toMatchObject({ phase: 'seeding', done: 2 * MiB, uploaded: 0 });
      const second = await finishGet(world, client.get(options, 60 * MINUTE));
      expect(second.result).toMatchObject({
        wasThere: true,
        seeding: { end: 'time', seconds: expect.closeTo(300, 3) },
      });
      expect(client.warnings).toEqual([]);
    }));

  test.each([1, 2, 3])('hands a file on when its first seeder has left (seed %i)', (seed) =>
    simulateWorld(seed, async (world) => {
      const file = makeFile();
      const tracker = await world.addTracker();
      const seeder = await SimSeeder.start(world, tracker, file, { up: MiB });
      const options = { tracker: tracker.url, sha256: sha256Of(file) };
      const [a, b, c] = [new SimClient(world), new SimClient(world), new SimClient(world)];
      const seeded = { ...options, seedForMs: 10 * MINUTE };
      const gotByA = a.get(seeded, 60 * MINUTE);
      await world.clock.runUntil(() => a.progress.some(({ phase }) => phase === 'seeding'), MINUTE);
      await world.clock.pass(5000);
      await world.finish(seeder.close(), MINUTE);
      const gotByB = await finishGet(world, b.get(options, 5 * MINUTE));
      expect(gotByB.result, String(gotByB.error)).toMatchObject({ sha256: sha256Of(file), sources: 1 });
      const gotByC = await finishGet(world, c.get(options, 5 * MINUTE));
      expect(gotByC.result).toMatchObject({ sources: 1 });
      const { result } = await finishGet(world, gotByA);
      expect(result!.seeding).toMatchObject({ end: 'time' });
      expect(result!.seeding!.uploaded).toBeGreaterThanOrEqual(4 * MiB);
      const late = await finishGet(world, c.get({ ...options, output: 'late.bin' }, MINUTE));
      expect(late.error, 'A has left the registry, too').toMatchObject({ code: 'NOT_FOUND' });
    }),
  );

  test('goes on with the peers that it has while its file gets its name', () =>
    simulateWorld(4, async (world) => {
      const file = makeFile(4 * MiB);
      const tracker = await world.addTracker();
      await SimSeeder.start(world, tracker, file, { up: MiB });
      const fast = new SimClient(world);
      fast.disk.delayMs = 20;
      const slow = new SimClient(world, { down: 200 * 1024 });
      const options = { tracker: tracker.url, name: NAME };
      const gotByFast = fast.get({ ...options, seedRatio: 0.25 }, 60 * MINUTE);
      const gotBySlow = slow.get(options, 60 * MINUTE);
      const { result } = await finishGet(world, gotByFast);
      expect(result!.seeding).toMatchObject({ end: 'ratio' });
      expect(result!.seeding!.uploaded).toBeGreaterThanOrEqual(MiB);
      expect((await finishGet(world, gotBySlow)).result).toMatchObject({ sources: 2 });
      expect([...fast.warnings, ...slow.warnings]).toEqual([]);
    }));

  test('ends at the first of both limits', () =>
    simulateWorld(5, async (world) => {
      const file = makeFile();
      const tracker = await world.addTracker();
      await SimSeeder.start(world, tracker, file);
      const client = new SimClient(world);
      const options = { tracker: tracker.url, name: NAME, seedForMs: MINUTE, seedRatio: 2 };
      const { result } = await finishGet(world, client.get(options, 60 * MINUTE));
      expect(result!.seeding).toMatchObject({ end: 'time', uploaded: 0 });
    }));

  test('ends with a warning, and resolves, when its file is changed', () =>
    simulateWorld(6, async (world) => {
      const file = makeFile();
      const tracker = await world.addTracker();
      const seeder = await SimSeeder.start(world, tracker, file);
      const [a, b] = [new SimClient(world), new SimClient(world)];
      const options = { tracker: tracker.url, sha256: sha256Of(file) };
      const got = a.get({ ...options, seedForMs: 10 * MINUTE }, 60 * MINUTE);
      await world.clock.runUntil(() => a.progress.some(({ phase }) => phase === 'seeding'), MINUTE);
      await world.clock.pass(5000);
      await world.finish(seeder.close(), MINUTE);
      a.disk.files.set(NAME, new Uint8Array(2 * MiB));
      const late = b.get(options, 5 * MINUTE);
      const { result } = await finishGet(world, got);
      expect(result).toMatchObject({ wasThere: false, seeding: { end: 'failed' } });
      expect(a.warnings).toEqual([expect.stringMatching(/seed model\.bin: .*it has changed/)]);
      expect((await finishGet(world, late)).error).toMatchObject({ code: 'TIMED_OUT' });
    }));

  test('resolves soon after its signal aborts while it seeds', () =>
    simulateWorld(7, async (world) => {
      const file = makeFile();
      const tracker = await world.addTracker();
      await SimSeeder.start(world, tracker, file);
      const client = new SimClient(world);
      const options = { tracker: tracker.url, name: NAME, seedForMs: 60 * MINUTE };
      const { result, took } = await finishGet(world, client.get(options, 5 * MINUTE));
      expect(result).toMatchObject({ seeding: { end: 'stopped' } });
      expect(took).toBeLessThan(5 * MINUTE + 2000);
    }));

  test('resolves 3 seconds after its signal aborts when the disk hangs while it seeds, with a warning', () =>
    simulateWorld(8, async (world) => {
      const file = makeFile();
      const tracker = await world.addTracker();
      const seeder = await SimSeeder.start(world, tracker, file);
      const [a, b] = [new SimClient(world), new SimClient(world)];
      const options = { tracker: tracker.url, sha256: sha256Of(file) };
      const got = a.get({ ...options, seedForMs: 60 * MINUTE }, 5 * MINUTE);
      await world.clock.runUntil(() => a.progress.some(({ phase }) => phase === 'seeding'), MINUTE);
      await world.clock.pass(5000);
      await world.finish(seeder.close(), MINUTE);
      a.disk.hangs = true;
      const late = b.get(options, 5 * MINUTE);
      const { result, took } = await finishGet(world, got);
      expect(result).toMatchObject({ path: NAME, wasThere: false });
      expect(took).toBe(5 * MINUTE + 3000);
      expect(a.warnings.at(-1)).toMatch(/^stop seeding: The work under way did not end within 3 s/);
      expect((await finishGet(world, late)).error).toMatchObject({ code: 'TIMED_OUT' });
    }));

  test('rejects with CALLBACK_FAILED when onDelivered throws, and ends the seeding', () =>
    simulateWorld(9, async (world) => {
      const file = makeFile();
      const tracker = await world.addTracker();
      await SimSeeder.start(world, tracker, file);
      for (const seedForMs of [0, 60 * MINUTE]) {
        const client = new SimClient(world);
        const onDelivered = () => {
          throw new Error('a fault of the caller');
        };
        const options = { tracker: tracker.url, name: NAME, seedForMs, onDelivered };
        const { error, took } = await finishGet(world, client.get(options, 60 * MINUTE));
        expect(error).toMatchObject({
          code: 'CALLBACK_FAILED',
          message: expect.stringMatching(/onDelivered threw/),
        });
        expect(took).toBeLessThan(MINUTE);
        expect(client.disk.files.size, 'it was delivered').toBe(1);
      }
    }));
});
