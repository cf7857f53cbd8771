import { networkInterfaces } from 'node:os';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { LocalUdpTracker, type UdpResponseOf } from '../../test/support/index.ts';
import {
  type AnnounceRequest,
  decodeUdpAnnounce,
  decodeUdpScrape,
  writeUdpAnnounceResponse,
  writeUdpError,
  writeUdpScrapeResponse,
} from '../tracker-protocol/index.ts';
import { encodeCompactAddress, type InfoHash, parseInfoHash } from '../util/index.ts';
import { announce, scrape } from './announce.ts';
import type { TrackerCallError } from './tracker-call-error.ts';

const hasIPv6 = Object.values(networkInterfaces()).some((list) =>
  list!.some(({ address }) => address === '::1'),
);
const LOOPBACK = hasIPv6 ? (['127.0.0.1', '::1'] as const) : (['127.0.0.1'] as const);
const PEER = { ipv4: { host: '192.0.2.1', port: 1 }, ipv6: { host: '2001:db8::1', port: 2 } };

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

afterEach(() => {
  vi.useRealTimers();
});

function answerPeers(asked: Buffer, target: Buffer, family: 4 | 6 = 4): number {
  const peers = { ipv4: encodeCompactAddress(PEER.ipv4)!, ipv6: encodeCompactAddress(PEER.ipv6)! };
  const response = { interval: 60, complete: 1, incomplete: 2, peers };
  return writeUdpAnnounceResponse(target, asked.readUInt32BE(12), response, family);
}

async function failure(work: Promise<unknown>): Promise<TrackerCallError> {
  return work.then(
    () => expect.fail('should have thrown'),
    (thrown: TrackerCallError) => thrown,
  );
}

const urlOf = ({ port }: LocalUdpTracker, rest = '') => `udp://127.0.0.1:${port}${rest}`;

