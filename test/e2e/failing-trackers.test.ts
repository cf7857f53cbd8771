import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { toError } from '../../src/util/index.ts';
import {
  freePort,
  makeFile,
  sha256Of,
  startBadPeer,
  startBadTracker,
  type TempFolder,
  tempFolder,
} from '../support/index.ts';
import { eventsOf, runShoal, shoal, startSeeder, startTracker } from './shoal.ts';

/** Makes a file, and a `.torrent` of it that names one tracker. */
async function makeTorrent(
  folder: TempFolder,
  announceUrl: string,
): Promise<{ sha256: string; torrent: string; output: string }> {
  const sha256 = await makeFile(folder.join('a.bin'), 100_000, 'failing trackers');
  const torrent = folder.join('a.torrent');
  await runShoal(['create', '--v1', folder.join('a.bin'), '--tracker', announceUrl, '-o', torrent]);
  return { sha256, torrent, output: folder.join('got.bin') };
}

/** A way to a tracker that answers the first request for metainfo, or all of them, with 503. */
async function startFlawedProxy(
  url: string,
  failures: number,
): Promise<AsyncDisposable & { readonly url: string }> {
  let left = failures;
  const forward = async (path: string, response: ServerResponse) => {
    const answer = await fetch(`${url}${path}`);
    response.writeHead(answer.status).end(Buffer.from(await answer.arrayBuffer()));
  };
  const server = createServer((request, response) => {
    const isFlawed = request.url!.endsWith('.torrent') && left > 0;
    if (isFlawed) left -= 1;
    if (isFlawed) response.writeHead(503).end();
    else forward(request.url!, response).catch((thrown: unknown) => response.destroy(toError(thrown)));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

describe('shoal get by name with a tracker that fails', () => {
  test('asks again for the metainfo of a torrent', async () => {
    await using folder = await tempFolder();
    const sha256 = await makeFile(folder.join('a.bin'), 100_000, 'failing trackers');
    await using tracker = await startTracker();
    await using _seeder = await startSeeder(tracker, folder.join('a.bin'));
    await using proxy = await startFlawedProxy(tracker.url, 1);
    const output = folder.join('got.bin');
    const done = await runShoal(['get', 'a.bin', '--tracker', proxy.url, '-o', output]);
    expect(done).toMatchObject({ event: 'done', sha256 });
  });

  test('ends with 7 when it cannot have the metainfo', async () => {
    await using folder = await tempFolder();
    await makeFile(folder.join('a.bin'), 100_000, 'failing trackers');
    await using tracker = await startTracker();
    await using _seeder = await startSeeder(tracker, folder.join('a.bin'));
    await using proxy = await startFlawedProxy(tracker.url, Number.POSITIVE_INFINITY);
    const failed = await runShoal(['get', 'a.bin', '--tracker', proxy.url], 7, { cwd: folder.path });
    expect(failed['message']).toMatch(/HTTP status 503/);
  });
});

describe('shoal get by name with a tracker that is silent', () => {
  test('says at its deadline that the tracker did not answer, and what to check', async () => {
    await using folder = await tempFolder();
    await using tracker = await startBadTracker('never');
    const args = ['get', 'a.bin', '--tracker', tracker.url, '--timeout', '1s'];
    const failed = await runShoal(args, 4, { cwd: folder.path });
    expect(failed).toMatchObject({
      code: 'TIMED_OUT',
      message: `The file was not there in time. Cannot look up files at ${tracker.url}: it was given up before there was an answer`,
      hint: 'Is the tracker running, and is that its address?',
    });
  });
});

describe('shoal get with a tracker that fails', () => {
  test('gets the file when the tracker comes up later', async () => {
    await using folder = await tempFolder();
    const port = String(await freePort());
    const { sha256, torrent, output } = await makeTorrent(folder, `http://127.0.0.1:${port}/announce`);
    await using client = await shoal(['get', torrent, '-o', output, '--json']);
    await client.waitForLine(/ECONNREFUSED.*ask for peers/);
    await using tracker = await startTracker({ port });
    await using _seeder = await startSeeder(tracker, folder.join('a.bin'));
    await client.exitsWith(0);
    expect(await sha256Of(output)).toBe(sha256);
  });

  test('ends with 7 when its patience is over, and says how often the tracker failed', async () => {
    await using folder = await tempFolder();
    await using tracker = await startBadTracker('error-503');
    const { torrent, output } = await makeTorrent(folder, tracker.announceUrl);
    await using client = await shoal(['get', torrent, '-o', output, '--tracker-patience', '1s', '--json']);
    await client.exitsWith(7);
    const failed = eventsOf(client).at(-1)!;
    expect(failed).toMatchObject({
      event: 'failed',
      code: 'UNREACHABLE',
      exitCode: 7,
      peers: { known: 0, connected: 0, dialing: 0, sources: {}, ended: {} },
      trackers: [{ url: tracker.announceUrl, state: 'failed' }],
    });
    expect(failed['message']).toMatch(/0 peers known.*\/announce failed 3 times .*HTTP status 503/);
    expect(tracker.requests.length).toBeGreaterThanOrEqual(3);
  });

  test('ends with 7 at once when the tracker can never work', async () => {
    await using folder = await tempFolder();
    await using tracker = await startBadTracker('never-again');
    const { torrent, output } = await makeTorrent(folder, tracker.announceUrl);
    const failed = await runShoal(['get', torrent, '-o', output], 7);
    expect(failed['message']).toMatch(/failed once .*the tracker says "not here"/);
    expect(tracker.requests).toHaveLength(1);
  });

  test('says at its deadline what became of the peers, and at debug why', async () => {
    await using folder = await tempFolder();
    await using silent = await startBadPeer('silence', { pieceCount: 7 });
    const nobody = await freePort();
    const peers = [nobody, silent.port].map((port) => `d2:ip9:127.0.0.14:porti${port}ee`).join('');
    await using tracker = await startBadTracker('empty', { after: 0, answer: `d5:peersl${peers}ee` });
    const { torrent, output } = await makeTorrent(folder, tracker.announceUrl);
    const args = ['get', torrent, '-o', output, '--timeout', '2s', '--log-level', 'debug', '--json'];
    await using client = await shoal(args);
    await client.exitsWith(4);
    const failed = eventsOf(client).at(-1)!;
    expect(failed).toMatchObject({
      code: 'TIMED_OUT',
      peers: { known: 2, connected: 0, dialing: 1, sources: { tracker: 2 }, ended: { refused: 1 } },
      trackers: [{ url: tracker.announceUrl, state: 'answered' }],
    });
    expect(failed['message']).toMatch(/2 peers known: 1 being connected, 1 refused; trackers: .* answered/);
    expect(client.output).toContain(`Cannot connect to 127.0.0.1:${nobody}: connect ECONNREFUSED`);
  });
});
