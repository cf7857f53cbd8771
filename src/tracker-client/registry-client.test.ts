import { afterEach, describe, expect, test } from 'vitest';
import { LocalServers } from '../../test/support/index.ts';
import { parseInfoHash } from '../util/index.ts';
import {
  fetchMetainfo,
  fetchSeeders,
  fetchTorrentDetails,
  fetchTorrents,
  leave,
  register,
  renew,
  uploadMetainfo,
} from './registry-client.ts';
import { MAX_PAGE_BYTES, MAX_PAGES } from './response-limits.ts';
import type { TrackerCallError } from './tracker-call-error.ts';

const servers = new LocalServers();
afterEach(() => servers.close());

const infoHash = parseInfoHash('a'.repeat(40));
const identity = { id: 's/1', token: 'secret' };
const registration = { port: 9911, peerId: 'b'.repeat(40), torrents: [] };
const answer = { id: 's/1', host: '192.0.2.1', port: 9911, renewIn: 60, expiresIn: 180, missing: [infoHash] };
const summary = { infoHash, name: 'a.txt', size: 1, sha256: 'c'.repeat(64), seeders: 2 };

interface Asked {
  readonly request: string;
  readonly authorization: string | undefined;
  readonly type: string | undefined;
  readonly body: string;
}

/** Starts a web API that gives these answers in turn, and records its requests. */
async function registry(...answers: (object | string | Uint8Array | [number, object])[]) {
  const asked: Asked[] = [];
  const url = await servers.serve((request, response) => {
    const parts: Uint8Array[] = [];
    request.on('data', (part: Uint8Array) => parts.push(part));
    request.on('end', () => {
      const { authorization, 'content-type': type } = request.headers;
      const body = Buffer.concat(parts).toString();
      asked.push({ request: `${request.method} ${request.url}`, authorization, type, body });
      const next = answers.shift()!;
      if (Array.isArray(next)) response.statusCode = next[0];
      const content = Array.isArray(next) ? next[1] : next;
      response.end(
        typeof content === 'string' || content instanceof Uint8Array ? content : JSON.stringify(content),
      );
    });
  });
  return { url, asked };
}

async function failure(work: Promise<unknown>): Promise<TrackerCallError> {
  return work.then(
    () => expect.fail('should have thrown'),
    (thrown: TrackerCallError) => thrown,
  );
}

describe('calls of the web API', () => {
  test('register() posts the registration, and returns the identity and the answer', async () => {
    const { url, asked } = await registry([201, { ...answer, token: 'secret' }]);
    expect(await register(`${url}/`, registration)).toEqual({ ...answer, token: 'secret' });
    expect(asked).toEqual([
      {
        request: 'POST /api/v1/seeders',
        authorization: undefined,
        type: 'application/json',
        body: JSON.stringify(registration),
      },
    ]);
  });

  test('register() says BAD_RESPONSE, and names the faulty field of the answer', async () => {
    const { url } = await registry(answer, 'rubbish', { ...answer, token: 't', missing: ['x'] });
    expect((await failure(register(url, registration))).message).toContain('at token');
    expect((await failure(register(url, registration))).code).toBe('BAD_RESPONSE');
    const error = await failure(register(url, registration));
    expect([error.code, error.message]).toEqual([
      'BAD_RESPONSE',
      `Cannot register with ${url}: no Shoal tracker would send this response: ✖ must be 40 lower-case hex digits → at missing[0]`,
    ]);
  });

  test('renew() sends the identity, and a list only if it is given one', async () => {
    const { url, asked } = await registry(answer, answer);
    await renew(`${url}/announce`, identity);
    await renew(url, identity, registration);
    expect(asked).toEqual([
      { request: 'PUT /api/v1/seeders/s%2F1', authorization: 'Bearer secret', type: undefined, body: '' },
      {
        request: 'PUT /api/v1/seeders/s%2F1',
        authorization: 'Bearer secret',
        type: 'application/json',
        body: JSON.stringify(registration),
      },
    ]);
  });

  test('leave() and uploadMetainfo() take an empty answer', async () => {
    const { url, asked } = await registry('', '');
    await leave(url, identity);
    await uploadMetainfo(url, 'secret', infoHash, Buffer.from('de'));
    expect(asked).toMatchObject([
      { request: 'DELETE /api/v1/seeders/s%2F1', authorization: 'Bearer secret' },
      {
        request: `PUT /api/v1/torrents/${infoHash}.torrent`,
        authorization: 'Bearer secret',
        type: 'application/x-bittorrent',
        body: 'de',
      },
    ]);
  });

  test('fetchTorrentDetails() and fetchMetainfo() ask by info-hash', async () => {
    const detail = { ...summary, heldBy: [{ id: 's', host: '192.0.2.1', port: 1 }] };
    const { url, asked } = await registry(detail, Uint8Array.of(0x64, 0xff, 0x65));
    expect(await fetchTorrentDetails(url, infoHash)).toEqual(detail);
    expect([...(await fetchMetainfo(url, infoHash))]).toEqual([0x64, 0xff, 0x65]);
    expect(asked.map(({ request }) => request)).toEqual([
      `GET /api/v1/torrents/${infoHash}`,
      `GET /api/v1/torrents/${infoHash}.torrent`,
    ]);
  });

  test('calls say BAD_STATUS, and quote the problem that the tracker reports', async () => {
    const problem = {
      type: 'about:blank',
      title: 'Bad request',
      status: 400,
      detail: 'The registration is not valid',
      errors: [{ field: 'port', message: 'must be 1 to 65535' }],
    };
    const { url } = await registry([400, problem], [502, ['<html>']]);
    const error = await failure(register(url, registration));
    expect([error.code, error.status, error.message]).toEqual([
      'BAD_STATUS',
      400,
      `Cannot register with ${url}: HTTP status 400, the tracker says "The registration is not valid; port must be 1 to 65535"`,
    ]);
    expect((await failure(leave(url, identity))).message).toMatch(
      /^Cannot sign off from .*: HTTP status 502, a proxy answers/,
    );
  });

  test.each([
    ['a million numbers', `{"missing":[${'1,'.repeat(1_000_000)}1]}`, 'more than 201000 values'],
    [
      'lists in each other',
      `{"missing":${'['.repeat(500_000)}`,
      'more than 8 lists and objects in each other',
    ],
    [
      'two hundred thousand wrong entries',
      { ...answer, token: 't', missing: Array(200_000).fill(1) },
      'missing[0]',
    ],
  ])('register() stops at the first fault in %s, and names it', async (_, lie, found) => {
    const { url } = await registry(lie);
    const error = await failure(register(url, registration));
    expect(error.code).toBe('BAD_RESPONSE');
    expect(error.message).toContain(found);
    expect(error.message.length).toBeLessThan(500);
  });

  test.each([
    ['more entries than a page has', `{"torrents":[${'{},'.repeat(20_000)}{}]}`, 'more than 16000 values'],
    [
      'wrong entries',
      { torrents: [summary, ...Array<object>(1000).fill({ ...summary, size: -1 })], total: 1 },
      'torrents[1].size',
    ],
    [
      'more bytes than a page has',
      `{"torrents":[],"x":"${'x'.repeat(MAX_PAGE_BYTES)}"}`,
      `more than ${MAX_PAGE_BYTES} bytes`,
    ],
  ])('fetchTorrents() refuses %s', async (_, lie, found) => {
    const { url } = await registry(lie);
    expect((await failure(fetchTorrents(url, {}))).message).toContain(found);
  });

  test('calls quote only the start of a problem, and nothing of one that is too large', async () => {
    const errors = Array.from({ length: 100 }, () => ({ field: 'x', message: 'y'.repeat(100) }));
    const problem = { type: 'about:blank', title: 'Bad', status: 400, errors };
    const { url } = await registry(
      [400, problem],
      [400, { ...problem, errors: Array(2000).fill(errors[0]) }],
    );
    const [quoted, unread] = [await failure(leave(url, identity)), await failure(leave(url, identity))];
    expect(quoted.message).toContain('the tracker says "Bad; x yy');
    expect(quoted.message.length).toBeLessThan(500);
    expect(unread.message).not.toContain('yyy');
  });

  test('calls reject when their signal aborts', async () => {
    const url = await servers.serve(() => {});
    const error = await failure(fetchTorrents(url, {}, { signal: AbortSignal.abort() }));
    expect(error.code).toBe('ABORTED');
  });
});