describe('announce() over UDP', () => {
  test.each(LOOPBACK)('connects to %s, announces with the URL data, and reads the peers', async (host) => {
    const [family, peer] = host === '::1' ? ([6, PEER.ipv6] as const) : ([4, PEER.ipv4] as const);
    let got: unknown;
    await using tracker = await LocalUdpTracker.start((asked, target) => {
      expect(asked.toString('latin1', 0, 8)).toBe('an id ok');
      const { request, urlData } = decodeUdpAnnounce(asked);
      got = { ...request, peerId: Uint8Array.from(request.peerId), urlData };
      return answerPeers(asked, target, family);
    }, host);
    const literal = host === '::1' ? '[::1]' : host;
    const answer = await announce(`udp://${literal}:${tracker.port}/a/announce?passkey=x%2fy#part`, request);
    expect(answer).toEqual({ interval: 60, complete: 1, incomplete: 2, peers: [peer] });
    expect(got).toEqual({ ...request, urlData: '/a/announce?passkey=x%2fy' });
  });

  test('finds the address of a name', async () => {
    await using tracker = await LocalUdpTracker.start(answerPeers);
    expect((await announce(`udp://localhost:${tracker.port}`, request)).peers).toEqual([PEER.ipv4]);
    expect(tracker.asked).toEqual(['connect', 'announce']);
  });

  test('connects once for all requests within a minute', async () => {
    await using tracker = await LocalUdpTracker.start(answerPeers);
    for (let count = 0; count < 3; count += 1) await announce(urlOf(tracker), request);
    expect(tracker.asked).toEqual(['connect', 'announce', 'announce', 'announce']);
  });

  test('connects again when the connection id that it remembers is refused', async () => {
    const answers: UdpResponseOf[] = [
      answerPeers,
      (asked, target) => writeUdpError(target, asked.readUInt32BE(12), 'who are you'),
      answerPeers,
    ];
    await using tracker = await LocalUdpTracker.start((asked, target) => answers.shift()!(asked, target));
    await announce(urlOf(tracker), request);
    expect((await announce(urlOf(tracker), request)).interval).toBe(60);
    expect(tracker.asked).toEqual(['connect', 'announce', 'announce', 'connect', 'announce']);
  });

  test('reports the failure reason of a tracker', async () => {
    await using tracker = await LocalUdpTracker.start((asked, target) =>
      writeUdpError(target, asked.readUInt32BE(12), 'not \u001b[1mhere'),
    );
    const error = await failure(announce(urlOf(tracker, '/announce?key=secret'), request));
    expect(error).toMatchObject({ code: 'FAILURE', failureReason: 'not  [1mhere' });
    expect(error.message).toBe(`Ask ${urlOf(tracker)}/announce: the tracker says "not [1mhere"`);
  });

  test('says BAD_RESPONSE to an answer that is cut short, and to one of another kind', async () => {
    await using short = await LocalUdpTracker.start((asked, target) => answerPeers(asked, target) && 19);
    expect((await failure(announce(urlOf(short), request))).code).toBe('BAD_RESPONSE');
    await using other = await LocalUdpTracker.start((asked, target) =>
      writeUdpScrapeResponse(target, asked.readUInt32BE(12), []),
    );
    expect((await failure(announce(urlOf(other), request))).code).toBe('BAD_RESPONSE');
  });

  test('ignores an answer with another transaction id', async () => {
    await using tracker = await LocalUdpTracker.start((asked, target) => {
      const length = answerPeers(asked, target);
      target[4]! ^= 1;
      return length;
    });
    expect((await failure(announce(urlOf(tracker), request, { timeoutMs: 50 }))).code).toBe('TIMED_OUT');
    expect(tracker.asked).toEqual(['connect', 'announce']);
  });

  test('sends a request again after 2 seconds', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    let lost = 0;
    await using tracker = await LocalUdpTracker.start((asked, target) => {
      if (lost > 0) return answerPeers(asked, target);
      lost += 1;
      vi.advanceTimersByTime(1999);
      expect(tracker.asked).toEqual(['connect', 'announce']);
      vi.advanceTimersByTime(1);
      return 0;
    });
    expect((await announce(urlOf(tracker), request)).interval).toBe(60);
    expect(tracker.asked).toEqual(['connect', 'announce', 'announce']);
  });

  test('connects again when the connection id that it remembers gets no answer', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    let silent = 0;
    await using tracker = await LocalUdpTracker.start((asked, target) => {
      if (silent === 0) return answerPeers(asked, target);
      silent -= 1;
      vi.advanceTimersByTime(4000);
      return 0;
    });
    await announce(urlOf(tracker), request);
    silent = 2;
    expect((await announce(urlOf(tracker), request)).interval).toBe(60);
    expect(tracker.asked).toEqual(['connect', 'announce', 'announce', 'announce', 'connect', 'announce']);
  });

  test('rejects when the caller aborts', async () => {
    const stop = new AbortController();
    await using tracker = await LocalUdpTracker.start(() => {
      stop.abort();
      return 0;
    });
    const { code } = await failure(announce(urlOf(tracker), request, { signal: stop.signal }));
    expect(code).toBe('ABORTED');
    expect((await failure(announce(urlOf(tracker), request, { signal: stop.signal }))).code).toBe('ABORTED');
  });

  test('says UNREACHABLE when nobody listens, and when there is no such host', async () => {
    const tracker = await LocalUdpTracker.start(() => 0);
    const url = urlOf(tracker);
    await tracker[Symbol.asyncDispose]();
    expect(await failure(announce(url, request))).toMatchObject({ code: 'UNREACHABLE', isHopeless: false });
    const error = await failure(announce('udp://tracker.invalid:80', request));
    expect(error.code).toBe('UNREACHABLE');
  });

  test('says UNSUPPORTED to a URL without a port', async () => {
    const error = await failure(announce('udp://t.example/announce', request));
    expect([error.code, error.message]).toEqual([
      'UNSUPPORTED',
      'Cannot use the tracker udp://t.example/announce: it names no port',
    ]);
  });
});

describe('scrape() over UDP', () => {
  test('asks for 74 info-hashes at a time, and takes the answers by position', async () => {
    const infoHashes = Array.from({ length: 75 }, (_, at) =>
      parseInfoHash(at.toString(16).padStart(40, '0')),
    );
    const entryOf = (infoHash: InfoHash) => ({
      complete: Number.parseInt(infoHash, 16),
      incomplete: 2,
      downloaded: 3,
    });
    await using tracker = await LocalUdpTracker.start((asked, target) =>
      writeUdpScrapeResponse(target, asked.readUInt32BE(12), decodeUdpScrape(asked).infoHashes.map(entryOf)),
    );
    const { files } = await scrape(urlOf(tracker), { infoHashes });
    expect([...files]).toEqual(infoHashes.map((infoHash) => [infoHash, entryOf(infoHash)]));
    expect(tracker.asked).toEqual(['connect', 'scrape', 'scrape']);
  });
});
