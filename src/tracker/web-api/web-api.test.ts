import { describe, expect, test } from 'vitest';
import {
  MAX_REGISTRATION_BYTES,
  type Problem,
  type Registration,
  type RegistrationAnswer,
  registrationAnswerSchema,
  type SeederDetail,
  type SeederList,
  seederDetailSchema,
  seederListSchema,
  type TorrentDetail,
  type TorrentList,
  torrentDetailSchema,
  torrentListSchema,
} from '../../tracker-protocol/index.ts';
import { RawClient } from '../testing/raw-client.ts';
import { TestTracker } from '../testing/test-tracker.ts';
import { type TestTorrent, testTorrent, withMetainfo } from '../testing/torrents.ts';

const [one, two, hybrid] = [
  testTorrent('one.txt'),
  testTorrent('two.txt'),
  testTorrent('both.txt', 'hybrid'),
];

/** The web API as one who uses it sees it. */
class Api implements AsyncDisposable {
  readonly tracker: TestTracker;
  readonly port: number;

  private constructor(tracker: TestTracker, port: number) {
    this.tracker = tracker;
    this.port = port;
  }

  static async start(): Promise<Api> {
    const tracker = await TestTracker.start({ webPort: 0 });
    return new Api(tracker, tracker.tracker.webAddress!.port);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.tracker[Symbol.asyncDispose]();
  }

  call(method: string, path: string, body?: object | string, token?: string): Promise<Response> {
    return this.tracker.fetch(
      path,
      {
        method,
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
        headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      },
      this.port,
    );
  }

  async get<T>(path: string): Promise<T> {
    const response = await this.call('GET', path);
    expect(response.status).toBe(200);
    return (await response.json()) as T;
  }

  async problem(method: string, path: string, body?: object | string, token?: string): Promise<Problem> {
    const response = await this.call(method, path, body, token);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    const problem = (await response.json()) as Problem;
    expect(problem.status).toBe(response.status);
    return problem;
  }

  async register(port: number, ...torrents: TestTorrent[]): Promise<RegistrationAnswer & { token: string }> {
    const body = registration(port, torrents.map(withMetainfo));
    const response = await this.call('POST', '/api/v1/seeders', body);
    expect(response.status).toBe(201);
    return (await response.json()) as RegistrationAnswer & { token: string };
  }

  upload(torrent: TestTorrent, metainfo: Uint8Array, token?: string): Promise<Response> {
    return this.tracker.fetch(`/api/v1/torrents/${torrent.registered.infoHash}.torrent`, {
      method: 'PUT',
      body: Uint8Array.from(metainfo),
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    });
  }

  async peersOf(infoHash: string): Promise<number> {
    const escaped = infoHash.replaceAll(/../g, '%$&');
    const response = await this.tracker.fetch(`/scrape?info_hash=${escaped}`);
    return Number(/8:completei(\d+)e/.exec(await response.text())![1]);
  }
}

function registration(port: number, torrents: Registration['torrents'] = []): Registration {
  return { port, peerId: 'ab'.repeat(20), torrents };
}

