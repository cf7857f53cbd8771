import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  deadline,
  type HangingDisk,
  hangingDisk,
  hasPeer,
  makeFile,
  requirePeers,
  tempFolder,
} from '../support/index.ts';
import { eventsOf, runShoal, shoal, startSeeder, startTracker } from './shoal.ts';

/** The milliseconds that a command may take to end after its deadline or a signal, by docs/command-line.md. */
const IN_TIME_MS = 5_000;
/** The milliseconds for Node to start on a busy machine. */
const START_MS = 5_000;
/** It is at work. */
const SETTLED = /"event":"progress"|"event":"listening"/;

describe('shoal get, when the disk of the output hangs', () => {
  test('ends with 4 soon after its deadline', async (context) => {
    requirePeers(context, 'bindfs');
    await using disk = await hangingDisk();
    await makeFile(disk.below('a.bin'), 100_000, 'hang');
    const torrent = disk.below('a.torrent');
    await runShoal([
      'create',
      disk.below('a.bin'),
      '-o',
      torrent,
      '--tracker',
      'http://127.0.0.1:1/announce',
    ]);
    disk.hang();
    await using client = await shoal(['get', torrent, '-o', disk.join('out'), '--timeout', '1s', '--json']);
    await client.exitsWith(4, deadline(START_MS + 1000 + IN_TIME_MS));
    expect(eventsOf(client).at(-1)).toMatchObject({ event: 'failed', code: 'TIMED_OUT', exitCode: 4 });
  });

  test('ends with 4 when it hangs in mid-download', async (context) => {
    requirePeers(context, 'bindfs');
    await using disk = await hangingDisk();
    await using folder = await tempFolder();
    const sha256 = await makeFile(folder.join('big.bin'), 8 * 2 ** 20, 'mid');
    await using tracker = await startTracker();
    await using _seeder = await startSeeder(tracker, folder.join('big.bin'));
    const flags = ['--tracker', tracker.url, '--limit-down', '1M', '--timeout', '4s', '--json'];
    await using client = await shoal(['get', sha256, '-o', disk.join('out'), ...flags]);
    await client.waitForLine(/"phase":"downloading",.*"done":[1-9]/);
    disk.hang();
    await client.exitsWith(4, deadline(4000 + IN_TIME_MS));
  });

  test('ends with 130 soon after Ctrl-C', async (context) => {
    requirePeers(context, 'bindfs');
    await using disk = await hangingDisk();
    await using tracker = await startTracker();
    await makeFile(disk.below('a.bin'), 100_000, 'hang');
    await using _seeder = await startSeeder(tracker, disk.below('a.bin'));
    disk.hang();
    const flags = ['--tracker', tracker.url, '--json'];
    await using client = await shoal(['get', 'a.bin', '-o', disk.join('out'), ...flags]);
    await client.waitForLine(SETTLED);
    client.kill('SIGINT');
    await client.exitsWith(130, deadline(IN_TIME_MS));
    expect(eventsOf(client).at(-1)).toMatchObject({ event: 'failed', code: 'INTERRUPTED', exitCode: 130 });
  });
});

test('shoal get ends with 4 at its deadline when the disk of the .torrent hangs', async (context) => {
  requirePeers(context, 'bindfs');
  await using disk = await hangingDisk();
  disk.hang();
  await using client = await shoal(['get', disk.join('a.torrent'), '--timeout', '1s', '--json']);
  await client.exitsWith(4, deadline(START_MS + 1000 + IN_TIME_MS));
});

/** Loaded before the command: says on stderr when it listens for SIGTERM, and when it has heard one. */
const SAYS_WHEN_IT_LISTENS = `
  process.on('newListener', function say(name) {
    if (name !== 'SIGTERM') return;
    process.off('newListener', say);
    setImmediate(() => {
      process.on('SIGTERM', () => console.error('heard'));
      console.error('listens');
    });
  });
`;

describe('with files on a disk that hangs,', () => {
  let disk: HangingDisk | undefined;

  beforeAll(async () => {
    if (!hasPeer('bindfs')) return;
    disk = await hangingDisk();
    await makeFile(disk.below('a.bin'), 1000, 'a');
    await writeFile(disk.below('a.torrent'), 'noise');
    disk.hang();
  });
  afterAll(() => disk?.[Symbol.asyncDispose]());

  test.concurrent.for<[command: string, args: (path: (name: string) => string) => string[]]>([
    ['create', (path) => ['create', path('a.bin'), '-o', '/dev/shm/never.torrent']],
    ['show', (path) => ['show', path('a.torrent')]],
    ['verify', (path) => ['verify', path('a.torrent'), '.']],
    ['seed', (path) => ['seed', path('a.bin'), '--port', '0']],
    ['ls', (path) => ['ls', '--config', path('a.properties')]],
    ['token', (path) => ['token', 'list', '--tokens', path('tokens')]],
    ['tracker', (path) => ['tracker', '--port', '0', '--state-dir', path('state')]],
  ])('shoal %s ends soon after the first signal, and at once at the second', async ([, args], context) => {
    requirePeers(context, 'bindfs');
    const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(SAYS_WHEN_IT_LISTENS)}` };
    const start = () => shoal([...args((name) => disk!.join(name)), '--json'], { env });
    await using once = await start();
    await using twice = await start();
    await Promise.all([once, twice].map((process) => process.waitForLine(/^listens$/)));
    once.kill('SIGTERM');
    twice.kill('SIGTERM');
    await twice.waitForLine(/^heard$/);
    twice.kill('SIGTERM');
    await twice.exitsWith(130, deadline(IN_TIME_MS));
    await once.exitsWith(130, deadline(2 * IN_TIME_MS));
  });
});

test('shoal get ends with 6 at once where no folder can be made', async () => {
  await using folder = await tempFolder();
  await makeFile(folder.join('a.bin'), 1000, 'proc');
  await using tracker = await startTracker();
  await using _seeder = await startSeeder(tracker, folder.join('a.bin'));
  const failed = await runShoal(['get', 'a.bin', '--tracker', tracker.url, '-o', '/proc/nope/z'], 6);
  expect(failed['message']).toMatch(/\/proc\/nope/);
});
