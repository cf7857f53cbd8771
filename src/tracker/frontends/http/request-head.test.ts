import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isTrackerRequest, MAX_HEADERS, MAX_REQUEST_HEAD_BYTES, readRequestHead } from './request-head.ts';

const head = (...lines: string[]): Buffer => Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
const read = (bytes: Buffer) => readRequestHead(bytes, 0);

describe('isTrackerRequest()', () => {
  test.each([
    ['GET /announce?a=b HTTP/1.1', true],
    ['GET /announce HTTP/1.1', true],
    ['HEAD /scrape?', true],
    ['GET /shoal_0f1e2d3c_secret-/announce?', true],
    [`GET /${'k'.repeat(64)}/scrape HTTP/1.1`, true],
    [`GET /${'k'.repeat(65)}/scrape HTTP/1.1`, false],
    ['GET /a/b/announce ', false],
    ['GET /k%20y/announce ', false],
    ['GET //announce ', false],
    ['GET /key/announcer', false],
    ['GET /healthz HTTP/1.1', false],
    ['GET /api/v1/seeders HTTP/1.1', false],
    ['GET /key ', false],
    ['GET / ', true],
    ['GET /? ', true],
    ['HEAD / ', false],
    ['GET /key/ ', false],
    ['GET /announcer HTTP/1.1', false],
    ['GET /announce/x HTTP/1.1', false],
    ['POST /announce HTTP/1.1', false],
    ['get /announce ', false],
    ['GET  /announce ', false],
    ['\r\nGET /announce ', false],
    ['\u0016\u0003\u0001', false],
  ])('isTrackerRequest(%j) is %s', (text, expected) => {
    expect(isTrackerRequest(Buffer.from(text), 0)).toBe(expected);
  });

  test('isTrackerRequest() is undefined while the first bytes do not tell', () => {
    const request = `HEAD /${'k'.repeat(64)}/announce?`;
    for (let length = 0; length < request.length; length += 1) {
      expect(isTrackerRequest(Buffer.from(request.slice(0, length)), 0)).toBeUndefined();
    }
    expect(isTrackerRequest(Buffer.from(request), 0)).toBe(true);
  });
});

