import assert from 'node:assert/strict';
import {
  forwardedForIn,
  lastForwarded,
} from '../../../src/tracker/frontends/client-address/forwarded-for.ts';
import {
  MAX_PROXY_HEADER_BYTES,
  ProxyHeaderError,
  readProxyHeader,
} from '../../../src/tracker/frontends/client-address/index.ts';
import { HeadEnd } from '../../../src/tracker/frontends/http/head-end.ts';
import {
  BadRequestError,
  isTrackerRequest,
  readRequestHead,
} from '../../../src/tracker/frontends/http/request-head.ts';
import {
  type AnnounceRequest,
  decodeUdpAnnounce,
  decodeUdpScrape,
  encodeAnnounceQuery,
  encodeScrapeQuery,
  encodeUdpAnnounce,
  encodeUdpConnect,
  encodeUdpScrape,
  MAX_SCRAPE_INFO_HASHES,
  MAX_UDP_SCRAPE_INFO_HASHES,
  parseAnnounceQuery,
  parseScrapeQuery,
  TrackerRequestError,
} from '../../../src/tracker-protocol/index.ts';
import { canonicalIp, equalBytes, parseInfoHash } from '../../../src/util/index.ts';
import { bytesOf, type FuzzTarget } from '../fuzz-target.ts';
import { partsOf } from './wire.ts';

const INFO_HASHES = ['0123456789abcdef0123456789abcdef01234567', 'ff'.repeat(20), '25'.repeat(20)].map(
  parseInfoHash,
);
const ANNOUNCE: AnnounceRequest = {
  infoHash: INFO_HASHES[0]!,
  peerId: bytesOf('-TR4050-%&=+\0\xffabcdef'),
  port: 51_413,
  uploaded: 1,
  downloaded: 2,
  left: 3,
  event: 'started',
  numWant: 80,
  key: '5ca1ab1e',
  trackerId: 'id',
  ip: '192.0.2.1',
  compact: true,
  noPeerId: true,
};

const HASH = '%124Vx%9A%BC%DE%F1%23Eg%89%AB%CD%EF%124Vx%9A';
/** Requests as programs write them. */
const QUERIES = [
  encodeAnnounceQuery(ANNOUNCE),
  encodeAnnounceQuery({ ...ANNOUNCE, event: 'none', compact: false, noPeerId: false }),
  `info_hash=${HASH}&peer_id=-qB5000-abcdefghijkl&port=6881&uploaded=0&downloaded=0&left=9223372036854775807&corrupt=0&key=AB12CD34&event=started&numwant=200&compact=1&no_peer_id=1&supportcrypto=1&redundant=0`,
  `info_hash=${HASH}&peer_id=A2-1-37-0-abcdefghij&uploaded=0&downloaded=0&left=5&compact=1&key=abcdef&numwant=50&no_peer_id=1&port=6881&event=stopped&supportcrypto=1`,
  `info_hash=${HASH}&port=1&left=-1&numwant=-1&ip=2001%3adb8%3a%3a1&event=paused&peer_id=aaaaaaaaaaaaaaaaaaaa`,
];
const QUERY_TOKENS = [
  '&',
  '=',
  '%',
  '%00',
  '%zz',
  'info_hash=',
  '&event=completed',
  '&left=0',
  '&compact=0',
  '+',
  '&ip=',
];

const announceQuery: FuzzTarget = {
  name: 'announce-query',
  corpus: () => QUERIES.map(bytesOf),
  tokens: QUERY_TOKENS,
  refusals: [TrackerRequestError],
  run(input) {
    const request = parseAnnounceQuery(input);
    assert.equal(request.peerId.length, 20);
    assert.ok(Number.isSafeInteger(request.left) && request.left >= 0 && request.port <= 65_535);
    const query = encodeAnnounceQuery(request);
    assert.equal(encodeAnnounceQuery(parseAnnounceQuery(bytesOf(query))), query);
    return true;
  },
};

const scrapeQuery: FuzzTarget = {
  name: 'scrape-query',
  corpus: () => [
    bytesOf(encodeScrapeQuery({ infoHashes: INFO_HASHES })),
    bytesOf(`info_hash=${HASH}&info_hash=${HASH}&x=1`),
    bytesOf(''),
  ],
  tokens: QUERY_TOKENS,
  refusals: [TrackerRequestError],
  run(input) {
    const request = parseScrapeQuery(input);
    assert.ok(request.infoHashes.length <= MAX_SCRAPE_INFO_HASHES);
    const query = encodeScrapeQuery(request);
    assert.equal(encodeScrapeQuery(parseScrapeQuery(bytesOf(query))), query);
    return true;
  },
};

const HEAD = { connectionId: bytesOf('connect!'), transactionId: 7 };

const udpAnnounce: FuzzTarget = {
  name: 'udp-announce-request',
  corpus: () =>
    [
      encodeUdpAnnounce(HEAD, ANNOUNCE, '/announce?passkey=abc'),
      encodeUdpAnnounce(HEAD, { ...ANNOUNCE, event: 'stopped', port: 0 }, ''),
      encodeUdpAnnounce(HEAD, ANNOUNCE, `/${'x'.repeat(300)}/announce`),
      encodeUdpConnect(1),
    ].map((packet) => new Uint8Array(packet)),
  refusals: [TrackerRequestError],
  run(input) {
    const { request, urlData } = decodeUdpAnnounce(Buffer.from(input));
    const packet = encodeUdpAnnounce(HEAD, request, urlData);
    const again = decodeUdpAnnounce(packet);
    assert.ok(equalBytes(encodeUdpAnnounce(HEAD, again.request, again.urlData), packet));
    return true;
  },
};