describe('seeders', () => {
  test('POST seeders registers, and the list shows who holds how many', async () => {
    await using api = await Api.start();
    const answer = await api.register(9911, one, two);
    expect(registrationAnswerSchema.parse(answer)).toEqual(answer);
    expect(answer).toMatchObject({ host: '127.0.0.1', port: 9911, renewIn: 30, expiresIn: 90, missing: [] });
    const list = await api.get<SeederList>('/api/v1/seeders');
    expect(seederListSchema.parse(list)).toEqual(list);
    expect(list).toMatchObject({
      seeders: [{ id: answer.id, host: '127.0.0.1', port: 9911, torrents: 2 }],
      total: 1,
    });
    expect(Math.abs(Date.parse(list.seeders[0]!.seenAt) - Date.now())).toBeLessThan(60_000);
    expect(JSON.stringify(list)).not.toContain(answer.token);
  });

  test('POST seeders puts the seeder into each swarm, both of a hybrid', async () => {
    await using api = await Api.start();
    const { id, token } = await api.register(9911, one, hybrid);
    const { infoHash, infoHashV2 } = hybrid.registered;
    for (const hash of [one.registered.infoHash, infoHash, infoHashV2!])
      expect(await api.peersOf(hash)).toBe(1);
    const left = await api.call('DELETE', `/api/v1/seeders/${id}`, undefined, token);
    expect([left.status, await left.text()]).toEqual([204, '']);
    for (const hash of [one.registered.infoHash, infoHash, infoHashV2!])
      expect(await api.peersOf(hash)).toBe(0);
    expect((await api.get<SeederList>('/api/v1/seeders')).total).toBe(0);
  });

  test('POST seeders takes a torrent that stands twice once', async () => {
    await using api = await Api.start();
    await api.register(9911, one, one);
    expect((await api.get<TorrentList>('/api/v1/torrents')).torrents).toHaveLength(1);
  });

  test('POST seeders replaces a seeder at the same address, whose token is worth nothing then', async () => {
    await using api = await Api.start();
    const before = await api.register(9911, one, two);
    const after = await api.register(9911, two);
    const list = await api.get<SeederList>('/api/v1/seeders');
    expect(list.seeders.map(({ id }) => id)).toEqual([after.id]);
    expect(await api.peersOf(one.registered.infoHash)).toBe(0);
    expect(await api.peersOf(two.registered.infoHash)).toBe(1);
    expect(await api.problem('PUT', `/api/v1/seeders/${before.id}`, undefined, before.token)).toMatchObject({
      status: 404,
      detail: expect.stringContaining('register again'),
    });
  });

  test('PUT seeders/{id} without a body keeps the list, and with one replaces it', async () => {
    await using api = await Api.start();
    const { id, token } = await api.register(9911, one);
    const kept = await api.call('PUT', `/api/v1/seeders/${id}`, undefined, token);
    expect(await kept.json()).toEqual({
      id,
      host: '127.0.0.1',
      port: 9911,
      renewIn: 30,
      expiresIn: 90,
      missing: [],
    });
    const replaced = await api.call(
      'PUT',
      `/api/v1/seeders/${id}`,
      registration(9911, [two.registered]),
      token,
    );
    expect(await replaced.json()).toMatchObject({ id, missing: [two.registered.infoHash] });
    const detail = await api.get<SeederDetail>(`/api/v1/seeders/${id}`);
    expect(seederDetailSchema.parse(detail)).toEqual(detail);
    expect(detail.holds).toEqual([two.registered]);
    expect([await api.peersOf(one.registered.infoHash), await api.peersOf(two.registered.infoHash)]).toEqual([
      0, 1,
    ]);
  });

  test('PUT and DELETE seeders/{id} need the token: an id is public', async () => {
    await using api = await Api.start();
    const { id } = await api.register(9911, one);
    const other = await api.register(9912);
    for (const method of ['PUT', 'DELETE']) {
      const path = `/api/v1/seeders/${id}`;
      const without = await api.call(method, path);
      expect([without.status, without.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
      expect((await api.problem(method, path, undefined, other.token)).status).toBe(403);
      expect((await api.problem(method, path, undefined, `${id}.x`)).status).toBe(403);
      expect((await api.problem(method, '/api/v1/seeders/nobody', undefined, other.token)).status).toBe(404);
    }
    expect((await api.get<SeederList>('/api/v1/seeders')).total).toBe(2);
  });

  test('GET seeders comes in pages', async () => {
    await using api = await Api.start();
    for (let port = 1; port <= 5; port += 1) await api.register(port);
    const ports: number[] = [];
    for (let after: string | undefined = '0'; after !== undefined; ) {
      const page: SeederList = await api.get<SeederList>(`/api/v1/seeders?limit=2&after=${after}`);
      ports.push(...page.seeders.map(({ port }) => port));
      after = page.next;
    }
    expect(ports).toEqual([1, 2, 3, 4, 5]);
  });

  test('POST seeders takes host= for a private sender and address only', async () => {
    await using api = await Api.start();
    const body = registration(1);
    const lan = await api.call('POST', '/api/v1/seeders', { ...body, host: '192.168.7.7' });
    expect(await lan.json()).toMatchObject({ host: '192.168.7.7' });
    for (const host of ['8.8.8.8', 'localhost', '']) {
      expect(await api.problem('POST', '/api/v1/seeders', { ...body, host })).toMatchObject({
        status: 400,
        errors: [{ field: 'host', message: expect.stringContaining('127.0.0.1') }],
      });
    }
  });
});

describe('torrents', () => {
  test('GET torrents finds by name, size and sha256', async () => {
    await using api = await Api.start();
    await api.register(1, one, two, hybrid);
    await api.register(2, one);
    const { name, size, sha256 } = one.registered;
    const found = await api.get<TorrentList>(`/api/v1/torrents?name=${name}&size=${size}&sha256=${sha256}`);
    expect(torrentListSchema.parse(found)).toEqual(found);
    expect(found).toEqual({ torrents: [{ ...one.registered, seeders: 2 }], total: 1 });
    expect((await api.get<TorrentList>('/api/v1/torrents')).total).toBe(3);
    expect((await api.get<TorrentList>(`/api/v1/torrents?size=${size + 1000}`)).total).toBe(0);
  });

  test('GET torrents/{infoHash} says who holds it', async () => {
    await using api = await Api.start();
    const { id } = await api.register(1, hybrid);
    const { infoHash } = hybrid.registered;
    const detail = await api.get<TorrentDetail>(`/api/v1/torrents/${infoHash}`);
    expect(torrentDetailSchema.parse(detail)).toEqual(detail);
    expect(detail).toEqual({
      ...hybrid.registered,
      seeders: 1,
      heldBy: [{ id, host: '127.0.0.1', port: 1 }],
    });
  });

  test('GET torrents/{infoHash}.torrent gives the metainfo', async () => {
    await using api = await Api.start();
    await api.register(1, hybrid);
    const response = await api.call('GET', `/api/v1/torrents/${hybrid.registered.infoHash}.torrent`);
    expect(response.headers.get('content-type')).toBe('application/x-bittorrent');
    expect(Buffer.from(await response.arrayBuffer())).toEqual(Buffer.from(hybrid.metainfo));
  });

  test('PUT torrents/{infoHash}.torrent takes what was missing, from whoever holds it', async () => {
    await using api = await Api.start();
    const response = await api.call('POST', '/api/v1/seeders', registration(1, [one.registered]));
    const { token, missing } = (await response.json()) as RegistrationAnswer;
    expect(missing).toEqual([one.registered.infoHash]);
    const other = await api.register(2, two);
    expect((await api.upload(one, one.metainfo)).status).toBe(401);
    expect((await api.upload(one, one.metainfo, 'no-such.token')).status).toBe(404);
    expect((await api.upload(one, one.metainfo, other.token)).status).toBe(404);
    expect((await api.upload(one, two.metainfo, token)).status).toBe(400);
    expect((await api.upload(one, Buffer.from('rubbish'), token)).status).toBe(400);
    expect((await api.upload(one, one.metainfo, token)).status).toBe(204);
    const fetched = await api.call('GET', `/api/v1/torrents/${one.registered.infoHash}.torrent`);
    expect(Buffer.from(await fetched.arrayBuffer())).toEqual(Buffer.from(one.metainfo));
  });

  test('what stands around the info of a metainfo is not kept', async () => {
    await using api = await Api.start();
    const adorned = Buffer.from(one.metainfo)
      .toString('latin1')
      .replace(/^d/, 'd8:announce17:http://evil.test/');
    const body = { ...one.registered, metainfo: Buffer.from(adorned, 'latin1').toString('base64') };
    const response = await api.call('POST', '/api/v1/seeders', registration(1, [body]));
    expect(response.status).toBe(201);
    const fetched = await api.call('GET', `/api/v1/torrents/${one.registered.infoHash}.torrent`);
    expect(Buffer.from(await fetched.arrayBuffer())).toEqual(Buffer.from(one.metainfo));
  });

  test.each(['GET', 'PUT'])(
    '%s of a torrent nobody has is 404, of what is no info-hash 400',
    async (method) => {
      await using api = await Api.start();
      const { token } = await api.register(1);
      const path = `/api/v1/torrents/${'0'.repeat(40)}`;
      expect(
        (await api.problem(method, `${path}.torrent`, method === 'PUT' ? 'x' : undefined, token)).status,
      ).toBe(404);
      const wrong = await api.problem(method, '/api/v1/torrents/xyz.torrent', undefined, token);
      expect(wrong).toMatchObject({ status: 400, errors: [{ field: 'infoHash' }] });
      if (method === 'GET') expect((await api.problem(method, path)).status).toBe(404);
    },
  );
});

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
    await using api = await Api.start();
    const problem = await api.problem('POST', '/api/v1/seeders', body);
    expect(problem).toMatchObject({ type: 'about:blank', title: 'Bad Request', status: 400 });
    expect(problem.errors![0]!.field).toBe(field);
    expect((await api.get<SeederList>('/api/v1/seeders')).total).toBe(0);
  });

  test.each(['', '{', '"\ud800', 'null'])('POST seeders refuses the body %j', async (body) => {
    await using api = await Api.start();
    expect((await api.problem('POST', '/api/v1/seeders', body)).status).toBe(400);
  });

  test('POST seeders names a first lot of many faults', async () => {
    await using api = await Api.start();
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
    await using api = await Api.start();
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
    await using api = await Api.start();
    const response = await api.call(method, path);
    expect([response.status, response.headers.get('allow')]).toEqual([405, allow]);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
  });

  test('an unknown path is 404', async () => {
    await using api = await Api.start();
    for (const path of ['/', '/api', '/api/v1/seeders/', '/api/v2/seeders', '/announce/x']) {
      expect((await api.problem('GET', path)).status).toBe(404);
    }
  });

  test.each(['web port', 'tracker port'])(
    'a body too large is refused on the %s before it is read',
    async (port) => {
      await using api = await Api.start();
      await using client = await RawClient.connect(port === 'web port' ? api.port : api.tracker.port);
      const length = `Content-Length: ${MAX_REGISTRATION_BYTES + 1}`;
      await client.send(`POST /api/v1/seeders HTTP/1.1\r\nHost: t\r\n${length}\r\n\r\n{`);
      const answer = await client.answer();
      expect([answer.status, answer.headers.get('connection')]).toEqual([413, 'close']);
      await client.closed();
    },
  );

  test('a body that turns out too large is not read on', async () => {
    await using api = await Api.start();
    const { token } = await api.register(1, one);
    await using client = await RawClient.connect(api.port);
    const path = `/api/v1/torrents/${one.registered.infoHash}.torrent`;
    await client.send(
      `PUT ${path} HTTP/1.1\r\nHost: t\r\nAuthorization: Bearer ${token}\r\nTransfer-Encoding: chunked\r\n\r\n`,
    );
    const chunk = `100000\r\n${'x'.repeat(1024 * 1024)}\r\n`;
    for (let chunks = 0; chunks <= 16; chunks += 1) await client.send(chunk);
    expect((await client.answer()).status).toBe(413);
    await client.closed();
  });
});

describe('the rest', () => {
  test('GET healthz counts what there is', async () => {
    await using api = await Api.start();
    await api.register(1, one, hybrid);
    expect(await api.get('/healthz')).toEqual({ status: 'ok', seeders: 1, swarms: 3, peers: 3 });
  });

  test('the web API is the same on both ports, and may be read from any page', async () => {
    await using api = await Api.start();
    await api.register(1, one);
    for (const path of ['/api/v1/seeders', '/api/v1/torrents', '/healthz', '/openapi.json']) {
      const [web, tracker] = await Promise.all([api.call('GET', path), api.tracker.fetch(path)]);
      expect(web.headers.get('access-control-allow-origin')).toBe('*');
      expect(await web.text()).toBe(await tracker.text());
    }
  });

  test('announces are answered on the web port, too', async () => {
    await using api = await Api.start();
    expect(await (await api.call('GET', '/announce')).text()).toMatch(/^d14:failure reason/);
  });

  test('GET openapi.json describes every path', async () => {
    await using api = await Api.start();
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
    });
  });
});
