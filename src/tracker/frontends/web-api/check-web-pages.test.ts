import { hostname } from 'node:os';
import { describe, expect, test } from 'vitest';
import { RawClient } from '../../../../test/support/tracker/raw-client.ts';
import { registration, TestApi } from '../../../../test/support/tracker/test-api.ts';
import { WebPageRules } from './web-page-rules.ts';

const SEEDERS = '/api/v1/seeders';
const BODY = JSON.stringify(registration(1));
/** The headers that a browser sends with every request. */
const BROWSER = { 'User-Agent': 'Mozilla/5.0', 'Accept-Encoding': 'gzip, deflate' };

/** Makes one call of the web API with these headers, and gives the status and the headers of the answer. */
async function call(
  api: TestApi,
  method: string,
  headers: Readonly<Record<string, string>>,
  path = SEEDERS,
): Promise<{ status: number; headers: ReadonlyMap<string, string> }> {
  await using client = await RawClient.connect(api.port);
  const body = method === 'POST' ? BODY : '';
  const all = {
    Host: `127.0.0.1:${api.port}`,
    ...(body !== '' && { 'Content-Type': 'application/json' }),
    ...headers,
    'Content-Length': String(body.length),
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  await client.send(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`);
  const answer = await client.answer();
  return answer;
}

describe('a web page of another origin', () => {
  test.each([
    ['with its origin', { Origin: 'https://evil.example' }],
    ['in a frame without an origin', { Origin: 'null' }],
    ['on another port of this machine', { Origin: 'http://127.0.0.1:1' }],
    [
      'by a form',
      { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate' },
    ],
    ['of which the origin is not sent', { 'Sec-Fetch-Site': 'cross-site' }],
    ['of the same site', { 'Sec-Fetch-Site': 'same-site' }],
  ])('registers no seeder %s', async (_, headers) => {
    await using api = await TestApi.start();
    expect((await call(api, 'POST', { ...BROWSER, ...headers })).status).toBe(403);
    expect(await api.get(SEEDERS)).toMatchObject({ total: 0 });
  });

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', ''])(
    'registers no seeder by a body of the type "%s", for which browsers ask nobody',
    async (type) => {
      await using api = await TestApi.start();
      expect((await call(api, 'POST', { 'Content-Type': type })).status).toBe(415);
    },
  );

  test('can look nothing up, except by a link that somebody follows', async () => {
    await using api = await TestApi.start();
    expect((await call(api, 'GET', { Origin: 'https://evil.example' })).status).toBe(403);
    expect(
      (await call(api, 'GET', { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'no-cors' })).status,
    ).toBe(403);
    const link = { ...BROWSER, 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate' };
    expect((await call(api, 'GET', link)).status).toBe(200);
    const preflight = { Origin: 'https://evil.example', 'Access-Control-Request-Method': 'PUT' };
    const answer = await call(api, 'OPTIONS', preflight);
    expect([answer.status, answer.headers.has('access-control-allow-origin')]).toEqual([403, false]);
  });
});

describe('a web page whose name resolves to the tracker', () => {
  const rebound = (name: string) => ({ ...BROWSER, Host: `${name}:9910` });

  test.each([
    '/api/v1/seeders',
    '/api/v1/torrents',
    '/api/v1/stats',
    '/metrics',
    '/healthz',
    '/openapi.json',
  ])('reads nothing at %s', async (path) => {
    await using api = await TestApi.start();
    expect((await call(api, 'GET', rebound('evil.example'), path)).status).toBe(421);
    expect((await call(api, 'GET', { Host: 'evil.example' }, path)).status).toBe(421);
  });

  test('changes nothing, whatever it sends with its calls', async () => {
    await using api = await TestApi.start({ trustedProxies: ['127.0.0.1'] });
    const { id, token } = await api.register(1);
    const page = {
      ...rebound('evil.example'),
      Origin: 'http://evil.example:9910',
      Authorization: `Bearer ${token}`,
    };
    for (const more of [{}, { 'X-Forwarded-Proto': 'https' }, { 'X-Forwarded-For': '10.0.0.1' }]) {
      expect((await call(api, 'POST', { ...page, ...more })).status).toBe(421);
      expect((await call(api, 'DELETE', { ...page, ...more }, `${SEEDERS}/${id}`)).status).toBe(421);
    }
    expect(await api.get(SEEDERS)).toMatchObject({ total: 1 });
  });

  test.each([
    'localhost',
    'tracker',
    'tracker.prod.svc.cluster.local',
    '[::1]',
    '10.0.0.1',
    'LOCALHOST.',
    hostname(),
  ])('has no name like %s, by which the tracker is reached', async (name) => {
    await using api = await TestApi.start();
    expect((await call(api, 'GET', rebound(name))).status).toBe(200);
  });

  test('does not have the name that the operator has given', async () => {
    await using api = await TestApi.start({ publicHosts: ['Tracker.example'] });
    expect((await call(api, 'GET', rebound('tracker.example'))).status).toBe(200);
    const own = { ...rebound('tracker.example'), Origin: 'http://tracker.example:9910' };
    expect((await call(api, 'POST', own)).status).toBe(201);
    expect((await call(api, 'GET', rebound('tracker.example.evil.example'))).status).toBe(421);
  });

  test.each([
    ['Shoal', { 'User-Agent': 'Shoal', 'Accept-Encoding': 'identity' }, 200],
    ['curl', { 'User-Agent': 'curl/8.5.0', Accept: '*/*' }, 200],
    ['Prometheus', { 'User-Agent': 'Prometheus/2.50', 'Accept-Encoding': 'gzip' }, 200],
    ['a browser', BROWSER, 421],
    ['a page that calls itself curl', { ...BROWSER, 'User-Agent': 'curl/8.5.0' }, 421],
    ['a page that asks for a range', { 'Accept-Encoding': 'identity', Range: 'bytes=0-' }, 421],
  ])('may be any name to %s in a private network: %j %i', async (_, headers, status) => {
    await using api = await TestApi.start({ trustedProxies: ['127.0.0.1'] });
    const there = { Host: 'tracker.corp.example', 'X-Forwarded-For': '10.0.0.7', ...headers };
    expect((await call(api, 'GET', there)).status).toBe(status);
  });

  test('may have any name for clients on the internet, which could ask without it', async () => {
    await using api = await TestApi.start({ trustedProxies: ['127.0.0.1'] });
    const there = { Host: 'tracker.example', 'X-Forwarded-For': '198.51.100.7', ...BROWSER };
    expect((await call(api, 'GET', there)).status).toBe(200);
  });
});

describe('a web page of an origin that the operator has given', () => {
  const page = { ...BROWSER, Origin: 'https://dashboard.example', 'Sec-Fetch-Site': 'cross-site' };

  test('may do everything, and may read the responses', async () => {
    await using api = await TestApi.start({ webOrigins: ['https://dashboard.example'] });
    for (const method of ['GET', 'POST']) {
      const { status, headers } = await call(api, method, page);
      expect(status).toBe(method === 'GET' ? 200 : 201);
      expect(headers.get('access-control-allow-origin')).toBe('https://dashboard.example');
      expect(headers.get('vary')).toContain('Origin');
    }
    const preflight = await call(api, 'OPTIONS', { ...page, 'Access-Control-Request-Method': 'PUT' });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-methods')).toContain('PUT');
    expect((await call(api, 'GET', { ...page, Origin: 'https://other.example' })).status).toBe(403);
    expect((await call(api, 'GET', { ...page, Host: 'evil.example' })).status).toBe(421);
  });

  test('may look up and change nothing where all origins are given', async () => {
    await using api = await TestApi.start({ webOrigins: ['*'] });
    const { status, headers } = await call(api, 'GET', page);
    expect([status, headers.get('access-control-allow-origin')]).toEqual([200, 'https://dashboard.example']);
    expect((await call(api, 'POST', page)).status).toBe(403);
    const preflight = { ...page, 'Access-Control-Request-Method': 'PUT' };
    expect((await call(api, 'OPTIONS', preflight)).status).toBe(403);
  });
});

test.each([
  [{ publicHosts: ['http://tracker.example'] }, 'publicHosts'],
  [{ publicHosts: [''] }, 'publicHosts'],
  [{ webOrigins: ['https://dashboard.example/'] }, 'webOrigins'],
  [{ webOrigins: ['dashboard.example'] }, 'webOrigins'],
])('WebPageRules refuses %j, naming %s', (options, name) => {
  expect(() => new WebPageRules(options)).toThrow(
    expect.objectContaining({ code: 'BAD_OPTION', message: expect.stringContaining(name) }),
  );
});
