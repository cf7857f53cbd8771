import { describe, expect, test } from 'vitest';
import { announceAs, forwarded, proxyLine } from '../support/tracker/proxied-requests.ts';
import { RawClient } from '../support/tracker/raw-client.ts';
import { registration } from '../support/tracker/test-api.ts';
import { announceRequest, TestTracker } from '../support/tracker/test-tracker.ts';

const trustedProxies = ['127.0.0.1'];
const HEALTH = 'GET /healthz HTTP/1.1\r\nHost: t\r\n\r\n';

/** Reads from a response which address the tracker takes the client for. */
function externalIp(body: string): string {
  const [, length, rest] = /11:external ip(\d+):(.*)/s.exec(body)!;
  return Array.from(Buffer.from(rest!.slice(0, Number(length)), 'latin1')).join('.');
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
    // The client behind the proxy is no proxy itself.
    expect(externalIp(await announceAs(client, '6.6.6.6'))).toBe('192.0.2.1');
    // The same holds for requests that the web server answers.
    await client.send(HEALTH + forwarded(announceRequest(1), '6.6.6.6'));
    await client.answer();
    expect(externalIp((await client.answer()).body)).toBe('192.0.2.1');
  });

  test('may use both, when there are two proxies one behind the other', async () => {
    await using tracker = await TestTracker.start({ trustedProxies: [...trustedProxies, '10.0.0.0/8'] });
    await using client = await RawClient.connect(tracker.port);
    await client.send(proxyLine('10.1.2.3'));
    expect(externalIp(await announceAs(client, '192.0.2.1'))).toBe('192.0.2.1');
  });

  test('says to the web API for whom a request is', async () => {
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

describe('a client that is no trusted proxy', () => {
  test('cannot name another address', async () => {
    await using tracker = await TestTracker.start({ trustedProxies: ['10.0.0.0/8'] });
    await using client = await RawClient.connect(tracker.port);
    expect(externalIp(await announceAs(client, '192.0.2.1'))).toBe('127.0.0.1');
    await client.send(proxyLine('192.0.2.1') + announceRequest(1));
    expect((await client.answer()).status).toBe(400);
  });
});
