import type { RequestListener } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { LocalServers } from '../../test/support/index.ts';
import { type HttpRequest, httpRequest } from './http-request.ts';
import { printableUrl } from './printable-url.ts';
import { quotable } from './quotable.ts';
import type { TrackerCallError } from './tracker-call-error.ts';
import { TrackerReach } from './tracker-reach.ts';

const servers = new LocalServers();
const serve = (listener: RequestListener) => servers.serve(listener);

afterEach(() => servers.close());

function get(url: string, options: Partial<HttpRequest> = {}) {
  return httpRequest({ method: 'GET', url, maxBytes: 1000, timeoutMs: 10_000, ...options });
}

async function failure(work: Promise<unknown>): Promise<TrackerCallError> {
  return work.then(
    () => expect.fail('httpRequest() should have thrown'),
    (thrown: TrackerCallError) => thrown,
  );
}

describe('httpRequest()', () => {
  test('httpRequest() sends method, headers and body and returns status and body', async () => {
    const url = await serve((request, response) => {
      const parts: Uint8Array[] = [];
      request.on('data', (part: Uint8Array) => parts.push(part));
      request.on('end', () => {
        response.statusCode = 201;
        const { connection, authorization, 'content-length': length } = request.headers;
        response.end(
          JSON.stringify([
            request.method,
            request.url,
            connection,
            authorization,
            length,
            Buffer.concat(parts).toString(),
          ]),
        );
      });
    });
    const answer = await get(`${url}/a?b=%ff`, {
      method: 'PUT',
      body: 'é',
      headers: { authorization: 'Bearer x' },
    });
    expect(answer.status).toBe(201);
    expect(JSON.parse(Buffer.from(answer.body).toString())).toEqual([
      'PUT',
      '/a?b=%ff',
      'close',
      'Bearer x',
      '2',
      'é',
    ]);
  });

  test('httpRequest() says UNREACHABLE when nobody listens', async () => {
    const url = await serve(() => {});
    await servers.close();
    const error = await failure(get(`${url}/announce?key=secret`));
    expect(error.code).toBe('UNREACHABLE');
    expect(error.message).toContain(`GET ${url}/announce: nobody listens there`);
  });

  test('httpRequest() says UNREACHABLE when the connection breaks before or in the answer', async () => {
    const before = await serve((request) => request.socket.destroy());
    expect((await failure(get(before))).code).toBe('UNREACHABLE');
    const inside = await serve((request, response) => {
      response.setHeader('content-length', 100);
      response.write('half', () => request.socket.destroy());
    });
    expect((await failure(get(inside))).code).toBe('UNREACHABLE');
  });

  test('httpRequest() says TIMED_OUT when no answer comes, or one that does not end', async () => {
    const never = await serve(() => {});
    expect((await failure(get(never, { timeoutMs: 50 }))).code).toBe('TIMED_OUT');
    const endless = await serve((_, response) => void response.write('x'));
    expect((await failure(get(endless, { timeoutMs: 50 }))).code).toBe('TIMED_OUT');
  });

  test('httpRequest() says ABORTED with the reason, before and during the request', async () => {
    const stop = new AbortController();
    const url = await serve(() => stop.abort(new Error('enough')));
    for (const when of ['during', 'before']) {
      const error = await failure(get(url, { signal: stop.signal }));
      expect([error.code, (error.cause as Error).message], when).toEqual(['ABORTED', 'enough']);
    }
  });

  test('httpRequest() stops reading an answer above the limit', async () => {
    const url = await serve((_, response) => {
      const more = () => response.write('x'.repeat(1000), (error) => error || setImmediate(more));
      more();
    });
    expect((await failure(get(url))).code).toBe('TOO_LARGE');
    const exact = await serve((_, response) => void response.end('x'.repeat(1000)));
    expect((await get(exact)).body).toHaveLength(1000);
  });

  test('httpRequest() holds an answer that comes byte by byte in little more memory than its bytes', async () => {
    const url = await servers.listen(
      createTcpServer((socket) => {
        socket.on('error', () => {}).resume();
        socket.end(
          `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${'1\r\nx\r\n'.repeat(20_000)}0\r\n\r\n`,
        );
      }),
    );
    const { body } = await get(url, { maxBytes: 20_000 });
    expect(body).toHaveLength(20_000);
    expect(body.buffer.byteLength).toBeLessThan(3 * body.length);
  });

  test('httpRequest() says BAD_RESPONSE to an endless number of 100 Continue responses', async () => {
    const url = await servers.listen(
      createTcpServer((socket) => {
        socket.on('error', () => {}).resume();
        const more = () =>
          socket.write('HTTP/1.1 100 Continue\r\n\r\n'.repeat(100), (error) => error || setImmediate(more));
        more();
      }),
    );
    const { code, message } = await failure(get(url));
    expect([code, message]).toEqual(['BAD_RESPONSE', expect.stringContaining('more than 16 times')]);
  });

  test('httpRequest() says BAD_RESPONSE to an answer that is not HTTP', async () => {
    const url = await servers.listen(
      createTcpServer((socket) => void socket.resume().end('SSH-2.0-OpenSSH_9.2\r\n')),
    );
    expect((await failure(get(url))).code).toBe('BAD_RESPONSE');
  });

  test('httpRequest() follows no more redirects than it is allowed to', async () => {
    const url = await serve((request, response) => {
      const hops = Number(request.url!.slice(1));
      if (hops === 0) return response.end('here');
      return response.writeHead(302, { location: `/${hops - 1}` }).end();
    });
    const anywhere = () => ({ maxRedirects: 3, reach: new TrackerReach('trusted') });
    expect(Buffer.from((await get(`${url}/3`, anywhere())).body).toString()).toBe('here');
    expect((await get(`${url}/1`)).status).toBe(302);
    const error = await failure(get(`${url}/4`, anywhere()));
    expect([error.code, error.message]).toEqual([
      'BAD_RESPONSE',
      `GET ${url}/4: redirected more than 3 times, the last time to "/0"`,
    ]);
  });

  test('httpRequest() follows no redirect to another scheme or to rubbish', async () => {
    const url = await serve((request, response) =>
      response
        .writeHead(301, { location: request.url === '/file' ? 'file:///etc/passwd' : 'http://[' })
        .end(),
    );
    expect((await failure(get(`${url}/file`, { maxRedirects: 3 }))).code).toBe('UNSUPPORTED');
    expect((await failure(get(`${url}/bad`, { maxRedirects: 3 }))).code).toBe('BAD_RESPONSE');
  });

  test('httpRequest() says UNSUPPORTED, and names the scheme', async () => {
    const error = await failure(get('wss://t.example:80/announce'));
    expect([error.code, error.message]).toEqual([
      'UNSUPPORTED',
      'Cannot use the tracker wss://t.example:80/announce: it begins with wss:; http:, https: and udp: are supported',
    ]);
    expect((await failure(get('nonsense'))).code).toBe('UNSUPPORTED');
  });
});

