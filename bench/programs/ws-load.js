// Loads a tracker over WebSocket with connections that do as little as they can: frames are made once and sent again and
// again, and of what comes no more is read than its length. Each connection waits for the answer to its announce before
// it sends the next.
//
//   node ws-load.js URL CONNECTIONS SWARMS OFFERS SECONDS
//     prints {"announcesPerSecond", "messagesPerSecond", "errors", "p50", "p99"}: messages are all that came, answers and
//     offers of others; p50 and p99 are milliseconds from an announce to its answer.
//   node ws-load.js URL CONNECTIONS SWARMS OFFERS idle
//     prints {"connected"} when each connection has announced itself, and stays until its input ends.
import { once } from 'node:events';
import { connect } from 'node:net';

const [url, connections, swarms, offers, seconds] = process.argv.slice(2);
const { hostname, port, pathname } = new URL(url);
const host = hostname.replace(/^\[|\]$/g, '');

const TEXT = 1;
const PING = 9;
const PONG = 10;
/** Connections that are opened at once. */
const OPENING = 100;
/** An offer as long as those that browsers make with a few candidates. */
const SDP_LENGTH = 900;
/** Answers are shorter than this, offers are longer. */
const SHORT = 400;
/** Announces before it counts, in milliseconds. */
const WARM_UP = 1000;

const NO_BYTES = Buffer.alloc(0);

const sdp = `v=0\r\n${'a=candidate:1 1 udp 2113937151 192.0.2.1 51234 typ host\r\n'.repeat(20)}`.slice(
  0,
  SDP_LENGTH,
);

/** A client's frame, masked with zeros: the bytes stay as they are. */
function frame(opcode, payload) {
  const { length } = payload;
  const extended = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const bytes = Buffer.alloc(2 + extended + 4 + length);
  bytes[0] = 0x80 | opcode;
  bytes[1] = 0x80 | (extended === 0 ? length : extended === 2 ? 126 : 127);
  if (extended === 2) bytes.writeUInt16BE(length, 2);
  if (extended === 8) bytes.writeBigUInt64BE(BigInt(length), 2);
  payload.copy(bytes, 2 + extended + 4);
  return bytes;
}

/** The frame of an announce: each byte of an id is a character, up to U+00FF. */
function announceFrame(number, offerCount, event) {
  const swarm = String(number % Number(swarms)).padStart(18, '0');
  const announce = {
    numwant: offerCount,
    uploaded: 0,
    downloaded: 0,
    left: 1,
    ...(event && { event }),
    action: 'announce',
    info_hash: `\u00a9\u00fe${swarm}`,
    peer_id: `-XX0001-\u00e9${String(number).padStart(11, '0')}`,
    offers: Array.from({ length: offerCount }, (_, at) => ({
      offer: { type: 'offer', sdp },
      offer_id: `\u00d6${String(at).padStart(9, '0')}${String(number).padStart(10, '0')}`,
    })),
  };
  return frame(TEXT, Buffer.from(JSON.stringify(announce)));
}

const counts = { announces: 0, messages: 0, errors: 0 };
let latencies = [];

class Peer {
  #socket;
  #pending = NO_BYTES;
  #announce;
  #sentAt = 0;
  #isLoading = false;
  #answered = () => {};

  constructor(number) {
    this.number = number;
  }

  async open() {
    this.#socket = connect({ host, port: Number(port), noDelay: true });
    await once(this.#socket, 'connect');
    this.#socket.on('error', () => {});
    this.#socket.on('close', () => {
      counts.errors += 1;
      this.#answered();
    });
    this.#socket.write(
      `GET ${pathname} HTTP/1.1\r\nHost: ${host}:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
    );
    const [head] = await once(this.#socket, 'data');
    const end = head.indexOf('\r\n\r\n');
    if (!head.toString('latin1', 0, 12).endsWith(' 101') || end === -1)
      throw new Error(`No upgrade: ${head}`);
    this.#socket.on('data', (bytes) => this.#read(bytes));
    this.#read(head.subarray(end + 4));
  }

  /** Announces once, and waits for the answer. */
  async join(offerCount) {
    const answered = new Promise((resolve) => {
      this.#answered = resolve;
    });
    this.#send(announceFrame(this.number, offerCount, 'started'));
    await answered;
  }

  load(offerCount) {
    this.#announce = announceFrame(this.number, offerCount);
    this.#isLoading = true;
    this.#send(this.#announce);
  }

  stop() {
    this.#isLoading = false;
  }

  destroy() {
    this.#socket.removeAllListeners('close');
    this.#socket.destroy();
  }

  #send(bytes) {
    this.#sentAt = performance.now();
    this.#socket.write(bytes);
  }

  #read(chunk) {
    let bytes = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    while (bytes.length >= 2) {
      const short = bytes[1] & 0x7f;
      const start = short < 126 ? 2 : short === 126 ? 4 : 10;
      if (bytes.length < start) break;
      const length = short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : bytes.readUInt32BE(6);
      if (bytes.length < start + length) break;
      this.#take(bytes[0] & 0x0f, bytes.subarray(start, start + length));
      bytes = bytes.subarray(start + length);
    }
    this.#pending = bytes.length === 0 ? NO_BYTES : Buffer.from(bytes);
  }

  #take(opcode, payload) {
    if (opcode === PING) this.#socket.write(frame(PONG, payload));
    if (opcode !== TEXT) return;
    counts.messages += 1;
    if (payload.length > SHORT) return;
    if (payload.includes('failure reason')) counts.errors += 1;
    else if (!payload.includes('"interval"')) return;
    counts.announces += 1;
    latencies.push(performance.now() - this.#sentAt);
    if (this.#isLoading) this.#send(this.#announce);
    else this.#answered();
  }
}

const peers = Array.from({ length: Number(connections) }, (_, number) => new Peer(number));
for (let at = 0; at < peers.length; at += OPENING) {
  await Promise.all(
    peers.slice(at, at + OPENING).map(async (peer) => {
      await peer.open();
      await peer.join(seconds === 'idle' ? Number(offers) : 0);
    }),
  );
}

function pause(milliseconds) {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}

if (seconds === 'idle') {
  console.log(JSON.stringify({ connected: peers.length - counts.errors }));
  process.stdin.resume();
  await once(process.stdin, 'end');
} else {
  for (const peer of peers) peer.load(Number(offers));
  await pause(WARM_UP);
  const before = { ...counts };
  latencies = [];
  const start = performance.now();
  await pause(Number(seconds) * 1000);
  const elapsed = (performance.now() - start) / 1000;
  const sorted = Float64Array.from(latencies).sort();
  const rank = (part) => Math.round(1000 * (sorted[Math.floor(sorted.length * part)] ?? 0)) / 1000;
  console.log(
    JSON.stringify({
      announcesPerSecond: Math.round((counts.announces - before.announces) / elapsed),
      messagesPerSecond: Math.round((counts.messages - before.messages) / elapsed),
      errors: counts.errors,
      p50: rank(0.5),
      p99: rank(0.99),
    }),
  );
}
for (const peer of peers) peer.stop();
for (const peer of peers) peer.destroy();
