import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  makeFile,
  type SpawnedProcess,
  spawnProcess,
  type TempFolder,
  tempFolder,
} from '../support/index.ts';
import { MAIN, type RunningTracker, runShoal, startSeeder, startTracker } from './shoal.ts';

/** The disk of an output is full: every write to this device fails. */
const TO_FULL_DISK = '/dev/full';
const CANNOT_WRITE = 'shoal: Cannot write to stdout: the disk is full';

let folder: TempFolder;
let tracker: RunningTracker;

beforeAll(async () => {
  folder = await tempFolder();
  await makeFile(folder.join('a.bin'), 100_000, 'a');
  await runShoal(['create', 'a.bin', '-o', 'a.torrent'], 0, { cwd: folder.path });
  tracker = await startTracker();
});
afterAll(async () => {
  await tracker[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

/** Starts `shoal` with an output that cannot be written to. */
function shoalWithBroken(output: 'stdout' | 'stderr', args: readonly string[]): Promise<SpawnedProcess> {
  const redirection = output === 'stdout' ? '>' : '2>';
  const script = `exec "$0" "$@" ${redirection} ${TO_FULL_DISK}`;
  return spawnProcess('sh', ['-c', script, process.execPath, MAIN, ...args], { cwd: folder.path });
}

describe('shoal ends with 6 and says once on stderr that stdout cannot be written', () => {
  test.each([
    [['--help']],
    [['--version']],
    [['get', '--help']],
    [['show', 'a.torrent']],
    [['show', 'a.torrent', '--json']],
    [['show', 'nothing.torrent', '--json']],
    [['seed', 'a.bin', '--port', '0', '--json', '--tracker', 'TRACKER']],
    [['get', '0'.repeat(64), '--json', '--tracker', 'TRACKER']],
  ])('%j', async (args) => {
    const given = args.map((arg) => (arg === 'TRACKER' ? tracker.url : arg));
    await using spawned = await shoalWithBroken('stdout', given);
    await spawned.exitsWith(6);
    expect(spawned.output.split('\n').at(-1)).toBe(CANNOT_WRITE);
    expect(spawned.output.split(CANNOT_WRITE).length).toBe(2);
  });

  test('a bad command line, too, with --json', async () => {
    await using spawned = await shoalWithBroken('stdout', ['get', '--speed', '9', '--json']);
    await spawned.exitsWith(6);
    expect(spawned.output).toMatch(/unknown option '--speed'/);
    expect(spawned.output.split('\n').at(-1)).toBe(CANNOT_WRITE);
  });
});

describe('shoal ends as if nothing were wrong when stderr cannot be written', () => {
  test.each<[exitCode: number, args: string[]]>([
    [6, ['show', 'nothing.torrent']],
    [2, ['show', '--speed', '9']],
    [0, ['create', 'a.bin', '-o', 'b.torrent', '--log-level', 'debug']],
  ])('with %i for %j', async (exitCode, args) => {
    await using spawned = await shoalWithBroken('stderr', args);
    await spawned.exitsWith(exitCode);
  });

  test('with 0 for a download, which is whole', async () => {
    await using _seeder = await startSeeder(tracker, folder.join('a.bin'));
    const args = ['get', 'a.bin', '--tracker', tracker.url, '-o', 'got.bin', '--log-level', 'debug'];
    await using get = await shoalWithBroken('stderr', args);
    await get.exitsWith(0);
    await runShoal(['verify', 'a.torrent', 'got.bin'], 0, { cwd: folder.path });
  });
});
