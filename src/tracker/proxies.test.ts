import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { RawClient } from '../../test/support/tracker/raw-client.ts';
import { registration } from '../../test/support/tracker/test-api.ts';
import { announceQuery, announceRequest, TestTracker } from '../../test/support/tracker/test-tracker.ts';
import { WsTestClient, wsAnnounce } from '../../test/support/tracker/ws-client.ts';
import type { TrackerOptions } from './tracker-options.ts';

const trustedProxies = ['127.0.0.1'];
const HEALTH = 'GET /healthz HTTP/1.1\r\nHost: t\r\n\r\n';

/** The header that a proxy sends first. */
function proxyLine(source: string): string {
  return `PROXY TCP4 ${source} 192.0.2.9 4711 443\r\n`;
}

function forwarded(request: string, list: string): string {
  return request.replace('Host: t', `Host: t\r\nX-Forwarded-For: ${list}`);
}

/** Who the tracker takes the asker for. */
function externalIp(body: string): string {
  const [, length, rest] = /11:external ip(\d+):(.*)/s.exec(body)!;
  return Array.from(Buffer.from(rest!.slice(0, Number(length)), 'latin1')).join('.');
}

async function announceAs(client: RawClient, list: string, number = 1): Promise<string> {
  await client.send(forwarded(announceRequest(number), list));
  return (await client.answer()).body;
}

describe('a proxy that is trusted', () => {
  test('says by X-Forwarded-For for whom each request is', async () => {
    await using tracker = await TestTracker.start({ trustedProxies });
    await using client = await RawClient.connect(tracker.port);
    expect(externalIp(await announceAs(client, '6.6.6.6, 192.0.2.1'))).toBe('192.0.2.1');
    expect(externalIp(await announceAs(client, '192.0.2.2'))).toBe('192.0.2.2');
    await client.send(announceRequest(1));
    expect(externalIp((await client.answer()).body)).toBe('127.0.0.1');
  });

  test.each([
    ['port', (tracker: TestTracker) => tracker.port],
    ['web port', (tracker: TestTracker) => tracker.tracker.webAddress!.port],
  ])('says by the PROXY protocol for whom a connection to the %s is', async (_, portOf) => {
    await using tracker = await TestTracker.start({ trustedProxies, webPort: 0 });
    await using client = await RawClient.connect(portOf(tracker));
    await client.send(proxyLine('192.0.2.1').slice(0, 20));
    await client.send(proxyLine('192.0.2.1').slice(20) + announceRequest(1));
    expect(externalIp((await client.answer()).body)).toBe('192.0.2.1');
    // Whoever is at the other end of the proxied connection is no proxy.
    expect(externalIp(await announceAs(client, '6.6.6.6'))).toBe('192.0.2.1');
    // By way of the web server, too.
    await client.send(HEALTH + forwarded(announceRequest(1), '6.6.6.6'));
    await client.answer();
    expect(externalIp((await client.answer()).body)).toBe('192.0.2.1');
  });

  test('may do both, as two proxies one behind the other', async () => {
    await using tracker = await TestTracker.start({ trustedProxies: [...trustedProxies, '10.0.0.0/8'] });
    await using client = await RawClient.connect(tracker.port);
    await client.send(proxyLine('10.1.2.3'));
    expect(externalIp(await announceAs(client, '192.0.2.1'))).toBe('192.0.2.1');
  });

  test('says it to the web API as well', async () => {
    await using tracker = await TestTracker.start({ trustedProxies, openRegistration: true });
    const headers = { 'content-type': 'application/json', 'x-forwarded-for': '192.0.2.1' };
    const init = { method: 'POST', headers };
    const body = JSON.stringify(registration(4000));
    expect((await tracker.fetch('/api/v1/seeders', { ...init, body })).status).toBe(201);
    const { seeders } = (await (await tracker.fetch('/api/v1/seeders')).json()) as {
      seeders: { host: string }[];
    };
    expect(seeders).toMatchObject([{ host: '192.0.2.1' }]);
  });

  test('is refused when its header is malformed', async () => {
    await using tracker = await TestTracker.start({ trustedProxies });
    await using client = await RawClient.connect(tracker.port);
    await client.send(`PROXY TCP4 192.0.2.300 192.0.2.9 4711 443\r\n${announceRequest(1)}`);
    expect(await client.answer()).toMatchObject({ status: 400, body: expect.stringContaining('malformed') });
    expect(await client.closed()).toBe('');
  });

  test('has no more time for its header than for a request', async () => {
    await using tracker = await TestTracker.start({ trustedProxies });
    await using client = await RawClient.connect(tracker.port);
    await client.send('PROXY TCP4 ');
    await tracker.fetch('/healthz').then((response) => response.text());
    tracker.clock.advance(11_000);
    expect(await client.closed()).toBe('');
  });
});

