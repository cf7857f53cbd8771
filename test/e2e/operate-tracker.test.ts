import { open, readdir, readlink, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { pollUntil, runProcess, type TempFolder, tempFolder } from '../support/index.ts';
import { eventsOf, runShoal, shoal, untilEventOf } from './shoal.ts';

/** The interval of a young swarm that the tracker reads later, in seconds; at first it has a tenth of it. */
const LONG_SECONDS = 100;
const LONG_INTERVAL = `tracker.youngInterval=${LONG_SECONDS}s`;
const LISTEN = ['--host', '127.0.0.1', '--port', '0', '--web-port', '0'];

async function intervalAt(url: unknown): Promise<number> {
  const peer = `info_hash=${'a'.repeat(20)}&peer_id=${'b'.repeat(20)}&port=1&left=1`;
  const answer = await (await fetch(`${String(url)}/announce?${peer}`)).text();
  return Number(/8:intervali(\d+)e/.exec(answer)![1]);
}

function settingsIn(folder: TempFolder, ...lines: string[]): Promise<void> {
  return writeFile(folder.join('tracker.properties'), lines.join('\n'));
}

describe('shoal tracker on SIGHUP', () => {
  test('uses the settings as they are now, and names those that take a restart', async () => {
    await using folder = await tempFolder();
    await settingsIn(folder, 'tracker.youngInterval=10s');
    const file = folder.join('tracker.properties');
    await using tracker = await shoal(['tracker', '--config', file, '--json', ...LISTEN]);
    const { url } = await untilEventOf(tracker, 'listening');
    expect(await intervalAt(url)).toBeLessThan(LONG_SECONDS);

    await settingsIn(folder, LONG_INTERVAL, `tracker.stateDir=${folder.join('state')}`);
    tracker.kill('SIGHUP');
    expect(await untilEventOf(tracker, 'reloaded')).toEqual({
      event: 'reloaded',
      changed: ['tracker.youngInterval'],
    });
    expect(await intervalAt(url)).toBeGreaterThanOrEqual(LONG_SECONDS);
    await tracker.waitForLine(/"msg":"tracker.stateDir takes a restart: it stays \\"\\", not /);
  });

  test('reads its settings again once it has started, if the signal comes before', async () => {
    await using folder = await tempFolder();
    const tokens = folder.join('tokens');
    await runProcess('mkfifo', [tokens]);
    // The tracker goes on with reading its tokens until this is closed.
    await using writer = await open(tokens, 'r+');
    await using tracker = await shoal(['tracker', '--tokens', tokens, '--json', ...LISTEN]);
    await pollUntil('the tracker reads its tokens', async () => {
      const fds = await readdir(`/proc/${tracker.pid}/fd`);
      const paths = await Promise.all(
        fds.map((fd) => readlink(`/proc/${tracker.pid}/fd/${fd}`).catch(() => '')),
      );
      return paths.includes(tokens) ? true : undefined;
    });
    tracker.kill('SIGHUP');
    await writer.write('\n');
    await writer.close();
    await untilEventOf(tracker, 'listening');
    await untilEventOf(tracker, 'reloaded');
    tracker.kill();
    await tracker.exitsWith(0);
  });

  test('does not tell the password of what takes a restart', async () => {
    await using folder = await tempFolder();
    const file = folder.join('tracker.properties');
    await settingsIn(folder, 'tracker.redis.url=redis://me:secret@127.0.0.1');
    await using tracker = await shoal(['tracker', '--config', file, '--json', ...LISTEN]);
    await untilEventOf(tracker, 'listening');
    await settingsIn(folder, 'tracker.redis.url=redis://me:other@127.0.0.1');
    tracker.kill('SIGHUP');
    await tracker.waitForLine(/stays \\"redis:\/\/me:\*\*\*@127\.0\.0\.1\\", not \\"redis:\/\/me:\*\*\*@/);
  });

  test('keeps its settings when the new ones cannot be used, and says why', async () => {
    await using folder = await tempFolder();
    await settingsIn(folder, 'tracker.youngInterval=10s');
    const file = folder.join('tracker.properties');
    await using tracker = await shoal(['tracker', '--config', file, '--json', ...LISTEN]);
    const { url } = await untilEventOf(tracker, 'listening');

    await settingsIn(folder, LONG_INTERVAL, 'tracker.zones=here', 'log.level=loud');
    tracker.kill('SIGHUP');
    await tracker.waitForLine(/tracker\.zones must be.*Could not reload the settings, all stay as they were/);
    await tracker.waitForLine(/log\.level must be one of.*Could not reload /);
    expect(await intervalAt(url)).toBeLessThan(LONG_SECONDS);
    tracker.kill();
    await tracker.exitsWith(0);
    expect(eventsOf(tracker).at(-1)).toEqual({ event: 'stopped' });
  });
});

test('shoal tracker tells its metrics, and those of its process', async () => {
  await using tracker = await shoal(['tracker', '--json', ...LISTEN]);
  const { url, webUrl } = await untilEventOf(tracker, 'listening');
  await intervalAt(url);
  const metrics = await (await fetch(`${String(webUrl)}/metrics`)).text();
  expect(metrics).toMatch(/^shoal_tracker_info\{version="\d+\.\d+\.\d+.*"\} 1$/m);
  expect(metrics).toMatch(/^shoal_tracker_announces_total\{transport="http"\} 1$/m);
  expect(metrics).toMatch(/^process_resident_memory_bytes \d/m);
  expect(metrics).toMatch(/^nodejs_eventloop_lag_p99_seconds \d/m);
});

describe('shoal tracker on SIGTERM', () => {
  test('tells load balancers first, with tracker.drainDelay, and then ends', async () => {
    await using folder = await tempFolder();
    await settingsIn(folder, 'tracker.drainDelay=1s');
    const file = folder.join('tracker.properties');
    await using tracker = await shoal(['tracker', '--config', file, '--json', ...LISTEN]);
    const { url } = await untilEventOf(tracker, 'listening');
    tracker.kill();
    await untilEventOf(tracker, 'draining');
    const health = await fetch(`${String(url)}/healthz`);
    expect([health.status, await health.json()]).toEqual([
      503,
      expect.objectContaining({ status: 'draining' }),
    ]);
    await tracker.exitsWith(0);
    expect(eventsOf(tracker).at(-1)).toEqual({ event: 'stopped' });
  });

  test('ends at once when the signal comes a second time', async () => {
    await using folder = await tempFolder();
    await settingsIn(folder, 'tracker.drainDelay=1h');
    const file = folder.join('tracker.properties');
    await using tracker = await shoal(['tracker', '--config', file, '--json', ...LISTEN]);
    await untilEventOf(tracker, 'listening');
    tracker.kill();
    await untilEventOf(tracker, 'draining');
    tracker.kill();
    await tracker.exitsWith(130);
  });
});

describe('shoal tracker --check-config', () => {
  test('prints each setting and where it is from, and ends with 0', async () => {
    await using folder = await tempFolder();
    await settingsIn(folder, 'tracker.port=80', 'tracker.maxPeers=9');
    const options = { cwd: folder.path, env: { SHOAL_TRACKER_ZONES: 'subnet' } };
    const args = ['tracker', '--check-config', '--config', 'tracker.properties', '--port', '81', '--json'];
    await using check = await shoal(args, options);
    await check.exitsWith(0);
    const events = eventsOf(check);
    const setting = (key: string, value: string, origin: string) => ({
      event: 'setting',
      key,
      value,
      origin,
    });
    expect(events).toContainEqual(setting('tracker.port', '81', '--port'));
    expect(events).toContainEqual(setting('tracker.zones', 'subnet', 'SHOAL_TRACKER_ZONES'));
    expect(events).toContainEqual(setting('tracker.maxPeers', '9', 'tracker.properties:2'));
    expect(events).toContainEqual(setting('log.level', 'info', 'the default'));
    expect(events.at(-1)).toEqual({ event: 'checked' });
  });

  test('tells all that is wrong, and ends with 2', async () => {
    await using folder = await tempFolder();
    await settingsIn(folder, 'tracker.prot=80', 'tracker.maxPeers=none');
    const args = ['tracker', '--check-config', '--config', 'tracker.properties'];
    const failed = await runShoal(args, 2, { cwd: folder.path });
    expect(String(failed['message']).split('\n')).toEqual([
      '2 settings cannot be used:',
      '  tracker.properties:1: unknown key "tracker.prot"; did you mean tracker.port?',
      '  tracker.properties:2: tracker.maxPeers must be a number in digits, from 1 to 999999999999; found "none"',
    ]);
  });

  test.each([
    ['tracker.tls.cert=cert.pem', 'tracker.tls.cert is set, and tracker.tls.key is not: '],
    ['tracker.tls.key=key.pem', 'tracker.tls.key is set, and tracker.tls.cert is not: '],
    ['tracker.tls.required=true', 'tracker.tls.required is true, which refuses clients without TLS, '],
  ])('tells beside %s without its fellow all else that is wrong', async (setting, found) => {
    await using folder = await tempFolder();
    await settingsIn(folder, setting, 'tracker.allowList=none', 'tracker.denyList=none');
    const args = ['tracker', ...LISTEN, '--config', 'tracker.properties'];
    const checked = await runShoal([...args, '--check-config'], 2, { cwd: folder.path });
    const [head, ...lines] = String(checked['message']).split('\n');
    expect(head).toBe('3 settings cannot be used:');
    expect(lines[0]).toContain(`tracker.properties:1: ${found}`);
    expect(lines[1]).toContain('tracker.properties:2: tracker.allowList cannot be used: ');
    expect(lines[2]).toContain('tracker.properties:3: tracker.denyList cannot be used: ');
    expect(await runShoal(args, 2, { cwd: folder.path })).toEqual(checked);
  });

  test.each([
    [
      'a certificate that is not there',
      'tracker.tls.cert=none.pem\ntracker.tls.key=none.pem',
      'tracker.tls.cert',
    ],
    ['a list that is not there', 'tracker.allowList=none', 'tracker.allowList'],
    ['a list that is none', 'tracker.denyList=tracker.properties', 'tracker.denyList'],
    ['a folder that is none', 'tracker.stateDir=tracker.properties', 'tracker.stateDir'],
  ])('finds %s, as a tracker that is started does, which ends with 2, too', async (_, settings, key) => {
    await using folder = await tempFolder();
    await settingsIn(folder, settings);
    const args = ['tracker', ...LISTEN, '--config', 'tracker.properties'];
    const checked = await runShoal([...args, '--check-config'], 2, { cwd: folder.path });
    expect(checked['message']).toMatch(new RegExp(`^tracker\\.properties:1: ${key} cannot be used: `));
    expect(await runShoal(args, 2, { cwd: folder.path })).toEqual(checked);
  });
});
