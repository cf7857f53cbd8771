import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createToken, revokeToken } from '../../src/tracker/index.ts';
import { RawClient } from '../support/tracker/raw-client.ts';
import { TestApi } from '../support/tracker/test-api.ts';
import { announceQuery, TestTracker } from '../support/tracker/test-tracker.ts';
import { TokenFolder } from '../support/tracker/token-folder.ts';
import { testTorrent } from '../support/tracker/torrents.ts';
import { UdpClient } from '../support/tracker/udp-client.ts';
import { WS_INFO_HASH, WsTestClient, wsAnnounce } from '../support/tracker/ws-client.ts';

let folder: TokenFolder;
let passkey: string;
beforeAll(async () => {
  folder = await TokenFolder.create();
  passkey = folder.passkey;
});
afterAll(() => folder[Symbol.asyncDispose]());

const startPrivate = () => TestTracker.start({ isPrivate: true, tokens: folder.tokens });
const SCRAPE = `scrape?info_hash=${'%AA'.repeat(20)}`;

describe('a private tracker over HTTP', () => {
  test('answers an announce and a scrape with a passkey in the path, and refuses those without', async () => {
    await using tracker = await startPrivate();
    const ask = async (path: string) => (await tracker.fetch(path)).text();
    expect(await ask(`/${passkey}/announce?${announceQuery(1)}`)).toMatch(/^d8:complete/);
    expect(await ask(`/${passkey}/${SCRAPE}`)).toContain('8:completei1e');
    for (const path of [`/announce?${announceQuery(2)}`, `/${SCRAPE}`]) {
      expect(await ask(path)).toMatch(/^d14:failure reason\d+:This tracker is private.*8:retry in5:nevere$/);
    }
    for (const path of [
      `/x/announce?${announceQuery(2)}`,
      `/x/${SCRAPE}`,
      `/a.b%20c/announce?${announceQuery(2)}`,
      `/${'x'.repeat(65)}/${SCRAPE}`,
    ]) {
      expect(await ask(path)).toMatch(/^d14:failure reason\d+:The passkey .* is not known/);
    }
  });

  test('answers 401 when the path of the web API begins with what is no token', async () => {
    await using tracker = await startPrivate();
    for (const path of ['/x/api/v1/seeders', '/a.b/metrics']) {
      const response = await tracker.fetch(path);
      expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
      expect(await response.json()).toMatchObject({ detail: /begins with shoal_.* Authorization: Bearer/ });
    }
    const behindToken = await tracker.fetch(`/${passkey}/api/v1/torrents`);
    expect(behindToken.status).toBe(401);
    expect(await behindToken.json()).toMatchObject({
      detail:
        /^The web API takes no access token in the path: it goes into the header, .* Authorization: Bearer/,
    });
    expect((await tracker.fetch('/x/y')).status).toBe(404);
  });

  test('takes the passkey in a request that comes in pieces, and after one of the web API', async () => {
    await using tracker = await startPrivate();
    await using client = await RawClient.connect(tracker.port);
    const request = `GET /${passkey}/announce?${announceQuery(1)} HTTP/1.1\r\nHost: t\r\n\r\n`;
    for (let cut = 1; cut < request.length; cut += 5) {
      await client.send(request.slice(0, cut));
      await client.send(request.slice(cut));
      expect((await client.answer()).body).toMatch(/^d8:complete/);
    }
    await client.send('GET /healthz HTTP/1.1\r\nHost: t\r\n\r\n');
    expect((await client.answer()).status).toBe(200);
    await client.send(request);
    expect((await client.answer()).body).toMatch(/^d8:complete/);
    await client.send(request.replace(passkey, 'x'));
    expect((await client.answer()).body).toMatch(/^d14:failure reason/);
  });

  test('refuses a passkey once it is revoked', async () => {
    await using tracker = await startPrivate();
    const { token, text } = await createToken(folder.tokens, { scopes: ['announce'] });
    const ask = async () => (await tracker.fetch(`/${text}/announce?${announceQuery(1)}`)).text();
    await expect.poll(ask, { timeout: 10_000 }).toMatch(/^d8:complete/);
    await revokeToken(folder.tokens, token.id);
    await expect.poll(ask, { timeout: 10_000 }).toMatch(/^d14:failure reason/);
  });
});