describe('one who is no proxy', () => {
  test('is taken for nobody else, whatever it says', async () => {
    await using tracker = await TestTracker.start({ trustedProxies: ['10.0.0.0/8'] });
    await using client = await RawClient.connect(tracker.port);
    expect(externalIp(await announceAs(client, '192.0.2.1'))).toBe('127.0.0.1');
    await client.send(proxyLine('192.0.2.1') + announceRequest(1));
    expect((await client.answer()).status).toBe(400);
  });
});

describe('what one address may ask', () => {
  const limited = (limits: TrackerOptions['limits']): TrackerOptions => ({ trustedProxies, limits });

  test('is limited by the second, whichever way it asks', async () => {
    await using tracker = await TestTracker.start(limited({ requestsPerSecond: 1, requestBurst: 3 }));
    await using client = await RawClient.connect(tracker.port);
    const ask = (path: string, host: string) =>
      tracker.fetch(path, { headers: { 'x-forwarded-for': host, connection: 'close' } });
    expect(await announceAs(client, '192.0.2.1')).toContain('5:peers');
    expect(await (await ask(`/announce?${announceQuery(1)}`, '192.0.2.1')).text()).toContain('5:peers');
    expect((await ask('/api/v1/seeders', '192.0.2.1')).status).toBe(200);

    expect(await announceAs(client, '192.0.2.1')).toMatch(/^d14:failure reason.*8:retry ini1ee$/);
    const refused = await ask('/api/v1/torrents', '192.0.2.1');
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
    expect(await refused.json()).toMatchObject({ status: 429, title: 'Too Many Requests' });
    for (const path of ['/metrics', '/openapi.json', '/nothing', '/healthz']) {
      expect((await ask(path, '192.0.2.1')).status).toBe(path === '/healthz' ? 200 : 429);
    }
    expect((await ask('/api/v1/seeders', '192.0.2.2')).status).toBe(200);

    tracker.clock.advance(2000);
    expect((await ask('/api/v1/seeders', '192.0.2.1')).status).toBe(200);
    expect(await announceAs(client, '192.0.2.1')).toContain('5:peers');
  });

  test('is limited over WebSocket, too', async () => {
    await using tracker = await TestTracker.start(limited({ requestsPerSecond: 1, requestBurst: 2 }));
    const connect = (list: string) =>
      WsTestClient.open(
        new WebSocket(`ws://127.0.0.1:${tracker.port}/`, { headers: { 'X-Forwarded-For': list } }),
      );
    await using client = await connect('6.6.6.6, 192.0.2.1');
    for (let count = 0; count < 2; count += 1) {
      expect(await client.ask(wsAnnounce('A'))).toHaveProperty('interval');
    }
    expect(await client.ask(wsAnnounce('A'))).toHaveProperty('failure reason');
    await using other = await connect('6.6.6.6, 192.0.2.2');
    expect(await other.ask(wsAnnounce('B'))).toHaveProperty('interval');
  });

  test('is limited to so many connections: an idle one gives way to a new one', async () => {
    await using tracker = await TestTracker.start(limited({ connectionsPerAddress: 1 }));
    await using first = await RawClient.connect(tracker.port);
    await first.send(proxyLine('192.0.2.1') + announceRequest(1));
    expect((await first.answer()).status).toBe(200);
    await using second = await RawClient.connect(tracker.port);
    await second.send(proxyLine('192.0.2.1') + announceRequest(1));
    expect((await second.answer()).status).toBe(200);
    expect(await first.closed()).toBe('');
    await using other = await RawClient.connect(tracker.port);
    await other.send(proxyLine('192.0.2.2') + announceRequest(1));
    expect((await other.answer()).status).toBe(200);
    await second.send(announceRequest(1));
    expect((await second.answer()).status).toBe(200);
    expect((await tracker.tracker.stats()).refusals.connections_per_address).toBe(1);
  });
});
