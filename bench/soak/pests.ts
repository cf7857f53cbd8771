import { createSocket } from 'node:dgram';
import { setTimeout } from 'node:timers/promises';
import { type Random, randomBelow } from '../../src/util/index.ts';
import { HOST } from '../programs/trackers.ts';
import { keepAsking } from './keep-asking.ts';
import { openStream } from './open-stream.ts';

/** The milliseconds between two acts of a pest. */
const PACE_MS = 5;
/** The most bytes of a packet or a line of garbage. */
const MAX_GARBAGE = 1400;

/** The number of scrapes that are sent at once by a pest that reads nothing. */
const UNREAD_SCRAPES = 200;

/** The starts of requests over TCP that are none. */
const STARTS = [
  '',
  'GET /announce?',
  'GET /announce?info_hash=%ff%',
  'GET /announce HTTP/1.1\r\nHost: t\r\nContent-Length: 7\r\n\r\n',
  'GET /announce HTTP/1.1\r\nHost : t\r\n\r\n',
  'GET /announce HTTP/1.1\nHost: t\n\n',
  'HEAD /scrape HTTP/9.9\r\n\r\n',
  'GET /announce HTTP/1.1\r\nHost: t\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  '\u0016\u0003\u0001',
  'POST /api/v1/seeders HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{',
];

/** Sends packets that are nonsense, or announces with some bytes changed. */
export async function sendGarbagePackets(port: number, random: Random, signal: AbortSignal): Promise<number> {
  const socket = createSocket('udp4');
  let sent = 0;
  while (!signal.aborted) {
    const packet = garbage(random);
    // An action that is known, and sometimes the start of a connect request.
    if (packet.length >= 16) packet.writeUInt32BE(randomBelow(random, 5), 8);
    if (packet.length >= 16 && randomBelow(random, 3) === 0) packet.write('0000041727101980', 'hex');
    socket.send(packet, port, HOST);
    sent += 1;
    await setTimeout(PACE_MS);
  }
  socket.close();
  return sent;
}

/** Connects, sends what is no request, and goes, or waits to be thrown out. */
export async function sendGarbageStreams(port: number, random: Random, signal: AbortSignal): Promise<number> {
  let sent = 0;
  while (!signal.aborted) {
    const socket = await openStream(port);
    // Not `once()`, which takes the reset of a connection for a failure.
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.write(STARTS[randomBelow(random, STARTS.length)]!, 'latin1');
    if (randomBelow(random, 2) === 0) socket.write(garbage(random));
    await setTimeout(PACE_MS);
    if (randomBelow(random, 2) === 0) socket.resetAndDestroy();
    else socket.destroy();
    await closed;
    sent += 1;
  }
  return sent;
}

/** Sends a request byte by byte, slower than any client, and comes again after it was thrown out. @returns how often it was */
export async function crawl(port: number, signal: AbortSignal): Promise<number> {
  let thrownOut = 0;
  while (!signal.aborted) {
    const socket = await openStream(port);
    socket.on('close', () => {
      thrownOut += signal.aborted ? 0 : 1;
    });
    for (const character of `GET /announce?${'x'.repeat(1000)}`) {
      if (socket.destroyed || signal.aborted) break;
      socket.write(character);
      await setTimeout(500);
    }
    socket.destroy();
  }
  return thrownOut;
}

/** Scrapes on and on, and never reads a response. @returns how often it was thrown out */
export function neverRead(port: number, signal: AbortSignal): Promise<number> {
  const request = 'GET /scrape?info_hash=aaaaaaaaaaaaaaaaaaaa';
  return keepAsking(port, [request], signal, (socket) => socket.pause(), UNREAD_SCRAPES);
}

function garbage(random: Random): Buffer {
  return Buffer.from(
    Uint8Array.from({ length: 1 + randomBelow(random, MAX_GARBAGE) }, () => randomBelow(random, 256)),
  );
}
