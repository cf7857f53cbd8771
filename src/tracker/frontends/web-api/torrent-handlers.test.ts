import { once } from 'node:events';
import { type ClientRequest, get, type IncomingMessage } from 'node:http';
import { get as getSecure } from 'node:https';
import { describe, expect, test } from 'vitest';
import { makeCertificate, requirePeers, tempFolder } from '../../../../test/support/index.ts';
import { registration, TestApi } from '../../../../test/support/tracker/test-api.ts';
import { largeTorrent, testTorrent } from '../../../../test/support/tracker/torrents.ts';
import { parseMetainfo } from '../../../metainfo/index.ts';
import {
  type DetailedTorrent,
  detailedTorrentSchema,
  type RegistrationResponse,
  type TorrentList,
  torrentListSchema,
} from '../../../tracker-protocol/index.ts';

const [one, two, hybrid] = [
  testTorrent('one.txt'),
  testTorrent('two.txt'),
  testTorrent('both.txt', 'hybrid'),
];

/** The tracker that a `.torrent` names, and all else that it says. */
async function readTorrent(response: Response) {
  const bytes = Buffer.from(await response.arrayBuffer());
  const { announceList } = parseMetainfo(bytes);
  const announce = announceList[0]![0]!;
  const end = 1 + `8:announce${announce.length}:${announce}`.length;
  return { announceList, info: Buffer.concat([bytes.subarray(0, 1), bytes.subarray(end)]) };
}

/** Gets the response to a GET whose `Host` header is `host`. */
function getAt(port: number, path: string, host: string): Promise<string> {
  return bodyOf(get({ port, path, headers: { host } }));
}

async function bodyOf(request: ClientRequest): Promise<string> {
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return Buffer.concat(await response.toArray()).toString('latin1');
}

