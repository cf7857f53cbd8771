import { writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { makeCertificate, requirePeers, startWebTorrentClient, tempFolder } from '../support/index.ts';
import { startTracker } from './shoal.ts';

const INFO_HASH = '00ff80a9'.repeat(5);
const A = '2d585830303031a0'.padEnd(40, 'a');
const B = '2d585830303032ff'.padEnd(40, 'b');

/** The announce URL over WebSocket of a tracker with that one over HTTP. */
function overWebSocket(announceUrl: string): string {
  return announceUrl.replace('http', 'ws');
}

describe("bittorrent-tracker's client at createTracker() over WebSocket", () => {
  test.each(['/announce', '/'])(
    'two of them meet at %s, with the right offers, answers and counts',
    async (path) => {
      await using tracker = await startTracker();
      const url = overWebSocket(new URL(path, tracker.url).href);
      await using a = await startWebTorrentClient(url, INFO_HASH, A);
      await using b = await startWebTorrentClient(url, INFO_HASH, B);
      a.tell('start');
      await a.tells('update', { complete: 0, incomplete: 1 });
      b.tell('seed');
      b.tell('start');
      await b.tells('update', { complete: 1, incomplete: 1 });
      // B offered, A answered, and each knows the other.
      await a.tells('connect', { peer: B });
      await b.tells('connect', { peer: A });
      a.tell('update');
      await a.tells('update', { complete: 1, incomplete: 1 });
    },
  );

  test('counts who completes and who stops, and answers a scrape of one and of several', async () => {
    await using tracker = await startTracker();
    const url = overWebSocket(tracker.announceUrl);
    await using a = await startWebTorrentClient(url, INFO_HASH, A);
    await using b = await startWebTorrentClient(url, INFO_HASH, B);
    b.tell('start');
    await b.tells('update', { complete: 0, incomplete: 1 });
    a.tell('start');
    await a.tells('update', { complete: 0, incomplete: 2 });
    a.tell('complete');
    await a.tells('update', { complete: 1, incomplete: 1 });
    a.tell('scrape');
    await a.tells('scrape', { infoHash: INFO_HASH, complete: 1, incomplete: 1, downloaded: 1 });
    b.tell('stop');
    await b.tells('update', { complete: 1, incomplete: 0 });
    const other = 'e'.repeat(40);
    a.tell(`scrape ${INFO_HASH} ${other}`);
    await a.tells('scrape', { infoHash: INFO_HASH, complete: 1, incomplete: 0, downloaded: 1 });
    await a.tells('scrape', { infoHash: other, complete: 0, incomplete: 0, downloaded: 0 });
  });

  test('shows a refusal as a warning, and goes on', async () => {
    await using folder = await tempFolder();
    const denyList = folder.join('deny.txt');
    await writeFile(denyList, `${INFO_HASH}\n`);
    await using tracker = await startTracker({ denyList });
    const url = overWebSocket(tracker.announceUrl);
    await using a = await startWebTorrentClient(url, INFO_HASH, A);
    a.tell('start');
    await a.tells('warning', { message: 'This tracker does not serve this torrent' });
    a.tell('scrape');
    await a.tells('scrape', { infoHash: INFO_HASH, complete: 0, incomplete: 0, downloaded: 0 });
  });

  test('speaks through TLS', async (context) => {
    requirePeers(context, 'openssl');
    await using folder = await tempFolder();
    const [cert, key] = [folder.join('cert.pem'), folder.join('key.pem')];
    await makeCertificate('tracker', cert, key);
    await using tracker = await startTracker({ tls: { cert, key, required: true } });
    const url = overWebSocket(tracker.announceUrl);
    expect(url).toMatch(/^wss:/);
    const env = { NODE_EXTRA_CA_CERTS: cert };
    await using a = await startWebTorrentClient(url, INFO_HASH, A, { env });
    await using b = await startWebTorrentClient(url, INFO_HASH, B, { env });
    a.tell('start');
    await a.tells('update', { complete: 0, incomplete: 1 });
    b.tell('start');
    await b.tells('connect', { peer: A });
    await a.tells('connect', { peer: B });
  });
});
