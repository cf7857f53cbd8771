import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeFile, runProcess, tempFolder } from '../support/index.ts';
import { MAIN, runShoal, shoal, startSeeder, startTracker } from './shoal.ts';

/** Nobody listens there: it is reserved. */
const NOBODY = 'http://127.0.0.1:1';
const DEMO_FILE = `client.fileName=aow.txt
client.fileSize=343691
client.fileHash=c70c1584d83004a88244887aeeeee5cda82d05d1fa60999e65e307c0615d2ca1
client.outputFileName=demo.txt
`;

describe('shoal get', () => {
  test('ends with 2 where neither a TARGET nor a setting says which file', async () => {
    await using folder = await tempFolder();
    const failed = await runShoal(['get', '--tracker', NOBODY], 2, { cwd: folder.path });
    expect(failed['message']).toBe('Cannot get a file: nothing says which');
  });

  test('takes nothing of the file that the configuration describes when a flag names another', async () => {
    await using folder = await tempFolder();
    const sha256 = await makeFile(folder.join('offered/art.tgz'), 30_000, 'art');
    await using tracker = await startTracker();
    await using _seeder = await startSeeder(tracker, folder.join('offered'));
    const cwd = folder.join('elsewhere');
    await mkdir(join(cwd, 'config'), { recursive: true });
    await writeFile(join(cwd, 'config/config.properties'), DEMO_FILE);
    const done = await runShoal(['get', '--name', 'art.tgz', '--tracker', tracker.url], 0, { cwd });
    expect(done).toMatchObject({ event: 'done', path: join(cwd, 'art.tgz'), sha256 });
  });

  test('has no time limit with --timeout 0, and reads days', async () => {
    for (const timeout of ['0', '1d']) {
      const failed = await runShoal(['get', 'x', '--tracker', NOBODY, '--timeout', timeout], 7);
      expect(failed['code']).toBe('UNREACHABLE');
    }
  });
});

test('shoal tells once which keys there are, however many of a file are unknown', async () => {
  await using folder = await tempFolder();
  const keys = Array.from({ length: 28 }, (_, at) => `zzz${at}.qqqqqqqq${at}=1\n`);
  await writeFile(folder.join('a.properties'), `${keys.join('')}tracker.prot=1\n`);
  const { message } = await runShoal(['ls', '--config', folder.join('a.properties')], 2);
  expect(String(message).match(/client\.fileName/g)).toHaveLength(1);
  expect(message).toMatch(/unknown key "zzz0.qqqqqqqq0", as are .* and 18 more; allowed are /);
  expect(message).toMatch(/unknown key "tracker.prot"; did you mean tracker.port\?/);
});

test('shoal token list says of a missing file that it is not there', async () => {
  await using folder = await tempFolder();
  const failed = await runShoal(['token', 'list', '--tokens', folder.join('none')], 2);
  expect(failed['message']).toBe(`Cannot list the tokens of ${folder.join('none')}: there is no such file`);
});

describe('shoal shows no password', () => {
  const SECRET = 'ftp://me:s3cret@a.example';
  test.each<[what: string, args: string[]]>([
    ['of a flag that cannot be used', ['ls', '--tracker', SECRET]],
    ['of a flag without a scheme', ['ls', '--tracker', 'me:s3cret@a.example']],
    ['of the address of Redis', ['tracker', '--check-config', '--store', 'redis', '--redis-url', SECRET]],
    ['of an announce URL', ['create', '.', '--tracker', SECRET]],
    ['of a URL in place of a file', ['get', 'http://me:s3cret@a.example/x.torrent']],
    ['of a command that does not exist', ['http://me:s3cret@a.example']],
  ])('%s', async (_what, args) => {
    await using spawned = await shoal([...args, '--json']);
    await spawned.exitsWith(2);
    expect(spawned.output).toContain('***@a.example');
    expect(spawned.output).not.toContain('s3cret');
  });

  test('of a setting in the environment', async () => {
    await using spawned = await shoal(['ls'], { env: { SHOAL_TRACKER_URL: SECRET } });
    await spawned.exitsWith(2);
    expect(spawned.output).toContain('SHOAL_TRACKER_URL: tracker.url must be an http:// or https:// URL');
    expect(spawned.output).not.toContain('s3cret');
  });
});

describe('shoal, given settings that are not its own,', () => {
  test('goes on with what Kubernetes sets, and warns of an unknown variable once', async () => {
    await using folder = await tempFolder();
    const path = folder.join('a');
    await makeFile(path, 1, 'a');
    const env = {
      SHOAL_TRACKER_PORT: 'tcp://10.96.0.5:9910',
      SHOAL_TRACKER_SERVICE_HOST: '10.96.0.5',
      SHOAL_TRACKR_URL: NOBODY,
    };
    await using spawned = await shoal(['create', path, '-o', folder.join('a.torrent')], { env });
    await spawned.exitsWith(0);
    const warnings = spawned.output.match(/warn: .*/g);
    expect(warnings).toEqual([
      'warn: The environment variable SHOAL_TRACKR_URL is ignored: no setting has it; did you mean SHOAL_TRACKER_URL?',
    ]);
  });

  test("goes on beside another program's config/config.properties", async () => {
    await using folder = await tempFolder();
    await mkdir(folder.join('config'));
    await writeFile(folder.join('config/config.properties'), 'server.port=8080\nlog.level=INFO\n');
    await makeFile(folder.join('a'), 1, 'a');
    expect(await runShoal(['create', 'a'], 0, { cwd: folder.path })).toMatchObject({ event: 'done' });
  });
});

describe('shoal', () => {
  test.each([
    ['get', ['get', 'a', '--tracker', NOBODY, '--timeout', '1s', '--timeout', '2s']],
    ['a flag of every command', ['ls', '--config', 'a', '--config', 'b']],
    ['a short flag', ['create', 'a', '-o', 'b', '--output', 'c']],
  ])('ends with 2 when a flag with one value is given twice: %s', async (_what, args) => {
    const failed = await runShoal(args, 2);
    expect(failed['message']).toMatch(/^--\w+ is given twice, as '.*' and as '.*': give it once/);
  });

  test('takes several trackers of create', async () => {
    await using folder = await tempFolder();
    const path = folder.join('a');
    await makeFile(path, 1, 'a');
    const trackers = ['http://a:1/announce', 'http://b:1/announce'];
    const args = ['create', path, '-o', `${path}.torrent`, ...trackers.flatMap((url) => ['--tracker', url])];
    expect((await runShoal(args))['trackers']).toEqual(trackers.map((url) => [url]));
  });

  test('prints the same help for -h and --help, with the default of each setting', async () => {
    const [short, long] = await Promise.all(
      ['-h', '--help'].map((flag) => runProcess(process.execPath, [MAIN, 'seed', flag])),
    );
    expect(short).toEqual(long);
    expect(long!.replaceAll(/\s+/g, ' ')).toContain('[seeder.port] (default: 9911)');
  });
});
