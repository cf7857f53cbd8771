import assert from 'node:assert/strict';
import { encode } from '../../../src/bencode/index.ts';
import {
  decodeAnnounceResponse,
  decodeScrapeResponse,
  decodeUdpResponse,
  encodeAnnounceResponse,
  encodeScrapeResponse,
  encodeTrackerFailure,
  MAX_NAMED_PEERS,
  MAX_PEERS_IN_RESPONSE,
  MAX_TRACKER_MESSAGE,
  MAX_UDP_RESPONSE_BYTES,
  TrackerResponseError,
  writeUdpAnnounceResponse,
  writeUdpConnectResponse,
  writeUdpError,
  writeUdpScrapeResponse,
} from '../../../src/tracker-protocol/index.ts';
import { type Address, canonicalIp, equalBytes, parseInfoHash } from '../../../src/util/index.ts';
import { bytesOf, type FuzzTarget } from '../fuzz-target.ts';

const PEERS = {
  ipv4: bytesOf('\x7f\0\0\x01\x1a\xe1\xc0\0\x02\x01\x1a\xe2'),
  ipv6: bytesOf('\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01\x1a\xe1'),
  peerIds: bytesOf('-qB5000-abcdefghijkl'.repeat(3)),
};
const RESPONSE = {
  interval: 1800,
  minInterval: 60,
  complete: 5,
  incomplete: 7,
  peers: PEERS,
  trackerId: 'T1',
  warningMessage: 'Old client',
  externalIp: bytesOf('\xc0\0\x02\x07'),
};

const announceAnswer: FuzzTarget = {
  name: 'announce-answer',
  corpus: () => [
    encodeAnnounceResponse(RESPONSE, 'compact'),
    encodeAnnounceResponse(RESPONSE, 'dictionary'),
    encodeTrackerFailure({ failureReason: 'Not registered', retryIn: 'never', interval: 60 }),
    encodeTrackerFailure({ failureReason: 'Later', retryIn: 5 }),
    encode({
      interval: '900',
      peers: [{ ip: 'peer.example', port: 6881 }, { ip: '[2001:db8::1]', port: '6882' }, 5],
    }),
    bytesOf('<html><head><title>502 Bad Gateway</title></head></html>'),
  ],
  form: 'bencode',
  tokens: ['failure reason', 'retry in', 'peers6', 'external ip', 'min interval', '0x7f.1'],
  refusals: [TrackerResponseError],
  run(input) {
    const answer = decodeAnnounceResponse(input);
    if ('failureReason' in answer) {
      checkMessage(answer.failureReason);
      return true;
    }
    checkPeers(answer.peers);
    assert.ok(answer.peers.length <= MAX_PEERS_IN_RESPONSE && answer.interval >= 0);
    assert.ok((answer.namedPeers ?? []).length <= MAX_NAMED_PEERS);
    for (const { name } of answer.namedPeers ?? []) assert.match(name, /^[\w.-]{1,253}$/);
    checkMessage(answer.warningMessage ?? '');
    return true;
  },
};

const scrapeAnswer: FuzzTarget = {
  name: 'scrape-answer',
  corpus: () => [
    encodeScrapeResponse({
      files: new Map([
        [parseInfoHash('ab'.repeat(20)), { complete: 1, incomplete: 2, downloaded: 3, downloaders: 1 }],
        [parseInfoHash('01'.repeat(20)), { complete: 4, incomplete: 5, downloaded: 6 }],
      ]),
    }),
    encodeTrackerFailure({ failureReason: 'No scrapes' }),
  ],
  form: 'bencode',
  tokens: ['files', 'failure reason', 'downloaders'],
  refusals: [TrackerResponseError],
  run(input) {
    const answer = decodeScrapeResponse(input);
    if ('failureReason' in answer) return true;
    for (const entry of answer.files.values()) {
      for (const count of Object.values(entry)) assert.ok(count >= 0);
    }
    // The response is written and read again: info-hashes in order, missing numbers as 0.
    const written = encodeScrapeResponse(answer);
    const again = decodeScrapeResponse(written);
    assert.ok('files' in again && equalBytes(encodeScrapeResponse(again), written));
    return true;
  },
};

const udpResponse: FuzzTarget = {
  name: 'udp-answer',
  corpus: () => {
    const packet = (write: (target: Buffer) => number): Uint8Array => {
      const target = Buffer.alloc(MAX_UDP_RESPONSE_BYTES);
      return new Uint8Array(target.subarray(0, write(target)));
    };
    const entries = [
      { complete: 1, incomplete: 2, downloaded: 3 },
      { complete: 4, incomplete: 5, downloaded: 6 },
    ];
    return [
      packet((target) => writeUdpConnectResponse(target, 7)),
      packet((target) => writeUdpAnnounceResponse(target, 7, RESPONSE, 4)),
      packet((target) => writeUdpAnnounceResponse(target, 7, RESPONSE, 6)),
      packet((target) => writeUdpScrapeResponse(target, 7, entries)),
      packet((target) => writeUdpError(target, 7, 'Connection ID is not valid')),
    ];
  },
  refusals: [TrackerResponseError],
  run(input) {
    // A shorter packet has no transaction id and is passed over.
    if (input.length < 8) return false;
    for (const family of [4, 6] as const) {
      const answer = decodeUdpResponse(Buffer.from(input), family);
      if (answer.action === 'announce') checkPeers(answer.response.peers);
      if (answer.action === 'error') checkMessage(answer.failure.failureReason);
      if (answer.action === 'connect') assert.equal(answer.connectionId.length, 8);
      if (answer.action === 'scrape') assert.ok(answer.entries.length <= input.length / 12);
    }
    return true;
  },
};

function checkPeers(peers: readonly Address[]): void {
  for (const { host, port } of peers) {
    assert.equal(canonicalIp(host), host);
    assert.ok(Number.isInteger(port) && port >= 1 && port <= 65_535);
  }
}

/** Checks that a text of a tracker is short and has no control characters. */
function checkMessage(text: string): void {
  assert.ok(text.length <= MAX_TRACKER_MESSAGE && !/\p{Cc}/u.test(text));
}

export const trackerResponseTargets: readonly FuzzTarget[] = [announceAnswer, scrapeAnswer, udpResponse];
