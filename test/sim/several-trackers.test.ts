import { describe, expect, test } from 'vitest';
import { SimClient } from './sim-client.ts';
import { SimSeeder, sha256Of } from './sim-seeder.ts';
import { makeTorrent, type SimTorrent } from './sim-torrent.ts';
import { simulateWorld, type World } from './world.ts';

const MiB = 1024 * 1024;
const NAME = 'war-and-peace.txt';

function makeFile(content = 'file'): SimTorrent {
  return makeTorrent({ files: [4 * MiB], name: NAME, pieceLength: 64 * 1024, content });
}

function expectDelivered(client: SimClient, file: SimTorrent): void {
  expect(Buffer.compare(client.disk.files.get(NAME) ?? new Uint8Array(), file.stream), 'the bytes').toBe(0);
}

async function finishGet(world: World, got: ReturnType<SimClient['get']>) {
  return (await world.finish(got, 600_000)).result;
}

describe('get() from several trackers', () => {
  test.each(['id', 'sha256'] as const)('asks the next one when the first knows no seeder of the %s', (by) =>
    simulateWorld(1, async (world) => {
      const file = makeFile();
      const trackers = [await world.addTracker(), await world.addTracker()];
      await SimSeeder.start(world, trackers[1]!, file);
      const client = new SimClient(world);
      const options = { tracker: trackers.map(({ url }) => url), [by]: sha256Of(file) };
      const { result } = await finishGet(world, client.get(options, 60_000));
      expect(result).toMatchObject({ wasThere: false, sha256: sha256Of(file) });
      expectDelivered(client, file);
      expect(client.warnings).toEqual([]);
    }),
  );

  test('asks the next one when the first is away, and tells it', () =>
    simulateWorld(2, async (world) => {
      const file = makeFile();
      const [dead, alive] = [await world.addTracker(), await world.addTracker()];
      dead.host.isDark = true;
      await SimSeeder.start(world, alive, file);
      const client = new SimClient(world);
      const options = { tracker: [dead.url, alive.url], name: NAME };
      const { result } = await finishGet(world, client.get(options, 60_000));
      expect(result).toMatchObject({ name: NAME });
      expectDelivered(client, file);
      expect(client.warnings[0]).toContain(dead.url);
      dead.host.isDark = false;
    }));

  test('takes from the seeders that each of them knows', () =>
    simulateWorld(3, async (world) => {
      const file = makeFile();
      const trackers = [await world.addTracker(), await world.addTracker(), await world.addTracker()];
      for (const tracker of trackers) await SimSeeder.start(world, tracker, file, { up: MiB });
      const client = new SimClient(world);
      const options = { tracker: trackers.map(({ url }) => url), name: NAME };
      const { result } = await finishGet(world, client.get(options, 60_000));
      expect(result).toMatchObject({ sources: 3 });
      expectDelivered(client, file);
    }));

  test('goes on when one of them dies in the middle', () =>
    simulateWorld(4, async (world) => {
      const file = makeFile();
      const [first, second] = [await world.addTracker(), await world.addTracker()];
      await SimSeeder.start(world, first, file, { up: MiB });
      const client = new SimClient(world);
      const got = client.get({ tracker: [first.url, second.url], name: NAME }, 60_000);
      await world.clock.runUntil(() => client.progress.some(({ done }) => done > MiB), 20_000);
      first.host.isDark = true;
      expect((await finishGet(world, got)).result).toMatchObject({ name: NAME });
      expectDelivered(client, file);
      first.host.isDark = false;
    }));

  test('gets the file from the next one when what the first names is not the file', () =>
    simulateWorld(5, async (world) => {
      const [file, forged] = [makeFile(), makeFile('forged')];
      const [first, second] = [await world.addTracker(), await world.addTracker()];
      await SimSeeder.start(world, first, forged, { sha256: sha256Of(file) });
      await SimSeeder.start(world, second, file);
      const client = new SimClient(world);
      const options = { tracker: [first.url, second.url], id: sha256Of(file) };
      const { result } = await finishGet(world, client.get(options, 60_000));
      expect(result).toMatchObject({ sha256: sha256Of(file) });
      expectDelivered(client, file);
    }));

  test('ends with NOT_FOUND and names each with its result when one of them has answered', () =>
    simulateWorld(6, async (world) => {
      const [dead, alive] = [await world.addTracker(), await world.addTracker()];
      dead.host.isDark = true;
      const client = new SimClient(world);
      const options = { tracker: [dead.url, alive.url], id: 'ab'.repeat(32) };
      const { error } = await finishGet(world, client.get(options, 60_000));
      expect(error).toMatchObject({ code: 'NOT_FOUND' });
      expect(error!.message).toContain(`${alive.url} knows no seeder that has it`);
      expect(error!.message).toContain(dead.url);
      dead.host.isDark = false;
    }));

  test('ends with UNREACHABLE and names each when none of them answers', () =>
    simulateWorld(7, async (world) => {
      const trackers = [await world.addTracker(), await world.addTracker()];
      for (const { host } of trackers) host.isDark = true;
      const client = new SimClient(world);
      const urls = trackers.map(({ url }) => url);
      const { error } = await finishGet(world, client.get({ tracker: urls, name: NAME }, 60_000));
      expect(error).toMatchObject({ code: 'UNREACHABLE' });
      for (const url of urls) expect(error!.message).toContain(url);
      for (const { host } of trackers) host.isDark = false;
    }));
});
