import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import {
  makeFile,
  requirePeers,
  runProcess,
  smallDisk,
  spawnProcess,
  startBadTracker,
  type TrackerMisbehaviour,
  tempFolder,
} from '../support/index.ts';
import { eventsOf, MAIN, runShoal, shoal, startSeeder, startTracker, untilEventOf } from './shoal.ts';

/** Nobody listens there: it is reserved. */
const NOBODY = 'http://127.0.0.1:1';
const NO_HASH = '0'.repeat(64);

describe('shoal ends with 1', () => {
  /** Loads code into the process that fails when the process is sent SIGUSR2. */
  const failingWith = (statement: string) => ({
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(`process.on('SIGUSR2', () => { ${statement} })`)}`,
  });

  test.each([
    ['an exception', "throw new Error('boom')"],
    ['a rejection', "Promise.reject(new Error('boom'))"],
  ])('for %s that nobody expected', async (_what, statement) => {
    const args = ['tracker', '--port', '0', '--web-port', '0', '--json', '--log-level', 'debug'];
    await using tracker = await shoal(args, { env: failingWith(statement) });
    await untilEventOf(tracker, 'listening');
    tracker.kill('SIGUSR2');
    await tracker.exitsWith(1);
    const failed = { event: 'failed', code: 'UNEXPECTED', exitCode: 1, message: 'boom' };
    expect(eventsOf(tracker).at(-1)).toEqual(failed);
    expect(tracker.output).toMatch(/"stack":"Error: boom\\n/);
  });
});

describe('shoal ends with 2', () => {
  test.each<[what: string, args: string[], says: RegExp]>([
    ['an unknown command', ['fetch'], /unknown command 'fetch'/],
    ['an unknown flag', ['get', '--speed', '9'], /unknown option '--speed'/],
    ['a flag without its value', ['get', '--timeout'], /argument missing/],
    [
      'a bad value',
      ['get', '--timeout', '30'],
      /^--timeout: client\.timeout must be a duration .*found "30"$/,
    ],
    ['a bad port', ['tracker', '--port', '70000'], /^--port: tracker\.port must be a port, 0 to 65535/],
    ['a bad SHA-256', ['get', '--sha256', 'abc'], /64 hex digits/],
    ['a bad tracker', ['ls', '--tracker', 'a:9910'], /http:\/\/ or https:\/\/ URL/],
    ['flags that exclude each other', ['create', 'a', '--v1', '--v2'], /cannot be used with/],
    ['a bad size', ['create', 'a', '--piece-length', 'big'], /Expected a size/],
    ['an empty output', ['get', 'a', '-o', ''], /--output is empty/],
    ['stdout as output', ['get', 'a', '-o', '-'], /stdout is not supported yet/],
    ['stdout as the output of create', ['create', '.', '-o', '-'], /stdout is not supported yet/],
    ['the name twice', ['get', 'a', '--name', 'b'], /Give the name once/],
    ['the SHA-256 twice', ['get', NO_HASH, '--sha256', NO_HASH], /Give the SHA-256 once/],
    ['a .torrent without its data', ['seed', 'a.torrent'], /--data/],
    ['data without a .torrent', ['seed', '--data', '.'], /\.torrent/],
    ['a configuration that is not there', ['ls', '--config', 'no.properties'], /there is no such file/],
  ])('for %s', async (_what, args, says) => {
    const failed = await runShoal(args, 2);
    expect(failed).toMatchObject({ event: 'failed', exitCode: 2 });
    expect(failed['message']).toMatch(says);
  });

  test('for no command at all, with the help', async () => {
    await using spawned = await shoal([]);
    await spawned.exitsWith(2);
    expect(spawned.output).toMatch(/Usage: shoal .*Exit codes:.* 130 {2}interrupted/s);
  });

  test.each([
    [
      'an unknown key',
      'tracker.prot=1',
      /^bad\.properties:2: unknown key "tracker\.prot"; did you mean tracker\.port\?/,
    ],
    [
      'a bad value',
      'tracker.port=nine',
      /^bad\.properties:2: tracker\.port must be a port, 0 to 65535; found "nine"/,
    ],
    ['a key given twice', 'log.level=info', /^bad\.properties:2: log\.level is already set on line 1/],
  ])('for %s in the configuration, naming file, line and key', async (_what, line, says) => {
    await using folder = await tempFolder();
    await writeFile(folder.join('bad.properties'), `log.level=info\n${line}\n`);
    const failed = await runShoal(['ls', '--config', 'bad.properties'], 2, { cwd: folder.path });
    expect(failed['message']).toMatch(says);
  });

  test('for a bad value in the environment', async () => {
    const failed = await runShoal(['ls'], 2, { env: { SHOAL_TRACKER_PORT: '70000' } });
    expect(failed['message']).toMatch(/^SHOAL_TRACKER_PORT: tracker\.port must be a port/);
  });

  test.each([
    ['nothing', ''],
    ['noise', 'noise'],
    ['a truncated one', 'd4:infod6:lengthi1e4:name1:a'],
    ['deep nesting', 'l'.repeat(5000)],
  ])('for a .torrent of %s', async (_what, bytes) => {
    await using folder = await tempFolder();
    await writeFile(folder.join('a.torrent'), bytes);
    await runShoal(['show', folder.join('a.torrent')], 2);
  });

  test.each([['get'], ['verify', '.'], ['seed', '--data', '.', '--port', '0']])(
    'for a .torrent that is none: %s',
    async (command, ...rest) => {
      await using folder = await tempFolder();
      const { path } = folder;
      await writeFile(folder.join('a.torrent'), 'noise');
      await runShoal([command!, folder.join('a.torrent'), ...rest], 2, { cwd: path });
    },
  );

  test('for a folder with nothing to seed in it', async () => {
    await using folder = await tempFolder();
    expect(await runShoal(['seed', folder.path, '--port', '0'], 2)).toMatchObject({ code: 'NO_FILES' });
  });
});

test('shoal get ends with 3 when nobody has the file', async () => {
  await using tracker = await startTracker();
  const failed = await runShoal(['get', NO_HASH, '--tracker', tracker.url], 3);
  expect(failed).toMatchObject({ code: 'NOT_FOUND', exitCode: 3 });
});

test('shoal get ends with 4 when a tracker does not answer in time', async () => {
  await using tracker = await startBadTracker('never');
  const failed = await runShoal(['get', NO_HASH, '--tracker', tracker.url, '--timeout', '1s'], 4);
  expect(failed).toMatchObject({ code: 'TIMED_OUT', exitCode: 4 });
});

describe('shoal ends with 5', () => {
  test('for content that is not what a .torrent says', async () => {
    await using folder = await tempFolder();
    await makeFile(folder.join('a/one.bin'), 100_000, 'one');
    await makeFile(folder.join('a/two.bin'), 100_000, 'two');
    const torrent = folder.join('a.torrent');
    await runShoal(['create', folder.join('a'), '-o', torrent]);
    await runShoal(['verify', torrent, folder.join('a')]);
    await makeFile(folder.join('a/two.bin'), 100_000, 'another');

    await using verify = await shoal(['verify', torrent, folder.path]);
    await verify.exitsWith(5);
    expect(verify.stdout).toEqual(['damaged  two.bin']);
    const failed = await runShoal(['seed', torrent, '--data', folder.path, '--port', '0'], 5);
    expect(failed).toMatchObject({ code: 'MISMATCH', exitCode: 5 });
  });

  test('for a torrent of another size than was asked for', async () => {
    await using folder = await tempFolder();
    await makeFile(folder.join('a.bin'), 100, 'a');
    await runShoal(['create', folder.join('a.bin'), '-o', folder.join('a.torrent')]);
    await runShoal(['get', folder.join('a.torrent'), '--size', '101'], 5);
  });
});

describe('shoal ends with 6', () => {
  test('for a file that is not there', async () => {
    await runShoal(['show', 'no-such-file.torrent'], 6);
    await runShoal(['create', 'no-such-file'], 6);
    await runShoal(['seed', 'no-such-file', '--port', '0'], 6);
  });

  test('for an output that cannot be written', async () => {
    await using folder = await tempFolder();
    await makeFile(folder.join('a.bin'), 100, 'a');
    await runShoal(['create', folder.join('a.bin'), '-o', folder.join('a.torrent')]);
    const args = [process.execPath, MAIN, 'show', folder.join('a.torrent')];
    await using show = await spawnProcess('sh', ['-c', '"$0" "$@" > /dev/full', ...args]);
    await show.exitsWith(6);
    expect(show.output).toMatch(/^shoal: Cannot write to stdout: the disk is full/);
  });

  test('for a disk that is full, and one that is read-only', async (context) => {
    requirePeers(context, 'tmpfs');
    await using folder = await tempFolder();
    await using disk = await smallDisk(256 * 1024);
    await makeFile(folder.join('big.bin'), 2 ** 20, 'big');
    await using tracker = await startTracker();
    await using _seeder = await startSeeder(tracker, folder.join('big.bin'));
    const getBig = ['get', 'big.bin', '--tracker', tracker.url, '-o', disk.join('big.bin')];

    expect(await runShoal(getBig, 6)).toMatchObject({ code: 'DISK', exitCode: 6 });
    await runProcess('mount', ['-o', 'remount,ro', disk.path]);
    expect(await runShoal(getBig, 6)).toMatchObject({ code: 'DISK', exitCode: 6 });
    const create = ['create', folder.join('big.bin'), '-o', disk.join('big.torrent')];
    expect(await runShoal(create, 6)).toMatchObject({ code: 'NOT_WRITABLE', exitCode: 6 });
  });
});

describe('shoal ends with 7', () => {
  test('for a port in use', async () => {
    await using folder = await tempFolder();
    await makeFile(folder.join('a.bin'), 100, 'a');
    const server = createServer().listen(0);
    await once(server, 'listening');
    const port = String((server.address() as AddressInfo).port);
    try {
      for (const args of [
        ['tracker', '--port', port, '--web-port', '0'],
        ['tracker', '--port', '0', '--web-port', port],
        ['seed', folder.join('a.bin'), '--port', port],
        ['get', NO_HASH, '--port', port],
      ]) {
        const failed = await runShoal(args, 7);
        expect(failed).toMatchObject({ code: 'PORT_IN_USE', exitCode: 7 });
        expect(failed['message']).toContain(port);
      }
    } finally {
      server.close();
    }
  });

  test('for a tracker that is not there', async () => {
    await runShoal(['ls', '--tracker', NOBODY], 7);
    expect(await runShoal(['get', 'a', '--tracker', NOBODY], 7)).toMatchObject({ code: 'UNREACHABLE' });
  });

  test.each<TrackerMisbehaviour>(['rubbish', 'error-500', 'hang-up', 'web-page', 'redirect-loop', 'endless'])(
    'for a tracker that misbehaves: %s',
    async (misbehaviour) => {
      await using tracker = await startBadTracker(misbehaviour);
      await runShoal(['ls', '--tracker', tracker.url], 7);
      await runShoal(['get', NO_HASH, '--tracker', tracker.url], 7);
    },
  );
});