test('printableUrl() leaves out passwords and queries', () => {
  expect(printableUrl('http://me:pw@t.example:80/announce?passkey=1')).toBe('http://t.example/announce');
});

test('printableUrl() leaves out passkeys', () => {
  const token = `shoal_0f1e2d3c_${'s'.repeat(32)}`;
  expect(printableUrl(`http://t.example/${token}/announce`)).toBe(
    'http://t.example/shoal_0f1e2d3c_…/announce',
  );
  expect(printableUrl(`http://t.example/a/${'0f'.repeat(16)}/announce.php`)).toBe(
    'http://t.example/a/…/announce.php',
  );
  expect(printableUrl(`http://t.example/${'0f'.repeat(20)}.torrent`)).toContain('0f0f.torrent');
  expect(printableUrl(`${token} x`)).toBe('"shoal_0f1e2d3c_… x"');
  expect(printableUrl(`udp://${token}:6969/announce`)).toBe('udp://shoal_0f1e2d3c_…:6969/announce');
});

test('quotable() turns a text into one short line', () => {
  expect(quotable(' a\u001b[31m\r\nb\u202e ')).toBe('a\\x1b[31m b\\u202e');
  expect(quotable('x'.repeat(1000))).toHaveLength(300);
  expect(quotable('🚀'.repeat(200))).toBe(`${'🚀'.repeat(149)}…`);
  expect(quotable(`${'x'.repeat(296)}🚀\u200d🚀`)).toBe(`${'x'.repeat(296)}🚀…`);
});
