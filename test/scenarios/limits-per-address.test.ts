import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { TrackerOptions } from '../../src/tracker/index.ts';
import { announceAs, proxyLine } from '../support/tracker/proxied-requests.ts';
import { RawClient } from '../support/tracker/raw-client.ts';
import { announceQuery, announceRequest, TestTracker } from '../support/tracker/test-tracker.ts';
import { WsTestClient, wsAnnounce } from '../support/tracker/ws-client.ts';

describe('the requests of one address', () => {
  const limited = (limits: TrackerOptions['limits']): TrackerOptions => ({
    trustedProxies: ['127.0.0.1'],
    limits,
  });

  test('are limited by the second over HTTP, for announces and the web API together', async () => {
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

  test('are limited over WebSocket', async () => {
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

  test('come over a limited number of connections, of which an idle one gives way to a new one', async () => {
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
