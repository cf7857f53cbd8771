// Measures an announce without the network, step by step, in nanoseconds of processor time.
// Run after `npm run build`: node bench/micro/announce.mjs

import { clientAddressOf, TrackerLogic } from '../../build/src/tracker/core/announce.js';
import { readRequestHead } from '../../build/src/tracker/frontends/http/request-head.js';
import { MemorySwarmStore } from '../../build/src/tracker/swarms/memory/index.js';
import {
  decodeUdpAnnounce,
  encodeAnnounceQuery,
  encodeAnnounceResponse,
  encodeUdpAnnounce,
  MAX_UDP_RESPONSE_BYTES,
  parseAnnounceQuery,
  writeUdpAnnounceResponse,
} from '../../build/src/tracker-protocol/index.js';
import { infoHashFromBytes, randomBelow, seededRandom, systemClock } from '../../build/src/util/index.js';

const SWARMS = 1000;
const PEERS = 80;
const CALLS = 200_000;
const random = seededRandom(3);

const infoHashes = Array.from({ length: SWARMS }, () =>
  infoHashFromBytes(Uint8Array.from({ length: 20 }, () => randomBelow(random, 256))),
);
const senders = Array.from({ length: 16 }, (_, at) => clientAddressOf(`127.0.1.${at}`));

function requestOf(number) {
  const peer = number % PEERS;
  return {
    infoHash: infoHashes[Math.floor(number / PEERS) % SWARMS],
    peerId: Buffer.from(`-LD0000-${String(number).padStart(12, '0')}`),
    port: 1024 + peer,
    uploaded: 0,
    downloaded: 0,
    left: peer % 4 === 0 ? 0 : 1000,
    event: 'none',
    compact: true,
    noPeerId: false,
    numWant: 50,
    key: (peer + 1).toString(16).padStart(8, '0'),
  };
}

const requests = Array.from({ length: SWARMS * PEERS }, (_, number) => requestOf(number));
const shuffled = Array.from({ length: 8192 }, () => requests[randomBelow(random, requests.length)]);
const packets = shuffled.map((request) =>
  encodeUdpAnnounce({ connectionId: Buffer.alloc(8), transactionId: 7 }, request, ''),
);
const queries = shuffled.map((request) => Buffer.from(encodeAnnounceQuery(request)));
const heads = queries.map((query) =>
  Buffer.from(
    `GET /announce?${query.toString('latin1')} HTTP/1.1\r\nHost: tracker\r\nUser-Agent: bench\r\nConnection: keep-alive\r\n\r\n`,
  ),
);

const swarms = new MemorySwarmStore({ peerTtl: 1e9, random });
const logic = new TrackerLogic({ swarms, clock: systemClock, random, interval: 120 });
for (const request of requests) logic.announce(request, senders[request.port % senders.length]);
const responses = shuffled.map((request) => logic.announce(request, senders[request.port % senders.length]));
const target = Buffer.alloc(MAX_UDP_RESPONSE_BYTES);

const STEPS = {
  'HTTP: read the head': (at) => readRequestHead(heads[at], 0),
  'HTTP: read the query': (at) => parseAnnounceQuery(queries[at]),
  'HTTP: write the body': (at) => encodeAnnounceResponse(responses[at], 'compact'),
  'UDP: read the packet': (at) => decodeUdpAnnounce(packets[at]),
  'UDP: write the packet': (at) => writeUdpAnnounceResponse(target, at, responses[at], 4),
  'who sent it': (at) => clientAddressOf(`127.0.1.${at & 15}`),
  'the announce itself': (at) => logic.announce(shuffled[at], senders[shuffled[at].port % senders.length]),
};

/** Reads the milliseconds of processor time so far. */
function now() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function measure(step) {
  const began = now();
  for (let call = 0; call < CALLS; call += 1) step(call & 8191);
  return ((now() - began) / CALLS) * 1e6;
}

const best = Object.fromEntries(Object.keys(STEPS).map((name) => [name, Number.POSITIVE_INFINITY]));
for (let round = 0; round < 7; round += 1) {
  for (const [name, step] of Object.entries(STEPS)) best[name] = Math.min(best[name], measure(step));
}
for (const [name, nanoseconds] of Object.entries(best))
  console.log(name.padEnd(24), Math.round(nanoseconds), 'ns');
