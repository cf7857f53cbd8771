import { once } from 'node:events';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { makeCertificate, makeFile, sha256Of, tempFolder } from '../support/index.ts';
import { runShoal, startSeeder, startTracker } from './shoal.ts';

describe('a name that others chose', () => {
  test('replaces no file in the current folder, and makes none that begins with a dot', async () => {
    await using folder = await tempFolder();
    const theirs = await makeFile(folder.join('theirs/notes.txt'), 1000, 'theirs');
    await makeFile(folder.join('theirs/.bashrc'), 1000, 'evil');
    await mkdir(folder.join('home'));
    const mine = folder.join('home/notes.txt');
    await writeFile(mine, 'mine');
    await writeFile(folder.join('home/.bashrc'), 'mine');
    await using tracker = await startTracker();
    await using _seeder = await startSeeder(tracker, folder.join('theirs'), '--hidden');
    const get = (args: readonly string[], exitCode = 0) =>
      runShoal(['get', ...args, '--tracker', tracker.url], exitCode, { cwd: folder.join('home') });

    const failed = await get(['notes.txt'], 6);
    expect(failed).toMatchObject({ code: 'DISK', message: expect.stringContaining('(--force)') });
    expect(await get(['.bashrc'])).toMatchObject({ path: folder.join('home/%2Ebashrc') });
    expect(await readFile(mine, 'utf8')).toBe('mine');
    expect(await readFile(folder.join('home/.bashrc'), 'utf8')).toBe('mine');
    expect(await readdir(folder.join('home'))).toEqual(['%2Ebashrc', '.bashrc', 'notes.txt']);

    await get(['notes.txt', '--force']);
    expect(await sha256Of(mine)).toBe(theirs);
    expect(await get(['notes.txt'])).toMatchObject({ wasThere: true });
    await writeFile(mine, 'mine');
    await get(['notes.txt', '-o', 'notes.txt']);
    expect(await sha256Of(mine)).toBe(theirs);
  });
});

/** A service on this machine that notes what it is asked, but for the query that Shoal adds. */
async function startService(tls?: {
  readonly cert: string;
  readonly key: string;
  readonly location: string;
}) {
  const asked: string[] = [];
  const take = (request: IncomingMessage, response: ServerResponse) => {
    const [path, query] = request.url!.split('info_hash');
    asked.push(path!);
    if (tls === undefined) response.end('d8:intervali60e5:peers0:e');
    else response.writeHead(302, { location: `${tls.location}?info_hash${query}` }).end();
  };
  const server =
    tls === undefined
      ? createServer(take)
      : createTlsServer({ cert: await readFile(tls.cert), key: await readFile(tls.key) }, take);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    asked,
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

describe('a tracker that a .torrent names', () => {
  test('is not asked at a path of its choice on this machine, unless the user trusts it', async () => {
    await using folder = await tempFolder();
    await using service = await startService();
    await makeFile(folder.join('a.bin'), 1000, 'a');
    const torrent = folder.join('a.torrent');
    const evil = `${service.url}/admin?do=shutdown`;
    await runShoal(['create', folder.join('a.bin'), '-o', torrent, '--tracker', evil]);
    const get = ['get', torrent, '-o', folder.join('got.bin')];
    const failed = await runShoal(get, 7);
    expect(failed).toMatchObject({
      code: 'UNREACHABLE',
      hint: expect.stringContaining('--trust-trackers'),
    });
    expect(service.asked).toEqual([]);
    await runShoal([...get, '--trust-trackers', '--timeout', '2s'], 4);
    expect(new Set(service.asked)).toEqual(new Set(['/admin?do=shutdown&']));
  });

  test('sends nobody from https to http, where others could read what is asked', async () => {
    await using folder = await tempFolder();
    await using service = await startService();
    const [cert, key] = [folder.join('cert.pem'), folder.join('key.pem')];
    await makeCertificate('tracker', cert, key);
    await using tracker = await startService({ cert, key, location: `${service.url}/announce` });
    await makeFile(folder.join('a.bin'), 1000, 'a');
    const torrent = folder.join('a.torrent');
    await runShoal(['create', folder.join('a.bin'), '-o', torrent, '--tracker', `${tracker.url}/announce`]);
    const get = ['get', torrent, '-o', folder.join('got.bin'), '--timeout', '3s', '--trust-trackers'];
    const failed = await runShoal(get, 4, { env: { NODE_EXTRA_CA_CERTS: cert } });
    expect(JSON.stringify(failed['trackers'])).toContain('redirected from https to http://127.0.0.1');
    expect(tracker.asked).not.toEqual([]);
    expect(service.asked).toEqual([]);
  });
});