describe('readRequestHead()', () => {
  test('readRequestHead() reads method, path, query and whether the connection stays open', () => {
    expect(read(head('GET /announce?a=%00&b HTTP/1.1', 'Host: t', 'X-Y:z'))).toEqual({
      isHead: false,
      path: '/announce',
      passkey: undefined,
      query: Buffer.from('a=%00&b'),
      keepAlive: true,
      isHttp10: false,
      isUpgrade: false,
      end: 50,
    });
    expect(read(head('HEAD /k-_9/scrape HTTP/1.0'))).toEqual({
      isHead: true,
      path: '/scrape',
      passkey: 'k-_9',
      query: Buffer.from(''),
      keepAlive: false,
      isHttp10: true,
      isUpgrade: false,
      end: 30,
    });
  });

  test.each([
    ['GET / HTTP/1.1', 'Upgrade', 'websocket', true],
    ['GET /?a HTTP/1.1', 'Upgrade', 'websocket', true],
    ['GET /announce HTTP/1.1', 'keep-alive, Upgrade', 'WebSocket', true],
    ['GET /key/announce HTTP/1.1', 'upgrade', 'websocket', true],
    ['GET /announce HTTP/1.1', 'Upgrade, HTTP2-Settings', 'h2c', false],
    ['GET /announce HTTP/1.1', 'keep-alive', 'websocket', false],
    ['GET /announce HTTP/1.0', 'Upgrade', 'websocket', false],
    ['HEAD /announce HTTP/1.1', 'Upgrade', 'websocket', false],
    ['GET /scrape HTTP/1.1', 'Upgrade', 'websocket', false],
  ])(
    'readRequestHead() of %s with Connection: %s and Upgrade: %s is one: %s',
    (line, connection, upgrade, is) => {
      const text = head(line, 'Host: t', `Connection: ${connection}`, `Upgrade: ${upgrade}`);
      expect(read(text)?.isUpgrade).toBe(is);
    },
  );

  test.each([
    ['HTTP/1.1', 'close', false],
    ['HTTP/1.1', 'Keep-Alive, Close', false],
    ['HTTP/1.1', 'upgrade', true],
    ['HTTP/1.0', 'Keep-Alive', true],
    ['HTTP/1.0', 'x', false],
  ])('readRequestHead() of %s with Connection: %s keeps alive: %s', (version, connection, keepAlive) => {
    const text = head(`GET /announce ${version}`, 'host: t', `CONNECTION: ${connection}`);
    expect(read(text)?.keepAlive).toBe(keepAlive);
  });

  const line = 'GET /announce?a HTTP/1.1';
  test.each([
    ['no Host', head(line)],
    ['two Hosts', head(line, 'Host: a', 'Host: b')],
    ['a body', head(line, 'Host: t', 'Content-Length: 5')],
    ['two lengths', head(line, 'Host: t', 'Content-Length: 0, 5')],
    ['a signed length', head(line, 'Host: t', 'Content-Length: +0')],
    ['a chunked body', head(line, 'Host: t', 'Transfer-Encoding: chunked')],
    ['a folded header', head(line, 'Host: t', 'X: y', ' Content-Length: 5')],
    ['a space before a colon', head(line, 'Host: t', 'Content-Length : 5')],
    ['a bare LF', head(line, 'Host: t\nContent-Length: 5')],
    ['a bare CR', head(line, 'Host: t\rContent-Length: 5')],
    ['NUL in a header', head(line, 'Host: t\0')],
    ['a header without a name', head(line, 'Host: t', ': x')],
    ['a header without a colon', head(line, 'Host: t', 'x')],
    ['a space in the target', head('GET /announce?a b HTTP/1.1', 'Host: t')],
    ['a control character in the target', head('GET /announce?\x01 HTTP/1.1', 'Host: t')],
    ['HTTP/0.9', head('GET /announce?a', 'Host: t')],
    ['HTTP/2', head('GET /announce?a HTTP/2.0', 'Host: t')],
    ['a second request line', head(line, line, 'Host: t')],
  ])('readRequestHead() refuses %s', (_, text) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }));
  });

  test('readRequestHead() refuses too many headers', () => {
    const headers = Array.from({ length: MAX_HEADERS - 1 }, (_, at) => `X-${at}: y`);
    read(head(line, 'Host: t', ...headers));
    expect(() => read(head(line, 'Host: t', ...headers, 'Z: z'))).toThrow(
      expect.objectContaining({ code: 'HEAD_TOO_LARGE', status: 431 }),
    );
  });

  test('readRequestHead() throws BadRequestError and nothing else, whatever the head', () => {
    const part = fc.oneof(fc.constantFrom(line, '\r\n', 'Host: t', '\n', ':'), fc.string({ unit: 'binary' }));
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        try {
          readRequestHead(Buffer.from(parts.join(''), 'latin1'), 0);
        } catch (error) {
          expect(error).toHaveProperty('name', 'BadRequestError');
        }
      }),
    );
  });

  test('readRequestHead() is undefined until the whole head is there, and reads nothing behind it', () => {
    const whole = head('GET /k/scrape?a HTTP/1.1', 'Host: t', 'Connection: close');
    const bytes = Buffer.concat([Buffer.from('x'), whole, Buffer.from('GET')]);
    for (let length = 1 + 'GET '.length; length <= whole.length; length += 1) {
      expect(readRequestHead(bytes.subarray(0, length), 1)).toBeUndefined();
    }
    expect(readRequestHead(bytes, 1)).toMatchObject({
      query: Buffer.from('a'),
      keepAlive: false,
      end: 1 + whole.length,
    });
  });

  test.each([
    ['whole', '\r\n\r\n'],
    ['not yet whole', ''],
  ])('readRequestHead() refuses a head of too many bytes, %s', (_, end) => {
    const start = `${line}\r\nHost: t\r\nX:`;
    const most = MAX_REQUEST_HEAD_BYTES - start.length - end.length;
    expect(() => read(Buffer.from(`${start}${'y'.repeat(most)}${end}`))).not.toThrow();
    expect(() => read(Buffer.from(`${start}${'y'.repeat(most + 1)}${end}`))).toThrow(
      expect.objectContaining({ code: 'HEAD_TOO_LARGE', status: 431 }),
    );
  });
});