describe('calls that collect pages', () => {
  test('fetchTorrents() sends its query with the request for each page', async () => {
    const { url, asked } = await registry(
      { torrents: [summary], total: 2, next: 'x&y' },
      { torrents: [summary], total: 2 },
    );
    const query = { name: 'a b.txt', size: 0, sha256: 'c'.repeat(64) };
    expect(await fetchTorrents(url, query)).toEqual({ torrents: [summary, summary], total: 2 });
    expect(asked.map(({ request }) => request)).toEqual([
      `GET /api/v1/torrents?name=a+b.txt&size=0&sha256=${'c'.repeat(64)}`,
      `GET /api/v1/torrents?name=a+b.txt&size=0&sha256=${'c'.repeat(64)}&after=x%26y`,
    ]);
  });

  test('fetchTorrents() stops at the limit', async () => {
    const page = { torrents: [summary, summary], total: 9, next: 'x' };
    const { url, asked } = await registry(page, page, page);
    const found = await fetchTorrents(url, {}, { limit: 3 });
    expect([found.torrents.length, found.total, asked.length]).toEqual([3, 9, 2]);
  });

  test('fetchTorrents() asks for each page once, and for a limited number of pages', async () => {
    const page = (next: string) => ({ torrents: [summary], total: 9, next });
    const round = await registry(page('x'), page('y'), page('x'));
    expect((await fetchTorrents(round.url, {})).torrents).toHaveLength(3);
    expect(round.asked).toHaveLength(3);
    const endless = await registry(...Array.from({ length: 200 }, (_, at) => page(String(at))));
    expect((await fetchTorrents(endless.url, {})).torrents).toHaveLength(MAX_PAGES);
  });

  test('fetchSeeders() says TOO_LARGE when all pages together are over the limit of one answer', async () => {
    const seeder = { id: 's', host: 'x'.repeat(3_000_000), port: 1, torrents: 1 };
    const seen = { registeredAt: '2026-01-01T00:00:00Z', seenAt: '2026-01-01T00:00:00Z' };
    const pages = Array.from({ length: 9 }, (_, at) => ({
      seeders: [{ ...seeder, ...seen }],
      total: 9,
      next: `${at}`,
    }));
    const { url, asked } = await registry(...pages);
    expect((await failure(fetchSeeders(url))).code).toBe('TOO_LARGE');
    expect(asked).toHaveLength(6);
  });

  test('fetchSeeders() does not follow empty pages forever', async () => {
    const { url, asked } = await registry({ seeders: [], total: 5, next: 'x' });
    expect(await fetchSeeders(url)).toEqual({ seeders: [], total: 5 });
    expect(asked.map(({ request }) => request)).toEqual(['GET /api/v1/seeders']);
  });
});