const udpScrape: FuzzTarget = {
  name: 'udp-scrape-request',
  corpus: () => [
    new Uint8Array(encodeUdpScrape(HEAD, { infoHashes: INFO_HASHES })),
    new Uint8Array(encodeUdpScrape(HEAD, { infoHashes: new Array(80).fill(INFO_HASHES[0]) })),
  ],
  refusals: [TrackerRequestError],
  run(input) {
    const request = decodeUdpScrape(Buffer.from(input));
    assert.ok(request.infoHashes.length <= MAX_UDP_SCRAPE_INFO_HASHES);
    const packet = encodeUdpScrape(HEAD, request);
    assert.ok(equalBytes(encodeUdpScrape(HEAD, decodeUdpScrape(packet)), packet));
    return true;
  },
};

const HEADS = [
  `GET /announce?${QUERIES[0]} HTTP/1.1\r\nHost: t.example:9910\r\nUser-Agent: qBittorrent/5.0.0\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n`,
  `GET /shoal_01234567_abc/announce?${QUERIES[2]} HTTP/1.1\r\nHost: t\r\nConnection: keep-alive\r\n\r\nGET /scrape`,
  `HEAD /scrape?info_hash=${HASH} HTTP/1.0\r\nConnection: Keep-Alive, x\r\nContent-Length: 0\r\n\r\n`,
  'GET / HTTP/1.1\r\nHost: t\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
  'GET /announce HTTP/1.1\r\nHost: t\r\nX-Forwarded-For: 6.6.6.6, 192.0.2.1:80\r\nTransfer-Encoding: chunked\r\n\r\n',
];
const HEAD_TOKENS = [
  '\r\n',
  '\r\n\r\n',
  'Host: x\r\n',
  'Connection: close\r\n',
  'Content-Length: 5\r\n',
  ' HTTP/1.1',
  'X-Forwarded-For: ',
  '/announce?',
  'PROXY TCP4 ',
];

/** The head of a request to the tracker: what has come and what is still to come give one answer. */
const httpHead: FuzzTarget = {
  name: 'http-head',
  corpus: () => HEADS.map(bytesOf),
  tokens: HEAD_TOKENS,
  refusals: [BadRequestError],
  run(input) {
    const isTracker = isTrackerRequest(input, 0);
    const end = new HeadEnd().find(input);
    checkHeadEnd(input, end);
    if (isTracker !== true) return false;
    const head = readRequestHead(input, 0);
    if (head === undefined) return false;
    assert.equal(head.end, end, 'two parts of the tracker do not agree where a head ends');
    // It is the same wherever it stands, and with nothing behind it.
    const behind = readRequestHead(Buffer.concat([Buffer.from('xyz'), input.subarray(0, head.end)]), 3)!;
    assert.ok(behind.end === head.end + 3 && equalBytes(behind.query, head.query));
    assert.ok(
      behind.path === head.path && behind.passkey === head.passkey && behind.isUpgrade === head.isUpgrade,
    );
    for (const host of lastForwarded(forwardedForIn(Buffer.from(input).toString('latin1')))) {
      assert.equal(canonicalIp(host), host);
    }
    return true;
  },
};

function checkHeadEnd(input: Uint8Array, end: number | undefined): void {
  const inParts = new HeadEnd();
  let before = 0;
  let found: number | undefined;
  for (const part of partsOf(input)) {
    const at = inParts.find(part);
    if (at !== undefined) {
      found = before + at;
      break;
    }
    before += part.length;
  }
  assert.equal(found, end);
  const at = Buffer.from(input).indexOf('\r\n\r\n');
  assert.equal(end, at === -1 ? undefined : at + 4);
}

const V2 = '0d0a0d0a000d0a515549540a';
const proxyHeader: FuzzTarget = {
  name: 'proxy-header',
  corpus: () => [
    bytesOf('PROXY TCP4 192.0.2.1 192.0.2.9 4711 443\r\nGET /'),
    bytesOf('PROXY TCP6 2001:db8::1 2001:db8::9 4711 443\r\n'),
    bytesOf('PROXY UNKNOWN\r\n'),
    new Uint8Array(Buffer.from(`${V2}2111000cc0000201c0000209126701bb`, 'hex')),
    new Uint8Array(
      Buffer.from(
        `${V2}21210024${'20010db8000000000000000000000001'.repeat(2)}126701bb03000400000000`,
        'hex',
      ),
    ),
    new Uint8Array(Buffer.from(`${V2}20000000`, 'hex')),
  ],
  refusals: [ProxyHeaderError],
  run(input) {
    const bytes = Buffer.from(input);
    const header = readProxyHeader(bytes);
    if (typeof header === 'string') return false;
    assert.ok(header.bytes <= bytes.length && header.bytes <= MAX_PROXY_HEADER_BYTES);
    assert.ok([undefined, 4, 16].includes(header.source?.length));
    for (let length = 0; length < header.bytes; length += 1) {
      assert.equal(readProxyHeader(bytes.subarray(0, length)), 'more');
    }
    return true;
  },
};

export const trackerRequestTargets: readonly FuzzTarget[] = [
  announceQuery,
  scrapeQuery,
  udpAnnounce,
  udpScrape,
  httpHead,
  proxyHeader,
];
