import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { Hono } from 'hono';
import { describe, expect, test } from 'vitest';
import { FakeClock } from '../../../../test/support/index.ts';
import { RawClient } from '../../../../test/support/tracker/raw-client.ts';
import { registration, TestApi } from '../../../../test/support/tracker/test-api.ts';
import { testTorrent, withMetainfo } from '../../../../test/support/tracker/torrents.ts';
import { MAX_OPEN_REGISTRATION_BYTES, type SeederList } from '../../../tracker-protocol/index.ts';
import { parseIp, Turns } from '../../../util/index.ts';
import { AddressLimits } from '../../guard/rate-limit/index.ts';
import { ClientAddresses } from '../client-address/index.ts';
import { charge, ENTRIES_PER_REQUEST, limitRequests } from './limit-requests.ts';
import { ProblemError } from './problems.ts';

const [one, two, hybrid] = [
  testTorrent('one.txt'),
  testTorrent('two.txt'),
  testTorrent('both.txt', 'hybrid'),
];

const METAINFO = 'Content-Type: application/x-bittorrent\r\n';

describe('problems', () => {
  const torrent = one.registered;
  const base64 = (text: string): string => Buffer.from(text).toString('base64');

  test.each<[string, object | string, string]>([
    ['a port out of range', { ...registration(0) }, 'port'],
    ['no peer id', { port: 1, torrents: [] }, 'peerId'],
    ['a torrent without a name', registration(1, [{ ...torrent, name: '' }]), 'torrents.0.name'],
    ['a negative size', registration(1, [torrent, { ...torrent, size: -1 }]), 'torrents.1.size'],
    [
      'an info-hash in upper case',
      registration(1, [{ ...torrent, infoHash: 'A'.repeat(40) }]),
      'torrents.0.infoHash',
    ],
    ['metainfo that is no base64', registration(1, [{ ...torrent, metainfo: '*' }]), 'torrents.0.metainfo'],
    [
      'metainfo that is none',
      registration(1, [{ ...torrent, metainfo: base64('de') }]),
      'torrents.0.metainfo',
    ],
    [
      'metainfo of another torrent',
      registration(1, [{ ...withMetainfo(two), infoHash: torrent.infoHash }]),
      'torrents.0.metainfo',
    ],
    [
      'another name than the metainfo has',
      registration(1, [{ ...withMetainfo(one), name: 'x' }]),
      'torrents.0.name',
    ],
    ['another size', registration(1, [{ ...withMetainfo(one), size: 1 }]), 'torrents.0.size'],
    [
      'a second info-hash that is not there',
      registration(1, [{ ...withMetainfo(one), infoHashV2: 'a'.repeat(40) }]),
      'torrents.0.infoHashV2',
    ],
    [
      'another second info-hash',
      registration(1, [{ ...withMetainfo(hybrid), infoHashV2: 'a'.repeat(40) }]),
      'torrents.0.infoHashV2',
    ],
    ['a list', [], 'body'],
  ])('POST seeders with %s names the field', async (_, body, field) => {
    await using api = await TestApi.start();
    const problem = await api.problem('POST', '/api/v1/seeders', body);
    expect(problem).toMatchObject({ type: 'about:blank', title: 'Bad Request', status: 400 });
    expect(problem.errors![0]!.field).toBe(field);
    expect((await api.get<SeederList>('/api/v1/seeders')).total).toBe(0);
  });

  test.each(['', '{', '"\ud800', 'null'])('POST seeders refuses the body %j', async (body) => {
    await using api = await TestApi.start();
    expect((await api.problem('POST', '/api/v1/seeders', body)).status).toBe(400);
  });

  test('POST seeders names the first of many faults', async () => {
    await using api = await TestApi.start();
    const torrents = Array.from({ length: 1000 }, () => ({ ...torrent, size: -1 }));
    const problem = await api.problem('POST', '/api/v1/seeders', registration(1, torrents));
    expect(problem.errors).toHaveLength(20);
  });

  test.each([
    'limit=0',
    'limit=1001',
    'limit=x',
    'after=x',
    'after=1&after=2',
    'sha=1',
    'size=-1',
    'sha256=x',
  ])('GET torrents?%s is refused, naming the field', async (query) => {
    await using api = await TestApi.start();
    const problem = await api.problem('GET', `/api/v1/torrents?${query}`);
    expect(problem).toMatchObject({ status: 400, errors: [{ field: query.split('=')[0] }] });
  });

  test.each([
    ['PATCH', '/api/v1/seeders', 'GET, HEAD, POST'],
    ['POST', '/api/v1/seeders/x', 'GET, HEAD, PUT, DELETE'],
    ['POST', '/api/v1/torrents', 'GET, HEAD'],
    ['DELETE', `/api/v1/torrents/${'0'.repeat(40)}`, 'GET, HEAD'],
    ['DELETE', `/api/v1/torrents/${'0'.repeat(40)}.torrent`, 'GET, HEAD, PUT'],
    ['POST', '/healthz', 'GET, HEAD'],
    ['PUT', '/openapi.json', 'GET, HEAD'],
  ])('%s %s is not allowed', async (method, path, allow) => {
    await using api = await TestApi.start();
    const response = await api.call(method, path);
    expect([response.status, response.headers.get('allow')]).toEqual([405, allow]);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
  });

  test('an unknown path is 404', async () => {
    await using api = await TestApi.start();
    for (const path of ['/', '/api', '/api/v1/seeders/', '/api/v2/seeders', '/announce/x']) {
      expect((await api.problem('GET', path)).status).toBe(404);
    }
    expect(await api.problem('GET', '/prefix/api/v1/seeders')).toMatchObject({
      status: 404,
      detail: 'There is nothing at /prefix/api/v1/seeders; the web API of this tracker is at /api/v1',
    });
  });

  test.each(['web port', 'tracker port'])(
    'a body too large is refused on the %s before it is read',
    async (port) => {
      await using api = await TestApi.start();
      await using client = await RawClient.connect(port === 'web port' ? api.port : api.tracker.port);
      const length = `Content-Type: application/json\r\nContent-Length: ${MAX_OPEN_REGISTRATION_BYTES + 1}`;
      await client.send(`POST /api/v1/seeders HTTP/1.1\r\nHost: t\r\n${length}\r\n\r\n{`);
      const answer = await client.answer();
      expect([answer.status, answer.headers.get('connection')]).toEqual([413, 'close']);
      await client.closed();
    },
  );

  test('a body that turns out too large is read no further', async () => {
    await using api = await TestApi.start();
    const { token } = await api.register(1, one);
    await using client = await RawClient.connect(api.port);
    const path = `/api/v1/torrents/${one.registered.infoHash}.torrent`;
    await client.send(
      `PUT ${path} HTTP/1.1\r\nHost: t\r\nAuthorization: Bearer ${token}\r\n${METAINFO}Transfer-Encoding: chunked\r\n\r\n`,
    );
    const chunk = `100000\r\n${'x'.repeat(1024 * 1024)}\r\n`;
    for (let chunks = 0; chunks <= 16; chunks += 1) await client.send(chunk);
    expect((await client.answer()).status).toBe(413);
    await client.closed();
  });
});

