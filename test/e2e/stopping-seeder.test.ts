import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import {
  freePort,
  makeCertificate,
  makeFile,
  pollUntil,
  requirePeers,
  runProcess,
  spawnProcess,
  tempFolder,
} from '../support/index.ts';
import { eventsOf, MAIN, runShoal, shoal, startTracker, untilEventOf } from './shoal.ts';

describe('shoal seed at a tracker that refuses it', () => {
  test('says so once and ends with 7 for a wrong token, unless told to go on', async () => {
    await using folder = await tempFolder();
    await makeFile(folder.join('a.bin'), 1000, 'a');
    const tokens = folder.join('tokens');
    await runShoal(['token', 'create', '--tokens', tokens, '--scope', 'register']);
    await using tracker = await startTracker({ args: ['--tokens', tokens] });
    const seed = ['seed', folder.join('a.bin'), '--port', '0', '--tracker', tracker.url];
    const wrong = ['--token', `shoal_00000000_${'x'.repeat(32)}`];
    await using refused = await shoal([...seed, ...wrong]);
    await refused.exitsWith(7);
    expect(refused.output.match(/HTTP status 401/g)).toHaveLength(1);
    await using going = await shoal([...seed, ...wrong, '--keep-trying']);
    await going.waitForLine(/warn: Could not register with .*: HTTP status 401/);
    going.kill('SIGTERM');
    await going.exitsWith(0);
  });

  test('says so once and ends with 7 for a certificate that is not trusted', async (context) => {
    requirePeers(context, 'openssl');
    await using folder = await tempFolder();
    await makeFile(folder.join('a.bin'), 1000, 'a');
    const [cert, key] = [folder.join('cert.pem'), folder.join('key.pem')];
    await makeCertificate('tracker', cert, key);
    const tls = { SHOAL_TRACKER_TLS_CERT: cert, SHOAL_TRACKER_TLS_KEY: key };
    await using tracker = await shoal(
      ['tracker', '--host', '127.0.0.1', '--port', '0', '--web-port', '0', '--json'],
      { env: tls },
    );
    const { url } = await untilEventOf(tracker, 'listening');
    await using refused = await shoal([
      'seed',
      folder.join('a.bin'),
      '--port',
      '0',
      '--tracker',
      String(url),
    ]);
    await refused.exitsWith(7);
    expect(refused.output.match(/certificate/g)).toHaveLength(1);
  });
});

test('shoal seed says once that the tracker is away, and registers when it is there', async () => {
  await using folder = await tempFolder();
  await makeFile(folder.join('a.bin'), 1000, 'a');
  const port = String(await freePort());
  const args = ['--tracker', `http://127.0.0.1:${port}`, '--port', '0', '--log-level', 'debug'];
  await using seeder = await shoal(['seed', folder.join('a.bin'), ...args]);
  await seeder.waitForLine(/Could not register/);
  await using _tracker = await startTracker({ port });
  await seeder.waitForLine(/^Registered with .*: 1 torrent, /);
  expect(seeder.output.match(/Could not register/g)).toHaveLength(1);
});

test.each<[what: string, status: number, body: string, found: string]>([
  ['a web page', 200, '<html>Hello</html>', 'the response is no JSON, so no Shoal tracker answers there'],
  ['other JSON', 200, '{"ok":true}', 'no Shoal tracker would send this response'],
  ['404', 404, 'nothing here', 'HTTP status 404, no Shoal tracker answers there'],
])(
  'shoal seed says once what it found in place of a tracker, and what to check: %s',
  async (_what, status, body, found) => {
    await using folder = await tempFolder();
    await makeFile(folder.join('a.bin'), 1000, 'a');
    let asked = 0;
    await using server = createServer((_request, response) => {
      asked += 1;
      response.writeHead(status).end(body);
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await using seeder = await shoal(['seed', folder.join('a.bin'), '--tracker', url, '--port', '0']);
    await pollUntil('it was asked again', () => (asked > 1 ? true : undefined));
    const warnings = seeder.output.split('\n').filter((line) => line.includes('warn: '));
    expect(warnings).toEqual([expect.stringContaining(`Could not register with ${url}: ${found}`)]);
    expect(warnings[0]).toMatch(/Is that the address of a tracker\?/);
    expect(warnings[0]).not.toContain('Cannot register');
  },
);

describe('shoal, when its terminal is closed', () => {
  test('leaves the tracker and ends as at Ctrl-C', async () => {
    await using folder = await tempFolder();
    await makeFile(folder.join('a.bin'), 1000, 'a');
    await using tracker = await startTracker();
    const { url } = tracker;
    const args = ['seed', '--port', '0', '--tracker', url, '--json', folder.join('a.bin')];
    await using seeder = await shoal(args);
    await untilEventOf(seeder, 'registered');
    // The system and the shell may send one each.
    seeder.kill('SIGHUP');
    seeder.kill('SIGHUP');
    await seeder.exitsWith(0);
    expect(eventsOf(seeder).at(-1)).toMatchObject({ event: 'stopped' });
    const answer = await fetch(`${url}/api/v1/seeders`);
    expect(await answer.json()).toMatchObject({ total: 0 });
  });

  test('keeps what a download has, and ends with 130', async () => {
    await using folder = await tempFolder();
    await using tracker = await startTracker();
    const { url } = tracker;
    await makeFile(folder.join('a.bin'), 2_000_000, 'a');
    const where = ['--tracker', url, '--json'];
    await using seeder = await shoal([
      'seed',
      '--port',
      '0',
      '--limit-up',
      '200K',
      ...where,
      folder.join('a.bin'),
    ]);
    await untilEventOf(seeder, 'registered');
    await using client = await shoal(['get', 'a.bin', '-o', folder.join('got'), ...where]);
    await client.waitForLine(/"phase":"downloading".*"done":[1-9]/);
    client.kill('SIGHUP');
    await client.exitsWith(130);
    expect(eventsOf(client).at(-1)).toMatchObject({ code: 'INTERRUPTED', message: 'Interrupted by SIGHUP' });
  });

  test.each([
    ['nohup', 'nohup "$0" "$@"'],
    ['a shell that ignores SIGHUP', 'trap "" HUP; "$0" "$@"; true'],
  ])('goes on when %s started it', async (_what, script) => {
    await using folder = await tempFolder();
    await makeFile(folder.join('a.bin'), 1000, 'a');
    const seed = [process.execPath, MAIN, 'seed', '--port', '0', '--tracker', 'http://127.0.0.1:1', '--json'];
    await using shell = await spawnProcess('bash', ['-c', script, ...seed, folder.join('a.bin')]);
    await untilEventOf(shell, 'listening');
    const pid = Number(await runProcess('bash', ['-c', `pgrep -P ${shell.pid} || echo ${shell.pid}`]));
    process.kill(pid, 'SIGHUP');
    process.kill(pid, 'SIGHUP');
    await rm(folder.join('a.bin'));
    // It goes on with its work.
    await untilEventOf(shell, 'withdrawn');
    process.kill(pid, 'SIGTERM');
    await shell.waitForLine(/"event":"stopped"/);
  });
});
