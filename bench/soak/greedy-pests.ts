import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { HOST } from '../programs/trackers.ts';
import { keepAsking, PACE_MS, PIPELINED } from './keep-asking.ts';
import { openStream } from './open-stream.ts';

/* Pests that break no rule of a protocol, and ask for more than their share. They come from loopback, where nobody has a
   budget of requests. So each has a pace: some of the tracker's time is left for honest peers, and what the pests do is the
   same in each minute, so that memory that grows is the tracker's. */

/** The size of a registration that is not valid, in bytes: no more are taken without a token. */
const REGISTRATION_BYTES = 4_000_000;
/** The milliseconds between two such registrations, and between WebSockets that are gone together. */
const LONG_PACE_MS = 2000;
/** WebSockets that vanish at once, and swarms that each of them is in. */
const VANISHING = 10;
const SWARMS_EACH = 100;
/** Ports that one address announces in one swarm. */
const PORTS = 5000;

/** Requests that are free, or refused. */
const FREE = [
  'GET /healthz',
  'HEAD /healthz',
  'GET /nothing/here',
  'DELETE /announce',
  'OPTIONS /api/v1/seeders',
  'GET /api/v1/torrents?nothing=1',
];
/** Requests whose answers are long. */
const LONG = ['GET /openapi.json', 'GET /scrape'];

/** Requests that may make a tracker write a line of its log. */
const PROVOCATIONS = [
  'GET /% HTTP/1.1\r\nHost: t\r\n\r\n',
  'GET /api/v1/torrents/%ff.torrent HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n',
  'GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\nnone\r\n',
  'PUT /api/v1/seeders/none HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1\r\n\r\n',
  'POST /api/v1/seeders HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"port":"',
  'GET /announce HTTP/1.1\r\nHost: t\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n\u00ff\u00ff\u00ff\u00ff',
];

/** The start of a handshake of TLS: a whole record, with a ClientHello that offers what every server takes. */
const CLIENT_HELLO = Buffer.from(
  [
    '16030100a5010000a10303',
    'ab'.repeat(32),
    '20',
    'cd'.repeat(32),
    '0008130113021303c02b0100',
    '0050',
    '000a00080006001d00170018',
    '000d0014001204030804040105030805050108060601020100',
    '2b0003020304',
    '003300260024001d0020',
    '09'.repeat(32),
  ].join(''),
  'hex',
);

/** Keeps a connection open without a word, and comes again when it is thrown out. @returns how often that was */
export async function saySilent(port: number, signal: AbortSignal): Promise<number> {
  let thrownOut = 0;
  while (!signal.aborted) {
    const socket = await openStream(port);
    while (!socket.destroyed && !signal.aborted) await setTimeout(PACE_MS);
    if (!signal.aborted) thrownOut += 1;
    socket.destroy();
  }
  return thrownOut;
}

/** Sends requests that are free or refused, many at once, and reads the answers. @returns how many it has sent */
export async function askForNothing(port: number, signal: AbortSignal): Promise<number> {
  let sent = 0;
  await keepAsking(port, FREE, signal, (socket) => {
    socket.resume();
    sent += PIPELINED;
  });
  return sent;
}

/** Asks for long answers, and never reads one. @returns how often it was thrown out */
export function leaveUnread(port: number, signal: AbortSignal): Promise<number> {
  return keepAsking(port, LONG, signal, (socket) => socket.pause());
}

/** Sends registrations as large as they may be, of which nothing is valid, or only the end is not. @returns how many */
export async function registerRubbish(port: number, signal: AbortSignal): Promise<number> {
  const bodies = [
    `{"port":1,"torrents":[${'{"infoHash":[1,2,3]},'.repeat(REGISTRATION_BYTES / 21)}1]}`,
    `{"port":1,"torrents":[${`{"infoHash":"${'a'.repeat(40)}","name":"a","size":1},`.repeat(REGISTRATION_BYTES / 80)}1]}`,
    `{"port":1,"torrents":${'['.repeat(REGISTRATION_BYTES)}`,
    `{"port":1,"torrents":[${'1,'.repeat(REGISTRATION_BYTES / 2 - 100)}1]}`,
  ];
  let sent = 0;
  for (; !signal.aborted; sent += 1) {
    const body = bodies[sent % bodies.length]!;
    const socket = await openStream(port);
    socket.resume();
    socket.write(
      `POST /api/v1/seeders HTTP/1.1\r\nHost: ${HOST}:${port}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    await setTimeout(LONG_PACE_MS);
    socket.destroy();
  }
  return sent;
}

/** WebTorrent peers that are in many swarms, and all gone at once without a word. @returns how many vanished */
export async function vanish(port: number, signal: AbortSignal): Promise<number> {
  let vanished = 0;
  while (!signal.aborted) {
    const sockets = Array.from({ length: VANISHING }, () => new WebSocket(`ws://${HOST}:${port}/announce`));
    await Promise.all(sockets.map((socket, at) => joinMany(socket, at)));
    await setTimeout(LONG_PACE_MS);
    for (const socket of sockets) socket.terminate();
    vanished += sockets.length;
  }
  return vanished;
}

/** Announces one port after the other of this address in one swarm, as if all of them were peers. @returns how many */
export async function announcePorts(port: number, signal: AbortSignal): Promise<number> {
  let announced = 0;
  await keepAsking(port, [], signal, (socket) => {
    socket.resume();
    for (let at = 0; at < PIPELINED; at += 1) {
      announced += 1;
      const query = `info_hash=${'p'.repeat(20)}&peer_id=${String(announced % PORTS).padStart(20, 'p')}`;
      const counts = 'uploaded=0&downloaded=0&left=1&compact=1';
      socket.write(
        `GET /announce?${query}&port=${1 + (announced % PORTS)}&${counts} HTTP/1.1\r\nHost: t\r\n\r\n`,
      );
    }
  });
  return announced;
}

/** Does what a tracker may want to log, on one connection after the other. @returns how often */
export async function provokeLines(port: number, signal: AbortSignal): Promise<number> {
  let provoked = 0;
  for (; !signal.aborted; provoked += 1) {
    const socket = await openStream(port);
    socket.write(PROVOCATIONS[provoked % PROVOCATIONS.length]!, 'latin1');
    await setTimeout(PACE_MS / 10);
    socket.resetAndDestroy();
  }
  return provoked;
}

/** Begins handshakes of TLS, and is gone when the tracker has answered. @returns how many were answered */
export async function dropHandshakes(port: number, signal: AbortSignal): Promise<number> {
  let answered = 0;
  while (!signal.aborted) {
    const socket = await openStream(port);
    socket.once('data', () => {
      answered += 1;
    });
    socket.write(CLIENT_HELLO);
    await setTimeout(PACE_MS);
    socket.destroy();
  }
  return answered;
}

async function joinMany(socket: WebSocket, number: number): Promise<void> {
  socket.on('error', () => socket.terminate());
  await once(socket, 'open');
  for (let swarm = 0; swarm < SWARMS_EACH; swarm += 1) {
    const infoHash = String(swarm).padStart(20, 'v');
    const peerId = String(number).padStart(20, 'v');
    socket.send(JSON.stringify({ action: 'announce', info_hash: infoHash, peer_id: peerId, left: 1 }));
  }
}
