import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { LocalServers } from '../../test/support/index.ts';
import { fetchTorrents, register } from './registry-client.ts';
import type { TrackerCallError } from './tracker-call-error.ts';

const servers = new LocalServers();
afterEach(() => servers.close());

describe('fetchTorrents() throws an error with a finding and an advice when it is answered by', () => {
  test.each<[what: string, answer: (response: ServerResponse) => void, found: RegExp, advice: RegExp]>([
    [
      'a tracker of another make',
      (response) => response.writeHead(404).end('<title>404 Not Found</title>'),
      /: HTTP status 404, no Shoal tracker answers there, it says "404 Not Found"$/,
      /by a \.torrent alone/,
    ],
    [
      'a web page',
      (response) => response.end('<html>Hello</html>'),
      /: the response is no JSON, so no Shoal tracker answers there$/,
      /Is that the address of a tracker\?/,
    ],
    [
      'a proxy that reaches no tracker',
      (response) => response.writeHead(502).end('<html><title>502 Bad Gateway</title>'),
      /: HTTP status 502, a proxy answers, but not the tracker behind it, it says "502 Bad Gateway"$/,
      /Is the tracker behind the proxy running\?/,
    ],
    [
      'a proxy that waits in vain',
      (response) => response.writeHead(504).end(),
      /: HTTP status 504, a proxy answers, but not the tracker behind it$/,
      /Is the tracker behind the proxy running\?/,
    ],
    [
      'a tracker whose store is away',
      (response) => {
        const problem = { type: 'about:blank', title: 'Away', status: 503, detail: 'The store is away' };
        response.writeHead(503, { 'retry-after': '5' }).end(JSON.stringify(problem));
      },
      /: HTTP status 503, the tracker says "The store is away"$/,
      /^Try again in 5 seconds\.$/,
    ],
    [
      'a tracker that was asked too much',
      (response) => response.writeHead(429, { 'retry-after': '1' }).end('slow down'),
      /: HTTP status 429, it says "slow down"$/,
      /^Try again in a second\.$/,
    ],
    [
      'a proxy that wants a password',
      (response) => response.writeHead(403).end('<html><title>403 Forbidden</title>'),
      /: HTTP status 403, no Shoal tracker refuses like that, it says "403 Forbidden"$/,
      /a proxy in front of it refuses/,
    ],
    [
      'a redirect',
      (response) => response.writeHead(301, { location: 'https://t.example/' }).end(),
      /: HTTP status 301, it redirects to https:\/\/t\.example\/$/,
      /Use the address that it redirects to/,
    ],
    [
      'a server with TLS that answers one without',
      (response) =>
        response.writeHead(400).end('<title>400 The plain HTTP request was sent to HTTPS port</title>'),
      /: HTTP status 400, it says ".*plain HTTP request/,
      /^Begin its address with https:/,
    ],
    [
      'a connection that is closed',
      (response) => response.destroy(),
      /: the connection was closed before there was an answer$/,
      /Is that the address of a tracker\?/,
    ],
  ])('%s', async (_what, answer, found, advice) => {
    const url = await servers.serve((_, response) => answer(response));
    const error = await fetchTorrents(url, {}).then(
      () => expect.fail('should have thrown'),
      (thrown: TrackerCallError) => thrown,
    );
    expect(error.message).toMatch(found);
    expect(error.message).toMatch(`Cannot look up files at ${url}: `);
    expect(error.advice).toMatch(advice);
  });
});

test('register() advises to seed a .torrent when a tracker of another make answers', async () => {
  const url = await servers.serve((_, response) => response.writeHead(404).end());
  const registering = register(url, { port: 1, peerId: 'ab'.repeat(20), torrents: [] });
  await expect(registering).rejects.toMatchObject({
    advice: expect.stringContaining('shoal seed FILE.torrent'),
  });
});

test('register() names SHOAL_SEEDER_TOKEN in its advice on a missing token, and no other call does', async () => {
  const url = await servers.serve((_, response) => response.writeHead(401).end());
  const advice = "The token stands behind the tracker's address, --tracker http://HOST:9910/TOKEN";
  await expect(fetchTorrents(url, {})).rejects.toMatchObject({ advice: `${advice}.` });
  const registering = register(url, { port: 1, peerId: 'ab'.repeat(20), torrents: [] });
  await expect(registering).rejects.toMatchObject({ advice: `${advice}, or in SHOAL_SEEDER_TOKEN.` });
});