test('a private tracker refuses a passkey that expired while its machine slept', async () => {
  let date = Date.now();
  const { text } = await createToken(folder.tokens, { scopes: ['announce'], expires: new Date(date + 1000) });
  await using tracker = await TestTracker.start({
    isPrivate: true,
    tokens: folder.tokens,
    wallTime: () => date,
  });
  const ask = async () => (await tracker.fetch(`/${text}/announce?${announceQuery(1)}`)).text();
  expect(await ask()).toMatch(/^d8:complete/);
  // As its other clock, which times intervals, stands still meanwhile.
  date += 1000;
  expect(await ask()).toMatch(/^d14:failure reason.*expired/);
});

test('a private tracker over UDP takes the passkey in the URL data, and no scrape', async () => {
  await using tracker = await startPrivate();
  await using client = await UdpClient.connect({ host: '127.0.0.1', port: tracker.port });
  expect((await client.announce(1, `/${passkey}/announce?x`)).action).toBe('announce');
  for (const urlData of ['', '/announce', '/x/announce']) {
    expect((await client.announce(1, urlData)).action).toBe('error');
  }
  expect(await client.scrape()).toMatchObject({
    action: 'error',
    failure: { failureReason: expect.stringMatching(/^This tracker is private/) },
  });
});

test('a private tracker over WebSocket takes the passkey in the path', async () => {
  await using tracker = await startPrivate();
  await using known = await WsTestClient.connect(tracker.port, `/${passkey}/announce`);
  expect(await known.ask(wsAnnounce('A'))).toMatchObject({ incomplete: 1 });
  expect(await known.ask({ action: 'scrape', info_hash: WS_INFO_HASH })).toMatchObject({ files: {} });
  for (const path of ['/announce', '/', '/x/announce']) {
    await using client = await WsTestClient.connect(tracker.port, path);
    for (const message of [wsAnnounce('B'), { action: 'scrape', info_hash: WS_INFO_HASH }]) {
      expect(await client.ask(message)).toMatchObject({
        'failure reason': expect.stringMatching(path === '/x/announce' ? /not known/ : /private/),
      });
    }
  }
});

test('an open tracker takes any passkey', async () => {
  await using tracker = await TestTracker.start();
  const answer = await tracker.fetch(`/x/announce?${announceQuery(1)}`);
  expect(await answer.text()).toMatch(/^d8:complete/);
});

describe('the web API of a private tracker', () => {
  test('answers only requests with a token', async () => {
    const registering = (await createToken(folder.tokens, { scopes: ['register'] })).text;
    await using api = await TestApi.start({ isPrivate: true, tokens: folder.tokens });
    const torrent = testTorrent('a');
    await api.registerBy(registering, 1, torrent);
    const { infoHash } = torrent.registered;
    for (const path of ['seeders', 'torrents', `torrents/${infoHash}`, `torrents/${infoHash}.torrent`]) {
      const statusOf = async (method: string, token?: string) =>
        (await api.call(method, `/api/v1/${path}`, undefined, token)).status;
      expect(await statusOf('GET')).toBe(401);
      expect(await statusOf('HEAD')).toBe(401);
      expect(await statusOf('GET', 'x')).toBe(401);
      expect(await statusOf('GET', passkey)).toBe(200);
      expect(await statusOf('GET', registering)).toBe(200);
    }
    expect((await api.call('GET', '/healthz')).status).toBe(200);
    expect((await api.call('GET', '/metrics')).status).toBe(401);
    const metrics = await (await api.call('GET', '/metrics', undefined, passkey)).text();
    expect(metrics).toMatch(/shoal_tracker_refusals_total\{reason="no_token"\} 9\n/);
    expect(metrics).toMatch(/shoal_tracker_refusals_total\{reason="bad_token"\} 4\n/);
  });

  test('puts the passkey of a request into the .torrent, and never a token that is not for announcing', async () => {
    const registering = (await createToken(folder.tokens, { scopes: ['register'] })).text;
    await using api = await TestApi.start({ isPrivate: true, tokens: folder.tokens });
    const torrent = testTorrent('a');
    await api.registerBy(registering, 1, torrent);
    const path = `/api/v1/torrents/${torrent.registered.infoHash}.torrent`;
    const answer = await api.call('GET', path, undefined, passkey);
    expect(await answer.text()).toContain(`:http://127.0.0.1:${api.port}/${passkey}/announce4:info`);
    const unnamed = await (await api.call('GET', path, undefined, registering)).text();
    expect(unnamed).toMatch(/^d4:info/);
    expect(unnamed).not.toContain(registering);
  });
});
