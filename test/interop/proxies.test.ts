import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { request as requestTls } from 'node:https';
import { describe, expect, test } from 'vitest';
import { decodeAnnounceResponse } from '../../src/tracker-protocol/index.ts';
import {
  makeCertificate,
  makeFile,
  requirePeers,
  startHaproxy,
  startNginx,
  tempFolder,
} from '../support/index.ts';
import { startSeeder, startTracker } from './shoal.ts';

/** An address of this machine that is not the proxies' own. */
const CLIENT = '127.0.0.7';
const PATH = `/announce?info_hash=${'%AA'.repeat(20)}&peer_id=${'p'.repeat(20)}&port=9&left=0`;
const trustedProxies = ['127.0.0.1'];

/** Announces from {@link CLIENT}, pretending to be another. @returns whom the tracker takes it for */
async function externalIpBy(port: number, isTls = false): Promise<unknown> {
  const asking = (isTls ? requestTls : request)({
    host: '127.0.0.1',
    port,
    path: PATH,
    localAddress: CLIENT,
    headers: { 'X-Forwarded-For': '6.6.6.6' },
    rejectUnauthorized: false,
    agent: false,
  });
  asking.end();
  const [response] = (await once(asking, 'response')) as [IncomingMessage];
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part as Buffer);
  const answer = decodeAnnounceResponse(Buffer.concat(parts));
  return 'externalIp' in answer ? answer.externalIp : answer;
}

describe('a tracker behind a proxy', () => {
  test.for(['http', 'send-proxy', 'send-proxy-v2'] as const)(
    'HAProxy with %s says who asks',
    async (kind, context) => {
      requirePeers(context, 'haproxy');
      await using tracker = await startTracker({ trustedProxies });
      await using proxy = await startHaproxy(kind, tracker.address.port);
      expect(await externalIpBy(proxy.port)).toBe(CLIENT);
      expect(await externalIpBy(tracker.address.port)).toBe(CLIENT);
    },
  );

  test.for(['send-proxy', 'send-proxy-v2'] as const)(
    'HAProxy with %s passes TLS on',
    async (kind, context) => {
      requirePeers(context, 'haproxy', 'openssl');
      await using folder = await tempFolder();
      const tls = { cert: folder.join('cert.pem'), key: folder.join('key.pem') };
      await makeCertificate('tracker', tls.cert, tls.key);
      await using tracker = await startTracker({ trustedProxies, tls });
      await using proxy = await startHaproxy(kind, tracker.address.port);
      expect(await externalIpBy(proxy.port, true)).toBe(CLIENT);
    },
  );

  test('learns from nginx, set up as in the docs, who asks, and at which address and port', async (context) => {
    requirePeers(context, 'nginx');
    await using tracker = await startTracker({ trustedProxies });
    await using proxy = await startNginx(tracker.address.port);
    expect(await externalIpBy(proxy.port)).toBe(CLIENT);
    await using folder = await tempFolder();
    await makeFile(folder.join('a.bin'), 1000, 'a');
    await using seeder = await startSeeder({ tracker: tracker.url, paths: [folder.join('a.bin')] });
    const url = `http://127.0.0.1:${proxy.port}`;
    const torrent = await fetch(`${url}/api/v1/torrents/${seeder.torrents[0]!.infoHash}.torrent`);
    expect(await torrent.text()).toMatch(new RegExp(`^d8:announce\\d+:${url}/announce4:info`));
  });

  test('is told in vain by a proxy that is not listed', async (context) => {
    requirePeers(context, 'haproxy');
    await using tracker = await startTracker();
    await using proxy = await startHaproxy('http', tracker.address.port);
    expect(await externalIpBy(proxy.port)).toBe('127.0.0.1');
  });
});