describe('torrents', () => {
  test('GET torrents finds by name, size and sha256', async () => {
    await using api = await TestApi.start();
    await api.register(1, one, two, hybrid);
    await api.register(2, one);
    const { name, size, sha256 } = one.registered;
    const found = await api.get<TorrentList>(`/api/v1/torrents?name=${name}&size=${size}&sha256=${sha256}`);
    expect(torrentListSchema.parse(found)).toEqual(found);
    expect(found).toEqual({ torrents: [{ ...one.registered, seeders: 2 }], total: 1 });
    expect((await api.get<TorrentList>('/api/v1/torrents')).total).toBe(3);
    expect((await api.get<TorrentList>(`/api/v1/torrents?size=${size + 1000}`)).total).toBe(0);
  });

  test('GET torrents?id= finds a file by its SHA-256 and a folder by its content id', async () => {
    await using api = await TestApi.start();
    const id = 'ab'.repeat(32);
    const file = { infoHash: '1'.repeat(40), name: 'file', size: 1, sha256: id };
    const folder = { infoHash: '2'.repeat(40), name: 'folder', size: 2, contentId: id, files: 3 };
    const response = await api.call('POST', '/api/v1/seeders', registration(1, [file, folder]));
    const { id: seeder } = (await response.json()) as RegistrationResponse;
    const torrents = [file, folder].map((torrent) => ({ ...torrent, seeders: 1 }));
    expect(await api.get<TorrentList>(`/api/v1/torrents?id=${id}`)).toEqual({ torrents, total: 2 });
    expect(await api.get(`/api/v1/torrents?sha256=${id}`)).toMatchObject({ total: 1 });
    expect(await api.get(`/api/v1/torrents/${folder.infoHash}`)).toMatchObject(torrents[1]!);
    expect(await api.get(`/api/v1/seeders/${seeder}`)).toMatchObject({ holds: [file, folder] });
    expect((await api.call('GET', `/api/v1/torrents?id=${id.toUpperCase()}`)).status).toBe(400);
  });

  test('GET torrents/{infoHash} lists the seeders that hold it', async () => {
    await using api = await TestApi.start();
    const { id } = await api.register(1, hybrid);
    const { infoHash } = hybrid.registered;
    const detail = await api.get<DetailedTorrent>(`/api/v1/torrents/${infoHash}`);
    expect(detailedTorrentSchema.parse(detail)).toEqual(detail);
    expect(detail).toEqual({
      ...hybrid.registered,
      seeders: 1,
      heldBy: [{ id, host: '127.0.0.1', port: 1 }],
    });
  });

  test('GET torrents/{infoHash}.torrent gives the metainfo', async () => {
    await using api = await TestApi.start();
    await api.register(1, hybrid);
    const response = await api.call('GET', `/api/v1/torrents/${hybrid.registered.infoHash}.torrent`);
    expect(response.headers.get('content-type')).toBe('application/x-bittorrent');
    expect(await readTorrent(response)).toEqual({
      announceList: [[new URL('/announce', response.url).href]],
      info: Buffer.from(hybrid.metainfo),
    });
  });

  test('GET torrents/{infoHash}.torrent names no tracker when the Host header is no host', async () => {
    await using api = await TestApi.start({ publicHosts: ['tracker.test'] });
    await api.register(1, one);
    const path = `/api/v1/torrents/${one.registered.infoHash}.torrent`;
    expect(await getAt(api.port, path, 'tracker.test:9910')).toContain('http://tracker.test:9910/announce');
    for (const host of ['evil.test/a', 'a b', 'user@evil.test', 'a:b']) {
      expect(await getAt(api.port, path, host), host).not.toContain('announce');
    }
  });

  test('GET torrents/{infoHash}.torrent names an https URL to a client that uses TLS', async (context) => {
    requirePeers(context, 'openssl');
    await using folder = await tempFolder();
    const tls = { cert: folder.join('cert.pem'), key: folder.join('key.pem') };
    await makeCertificate('test', tls.cert, tls.key);
    await using api = await TestApi.start({ tls, publicHosts: ['t.test'] });
    await api.register(1, one);
    const path = `/api/v1/torrents/${one.registered.infoHash}.torrent`;
    const secure = {
      port: api.port,
      path,
      headers: { host: 't.test' },
      rejectUnauthorized: false,
      agent: false,
    };
    expect(await bodyOf(getSecure(secure))).toContain('23:https://t.test/announce');
    expect(await getAt(api.port, path, 't.test')).toContain('22:http://t.test/announce');
  });

  test.each([
    ['127.0.0.1', 'https', 'https'],
    ['127.0.0.1', 'HTTPS, http', 'https'],
    ['127.0.0.1', 'http', 'http'],
    ['127.0.0.1', 'httpsx', 'http'],
    ['192.0.2.1', 'https', 'http'],
  ])(
    'GET torrents/{infoHash}.torrent takes the word of the proxy %s alone: %s',
    async (proxy, proto, scheme) => {
      await using api = await TestApi.start({ trustedProxies: [proxy] });
      await api.register(1, one);
      const path = `/api/v1/torrents/${one.registered.infoHash}.torrent`;
      const headers = { 'X-Forwarded-Proto': proto };
      const response = await api.tracker.fetch(path, { headers }, api.port);
      expect(await response.text()).toContain(`:${scheme}://127.0.0.1:${api.port}/announce4:info`);
    },
  );

  test('PUT torrents/{infoHash}.torrent takes a missing metainfo from any seeder that holds the torrent', async () => {
    await using api = await TestApi.start();
    const response = await api.call('POST', '/api/v1/seeders', registration(1, [one.registered]));
    const { token, missing } = (await response.json()) as RegistrationResponse;
    expect(missing).toEqual([one.registered.infoHash]);
    const other = await api.register(2, two);
    expect((await api.upload(one, one.metainfo)).status).toBe(401);
    expect((await api.upload(one, one.metainfo, 'no-such.token')).status).toBe(404);
    expect((await api.upload(one, one.metainfo, other.token)).status).toBe(404);
    expect((await api.upload(one, two.metainfo, token)).status).toBe(400);
    expect((await api.upload(one, Buffer.from('rubbish'), token)).status).toBe(400);
    expect((await api.upload(one, one.metainfo, token)).status).toBe(204);
    const fetched = await api.call('GET', `/api/v1/torrents/${one.registered.infoHash}.torrent`);
    expect((await readTorrent(fetched)).info).toEqual(Buffer.from(one.metainfo));
  });

  test('a large metainfo is received and sent whole', async () => {
    await using api = await TestApi.start();
    const large = largeTorrent();
    const response = await api.call('POST', '/api/v1/seeders', registration(1, [large.registered]));
    const { token } = (await response.json()) as RegistrationResponse;
    expect((await api.upload(large, large.metainfo, token)).status).toBe(204);
    const path = `/api/v1/torrents/${large.registered.infoHash}.torrent`;
    const fetched = await api.call('GET', path);
    expect(Number(fetched.headers.get('content-length'))).toBeGreaterThan(large.metainfo.length);
    expect((await readTorrent(fetched)).info).toEqual(Buffer.from(large.metainfo));
    expect((await api.call('HEAD', path)).status).toBe(200);
    // What is given is counted no more when it was given.
    const again = await Promise.all(Array.from({ length: 4 }, () => api.call('GET', path)));
    for (const { status, headers } of again)
      expect([status, headers.get('content-length')]).toEqual([200, fetched.headers.get('content-length')]);
    await Promise.all(again.map((response) => response.arrayBuffer()));
  });

  test('only the info of a metainfo is kept', async () => {
    await using api = await TestApi.start();
    const adorned = Buffer.from(one.metainfo)
      .toString('latin1')
      .replace(/^d/, 'd8:announce17:http://evil.test/');
    const body = { ...one.registered, metainfo: Buffer.from(adorned, 'latin1').toString('base64') };
    const response = await api.call('POST', '/api/v1/seeders', registration(1, [body]));
    expect(response.status).toBe(201);
    const fetched = await api.call('GET', `/api/v1/torrents/${one.registered.infoHash}.torrent`);
    expect((await readTorrent(fetched)).info).toEqual(Buffer.from(one.metainfo));
  });

  test.each(['GET', 'PUT'])(
    '%s of a torrent nobody has is 404, of what is no info-hash 400',
    async (method) => {
      await using api = await TestApi.start();
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
