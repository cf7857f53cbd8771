import { readFile, stat } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { register } from '../../src/tracker-client/index.ts';
import { Disposables, makeFile, sha256Of, type TempFolder, tempFolder } from '../support/index.ts';
import { type Gate, startGate } from './gate.ts';
import { eventsOf, type RunningSeeder, runShoal, shoal, startSeeder, startTracker } from './shoal.ts';

const SIZE = 4 * 2 ** 20;

/** Progress after pieces have arrived. */
const SOME_DONE = /"phase":"downloading",.*"done":[1-9]/;

/** Seeders that stand behind gates, so that a download stops where a test wants it to. */
interface Stage extends AsyncDisposable {
  readonly folder: TempFolder;
  readonly trackerUrl: string;
  readonly sha256: string;
  readonly seeders: readonly RunningSeeder[];
  readonly gates: readonly Gate[];
}

/** @param limits for each seeder, how many of its bytes pass before its gate is shut */
async function setUp(...limits: readonly number[]): Promise<Stage> {
  await using owned = new Disposables();
  const folder = owned.use(await tempFolder());
  const sha256 = await makeFile(folder.join('big.bin'), SIZE, 'interrupted');
  const torrentFile = folder.join('big.torrent');
  const torrent = await runShoal(['create', '--v1', folder.join('big.bin'), '-o', torrentFile]);
  const metainfo = (await readFile(torrentFile)).toString('base64');
  // One tracker for clients, that knows of the gates, and one for the seeders themselves.
  const tracker = owned.use(await startTracker());
  const hidden = owned.use(await startTracker());
  const seeders: RunningSeeder[] = [];
  const gates: Gate[] = [];
  for (const [index, limit] of limits.entries()) {
    const seeder = owned.use(await startSeeder(hidden, folder.join('big.bin')));
    const gate = owned.use(await startGate(seeder.port, limit));
    await register(tracker.url, {
      port: gate.port,
      peerId: String(index).repeat(40),
      torrents: [{ infoHash: String(torrent['infoHash']), name: 'big.bin', size: SIZE, sha256, metainfo }],
    });
    seeders.push(seeder);
    gates.push(gate);
  }
  const all = owned.move();
  const dispose = () => all[Symbol.asyncDispose]();
  return { folder, trackerUrl: tracker.url, sha256, seeders, gates, [Symbol.asyncDispose]: dispose };
}

function getBig({ trackerUrl, folder }: Stage, ...flags: readonly string[]) {
  return shoal(['get', 'big.bin', '--tracker', trackerUrl, '-o', folder.join('got.bin'), '--json', ...flags]);
}

describe('shoal get, in mid-download', () => {
  test('completes from the seeder that is left when the other is killed', async () => {
    await using stage = await setUp(SIZE / 4, 0);
    await using client = await getBig(stage);
    await Promise.all(stage.gates.map((gate) => gate.untilShut()));
    stage.seeders[0]!.process.kill('SIGKILL');
    stage.gates[1]!.open();
    await client.exitsWith(0);
    expect(await sha256Of(stage.folder.join('got.bin'))).toBe(stage.sha256);
    expect(eventsOf(client).at(-1)).toMatchObject({ event: 'done', sources: 2, sha256: stage.sha256 });
  });

  test('ends with 4 at the timeout when no seeder is left, and keeps the part', async () => {
    await using stage = await setUp(SIZE / 4);
    await using client = await getBig(stage, '--timeout', '8s');
    await client.waitForLine(SOME_DONE);
    stage.seeders[0]!.process.kill('SIGKILL');
    await client.exitsWith(4);
    expect(eventsOf(client).at(-1)).toMatchObject({ event: 'failed', code: 'TIMED_OUT', exitCode: 4 });
    await expect(stat(stage.folder.join('got.bin'))).rejects.toThrow('ENOENT');
    expect((await stat(stage.folder.join('got.bin.part'))).size).toBe(SIZE);
  });

  test('ends with 130 at Ctrl-C, and goes on from there the next time', async () => {
    await using stage = await setUp(SIZE / 4);
    await using client = await getBig(stage);
    await client.waitForLine(SOME_DONE);
    client.kill('SIGINT');
    await client.exitsWith(130);
    expect(eventsOf(client).at(-1)).toMatchObject({ event: 'failed', code: 'INTERRUPTED', exitCode: 130 });
    await expect(stat(stage.folder.join('got.bin'))).rejects.toThrow('ENOENT');

    stage.gates[0]!.open();
    await using again = await getBig(stage);
    await again.exitsWith(0);
    expect(await sha256Of(stage.folder.join('got.bin'))).toBe(stage.sha256);
    expect(eventsOf(again).at(-1)!['downloaded']).toBeLessThan(SIZE);
  });
});