describe('the web API', () => {
  test('refuses a query with many parts before it looks at them', async () => {
    await using api = await TestApi.start();
    const query = Array.from({ length: 1000 }, (_, at) => `k${at}`).join('&');
    const { status, errors } = await api.problem('GET', `/api/v1/torrents?${query}`);
    expect({ status, errors }).toEqual({
      status: 400,
      errors: [{ field: 'query', message: 'has more than 20 parts' }],
    });
  });

  test('counts seeders and peers in GET healthz', async () => {
    await using api = await TestApi.start();
    await api.register(1, one, hybrid);
    expect(await api.get('/healthz')).toEqual({ status: 'ok', seeders: 1, swarms: 3, peers: 3 });
  });

  test('is the same on both ports, and lets no page of another origin read it', async () => {
    await using api = await TestApi.start();
    await api.register(1, one);
    for (const path of ['/api/v1/seeders', '/api/v1/torrents', '/healthz', '/openapi.json']) {
      const [web, tracker] = await Promise.all([api.call('GET', path), api.tracker.fetch(path)]);
      expect(web.headers.get('access-control-allow-origin')).toBeNull();
      expect(await web.text()).toBe(await tracker.text());
    }
  });

  test('shares the web port with announces', async () => {
    await using api = await TestApi.start();
    expect(await (await api.call('GET', '/announce')).text()).toMatch(/^d14:failure reason/);
  });

  test('describes every path in GET openapi.json', async () => {
    await using api = await TestApi.start();
    const description = await api.get<{ openapi: string; paths: Record<string, object> }>('/openapi.json');
    expect(description.openapi).toBe('3.1.0');
    const operations = Object.entries(description.paths).map(([path, methods]) => [
      path,
      Object.keys(methods),
    ]);
    expect(Object.fromEntries(operations)).toEqual({
      '/api/v1/seeders': ['get', 'post'],
      '/api/v1/seeders/{id}': ['get', 'put', 'delete'],
      '/api/v1/torrents': ['get'],
      '/api/v1/torrents/{infoHash}': ['get'],
      '/api/v1/torrents/{infoHash}.torrent': ['get', 'put'],
      '/healthz': ['get'],
      '/api/v1/stats': ['get'],
      '/metrics': ['get'],
    });
  });
});

describe('limitRequests()', () => {
  test('refuses waiting calls once the cost of those before them is known', async () => {
    const budget = { requestsPerSecond: 1, requestBurst: 20, connectionsPerAddress: 0 };
    const [clientAddresses, clock] = [new ClientAddresses([]), new FakeClock()];
    const options = { rateLimits: new AddressLimits(budget), clientAddresses, clock, turns: new Turns() };
    const incoming = new IncomingMessage(new Socket());
    clientAddresses.name(incoming.socket, parseIp('192.0.2.1')!);
    const app = new Hono();
    app.use(limitRequests(options));
    let done = 0;
    app.get('/expensive', (context) => {
      done += 1;
      charge(options, context, { entries: 10 * ENTRIES_PER_REQUEST });
      return context.text('');
    });
    app.onError((error) => (error instanceof ProblemError ? error.toResponse() : new Response()));
    const call = async () => (await app.request('/expensive', {}, { incoming })).status;
    const statuses = await Promise.all(Array.from({ length: 10 }, call));
    expect([done, statuses.filter((status) => status === 429).length]).toEqual([2, 8]);
  });
});
