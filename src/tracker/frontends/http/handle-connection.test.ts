import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeClock, pollUntil } from '../../../../test/support/index.ts';
import { announceRequest } from '../../../../test/support/tracker/test-tracker.ts';
import { clientAddressOf } from '../../core/index.ts';
import { AddressLimits } from '../../guard/rate-limit/index.ts';
import { TransportCounters } from '../../metrics/index.ts';
import { Client } from './accepted-connections.ts';
import type { HttpPort } from './answer-requests.ts';
import { ConnectionTurns } from './connection-turns.ts';
import { HandleConnection, type HandleConnectionOwner } from './handle-connection.ts';
import { HttpConnection } from './http-connection.ts';
import { HEAD_ROOM } from './http-response.ts';
import { HEAD_TIMEOUT, KEEP_ALIVE_TIMEOUT } from './open-connection.ts';
import { ResponseBatch } from './response-batch.ts';
import { remoteAddressOf, takeHandles } from './tcp-handle.ts';

/** Of an answer: more than any kernel takes from one who writes to one who does not read. */
const ANSWER_BYTES = 32 * 1024 * 1024;

let clock: FakeClock;
let server: Server;
let client: Socket;
/** Answers made. */
let made: number;
/** Of the connection, once it is a socket's. */
let onSocket: HttpConnection | undefined;
let onRead: (connection: HandleConnection) => void;

class WatchedBatch extends ResponseBatch {
  override add(connection: HandleConnection, bytes: Uint8Array): Uint8Array {
    const copy = super.add(connection, bytes);
    queueMicrotask(() => onRead(connection));
    return copy;
  }
}

beforeEach(async () => {
  clock = new FakeClock();
  made = 0;
  onSocket = undefined;
  onRead = () => {};
  const fail = () => expect.fail('nobody has asked for that');
  const port: HttpPort = {
    clock,
    report: fail,
    rateLimits: new AddressLimits({ requestsPerSecond: 0, requestBurst: 1, connectionsPerAddress: 0 }),
    turns: new ConnectionTurns(8, fail),
    counters: new TransportCounters(clock),
    takesWebSockets: false,
    clientAddressBehind: fail,
    answer: () => {
      made += 1;
      return Buffer.alloc(HEAD_ROOM + ANSWER_BYTES, 'x');
    },
    handOver: fail,
    upgrade: fail,
  };
  const owner: HandleConnectionOwner = {
    port,
    batch: new WatchedBatch(clock),
    onEnd: () => {},
    onSocket: (connection, socket, stopped) => {
      socket.on('error', () => socket.destroy());
      onSocket = new HttpConnection(port, connection.client, socket, false);
      onSocket.takeUp(stopped);
    },
  };
  server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  takeHandles(server, (handle) =>
    new HandleConnection(owner, handle, new Client(clientAddressOf(remoteAddressOf(handle)!)!)).start(),
  );
  client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.pause();
});

afterEach(async () => {
  client.destroy();
  server.close();
  await once(server, 'close');
});

const lastRequest = announceRequest(1).replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n');

test('an answer that waits is sent whole to a client that has asked for the end', async () => {
  client.write(lastRequest);
  await pollUntil('a part of the answer waits', () => onSocket);
  expect((await text(client)).split('\r\n\r\n')[1]?.length).toBe(ANSWER_BYTES);
});

test('nothing more is answered while an answer waits, and the client has not long to read it', async () => {
  client.write(announceRequest(1) + announceRequest(1) + lastRequest);
  const connection = await pollUntil('a part of the answer waits', () => onSocket);
  expect(made).toBe(1);
  expect(connection.unsent).toBeGreaterThan(ANSWER_BYTES);
  expect(connection.deadline).toBe(clock.now() + HEAD_TIMEOUT);
  const all = text(client);
  await pollUntil('the others are answered', () => made === 3 || undefined);
  expect((await all).split('HTTP/1.1 200 OK').map(({ length }) => length > ANSWER_BYTES)).toEqual([
    false,
    true,
    true,
    true,
  ]);
});

test('a connection whose answer was read is idle', async () => {
  client.write(announceRequest(1));
  const connection = await pollUntil('a part of the answer waits', () => onSocket);
  expect(connection.deadline).toBe(clock.now() + HEAD_TIMEOUT);
  client.resume();
  await pollUntil('all is read', () => connection.unsent === 0 || undefined);
  await pollUntil('it is idle', () => connection.deadline === clock.now() + KEEP_ALIVE_TIMEOUT || undefined);
});

test('what was read when the tracker closes is answered, and the answer says that it is the last', async () => {
  onRead = (connection) => connection.drain();
  client.write(announceRequest(1));
  const [head, body] = (await text(client)).split('\r\n\r\n');
  expect(head).toContain('\r\nConnection: close\r\n');
  expect(body?.length).toBe(ANSWER_BYTES);
});
