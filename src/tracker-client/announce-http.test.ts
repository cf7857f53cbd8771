import { createServer as createTcpServer } from 'node:net';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { LocalServers } from '../../test/support/index.ts';
import {
  type AnnounceRequest,
  encodeScrapeResponse,
  encodeTrackerFailure,
  parseAnnounceQuery,
  parseScrapeQuery,
} from '../tracker-protocol/index.ts';
import { parseInfoHash } from '../util/index.ts';
import { announce, scrape } from './announce.ts';
import type { TrackerCallError } from './tracker-call-error.ts';

const servers = new LocalServers();
afterEach(() => servers.close());

const infoHash = parseInfoHash('00ff25262b3d20c3a9'.padEnd(40, '0'));
const request: AnnounceRequest = {
  infoHash,
  peerId: Uint8Array.from({ length: 20 }, (_, at) => at * 13),
  port: 6881,
  uploaded: 1,
  downloaded: 2,
  left: 3,
  event: 'started',
  compact: true,
  noPeerId: true,
};

/** A tracker with one answer. */
function answering(body: string | Uint8Array, status = 200): Promise<string> {
  return servers.serve((_, response) => response.writeHead(status).end(body));
}

async function failure(work: Promise<unknown>): Promise<TrackerCallError> {
  return work.then(
    () => expect.fail('should have thrown'),
    (thrown: TrackerCallError) => thrown,
  );
}

describe('announce()', () => {
  test('announce() keeps the query of the announce URL and sends bytes as they are', async () => {
    let asked = '';
    const url = await servers.serve((incoming, response) => {
      asked = incoming.url!;
      response.end(Buffer.from('d8:intervali60e5:peers6:\x7f\0\0\x01\x1a\xe1e', 'latin1'));
    });
    const answer = await announce(`${url}/a/announce?passkey=x%2fy#part`, request);
    expect(answer).toEqual({ interval: 60, peers: [{ host: '127.0.0.1', port: 6881 }] });
    expect(asked).toMatch(/^\/a\/announce\?passkey=x%2fy&info_hash=/);
    expect(parseAnnounceQuery(Buffer.from(asked.split('?')[1]!))).toEqual(request);
  });

  test('announce() looks up the peers that have a name', async () => {
    const url = await answering(
      'd8:intervali60e5:peersld2:ip9:localhost4:porti1eed2:ip7:nobody.4:porti1eeee',
    );
    const { peers, peersLookedUp } = await announce(url, request);
    expect(peers).toEqual([]);
    expect((await peersLookedUp)![0]!.host).toMatch(/^(127\.0\.0\.1|::1)$/);
  });

  test.each([
    [
      'lines that end without a carriage return',
      'HTTP/1.0 200 OK\nContent-Type: text/plain\n\nd8:intervali60ee',
    ],
    [
      'a body that is shorter than announced',
      'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nd8:intervali60ee',
    ],
    [
      'a body that is longer than announced',
      'HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\nd8:intervali60ee\n',
    ],
  ])('announce() reads an answer with %s', async (_, answer) => {
    const url = await servers.listen(
      createTcpServer((socket) => {
        socket.on('error', () => {});
        socket.once('data', () => socket.end(answer));
      }),
    );
    expect((await announce(url, request)).interval).toBe(60);
  });

  test('announce() follows a redirect, whose target has the query', async () => {
    const target = await answering('d8:intervali9e5:peers0:e');
    const url = await servers.serve((incoming, response) =>
      response.writeHead(307, { location: `${target}${incoming.url}` }).end(),
    );
    expect((await announce(`${url}/announce`, request)).interval).toBe(9);
  });

  test('announce() says BAD_RESPONSE to redirects in a circle', async () => {
    const url = await servers.serve((_, response) =>
      response.writeHead(302, { location: '/announce' }).end(),
    );
    expect((await failure(announce(`${url}/announce`, request))).code).toBe('BAD_RESPONSE');
  });

  test.each([200, 400, 503])(
    'announce() reports the failure reason of a tracker that answers with status %i',
    async (status) => {
      const url = await answering(
        encodeTrackerFailure({ failureReason: 'not \u001b[1mhere', retryIn: 5 }),
        status,
      );
      const error = await failure(announce(`${url}/announce?key=secret`, request));
      expect(error).toMatchObject({ code: 'FAILURE', failureReason: 'not  [1mhere', retryIn: 5 });
      expect(error.message).toBe(`GET ${url}/announce: the tracker says "not [1mhere"`);
    },
  );

  test('announce() says BAD_STATUS for an error page, and for peers in an answer with an error status', async () => {
    for (const body of ['<html>', 'd8:intervali9e5:peers0:e']) {
      const error = await failure(announce(await answering(body, 500), request));
      expect([error.code, error.status]).toEqual(['BAD_STATUS', 500]);
    }
  });

  test('announce() says BAD_RESPONSE to random bytes with status 200', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array(), async (bytes) => {
        const url = await answering(bytes.map((byte) => byte | 0x80));
        expect((await failure(announce(url, request))).code).toBe('BAD_RESPONSE');
        await servers.close();
      }),
      { numRuns: 20 },
    );
  });

  test('announce() says TOO_LARGE to an endless answer, and TIMED_OUT when no answer comes', async () => {
    const large = await answering('x'.repeat(2 ** 20 + 1));
    expect((await failure(announce(large, request))).code).toBe('TOO_LARGE');
    const silent = await servers.serve(() => {});
    expect((await failure(announce(silent, request, { timeoutMs: 50 }))).code).toBe('TIMED_OUT');
  });

  test('announce() says UNSUPPORTED to other schemes', async () => {
    expect((await failure(announce('wss://t.example', request))).message).toContain('it begins with wss:');
  });
});

describe('scrape()', () => {
  test('scrape() asks at the address that follows from the announce URL', async () => {
    let asked = '';
    const entry = { complete: 1, incomplete: 2, downloaded: 3 };
    const url = await servers.serve((incoming, response) => {
      asked = incoming.url!;
      response.end(encodeScrapeResponse({ files: new Map([[infoHash, entry]]) }));
    });
    const answer = await scrape(`${url}/x/announce.php?p=1`, { infoHashes: [infoHash] });
    expect([...answer.files]).toEqual([[infoHash, entry]]);
    expect(asked).toMatch(/^\/x\/scrape\.php\?p=1&info_hash=/);
    expect(parseScrapeQuery(Buffer.from(asked.split('?')[1]!))).toEqual({ infoHashes: [infoHash] });
  });

  test('scrape() says UNSUPPORTED when no scrape address follows from the announce URL', async () => {
    const error = await failure(scrape('http://t.example/a', { infoHashes: [infoHash] }));
    expect(error.code).toBe('UNSUPPORTED');
  });
});
