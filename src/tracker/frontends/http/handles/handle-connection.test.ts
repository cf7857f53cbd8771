import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeClock, pollUntil } from '../../../../../test/support/index.ts';
import { testPort } from '../../../../../test/support/tracker/test-port.ts';
import { announceRequest } from '../../../../../test/support/tracker/test-tracker.ts';
import { clientAddressOf } from '../../../core/index.ts';
import type { Client } from '../accepted-connections.ts';
import { HEAD_TIMEOUT, KEEP_ALIVE_TIMEOUT } from '../http-connection.ts';
import type { HttpPort } from '../http-port.ts';
import { HEAD_ROOM } from '../http-response.ts';
import { SocketConnection } from '../socket-connection.ts';
import { HandleConnection } from './handle-connection.ts';
import { ResponseBatch } from './response-batch.ts';
import { acceptHandles, remoteAddressOf } from './tcp-handle.ts';

/** The length of a response body: more than any kernel takes from a server whose client does not read. */
const BODY_BYTES = 32 * 1024 * 1024;

let clock: FakeClock;
let port: HttpPort;
let server: Server;
let client: Socket;
/** The number of responses made. */
let made: number;
/** The client as the port knows it. */
let accepted: Client | undefined;
let onRead: (connection: HandleConnection) => void;

class WatchedBatch extends ResponseBatch {
  override add(connection: HandleConnection, bytes: Uint8Array): Uint8Array {
    const copy = super.add(connection, bytes);
    queueMicrotask(() => onRead(connection));
    return copy;
  }
}

/** Waits until the connection has become a socket's, since the kernel has not taken a response whole. */
function untilSocket(): Promise<SocketConnection> {
  return pollUntil('a part of the response waits', () =>
    accepted?.connection instanceof SocketConnection ? accepted.connection : undefined,
  );
}

beforeEach(async () => {
  clock = new FakeClock();
  made = 0;
  accepted = undefined;
  onRead = () => {};
  port = testPort({
    clock,
    answer: () => {
      made += 1;
      return Buffer.alloc(HEAD_ROOM + BODY_BYTES, 'x');
    },
  });
  const batch = new WatchedBatch(clock);
  server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  acceptHandles(server, (handle) => {
    accepted = port.connections.admit(clientAddressOf(remoteAddressOf(handle)!), clock.now())!;
    new HandleConnection(port, batch, handle, accepted).start();
  });
  client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.pause();
});

afterEach(async () => {
  client.destroy();
  server.close();
  await once(server, 'close');
});

const lastRequest = announceRequest(1).replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n');

test('HandleConnection sends a response that waits whole, also to a client that has asked for the end', async () => {
  client.write(lastRequest);
  await untilSocket();
  expect((await text(client)).split('\r\n\r\n')[1]?.length).toBe(BODY_BYTES);
});

test('HandleConnection answers nothing more while a response waits, and gives the client little time to read it', async () => {
  client.write(announceRequest(1) + announceRequest(1) + lastRequest);
  const connection = await untilSocket();
  expect(made).toBe(1);
  expect(connection.deadline).toBe(clock.now() + HEAD_TIMEOUT);
  const all = text(client);
  await pollUntil('the others are answered', () => made === 3 || undefined);
  expect((await all).split('HTTP/1.1 200 OK').map(({ length }) => length > BODY_BYTES)).toEqual([
    false,
    true,
    true,
    true,
  ]);
});

test('HandleConnection is idle once its response was read', async () => {
  client.write(announceRequest(1));
  const connection = await untilSocket();
  expect(connection.deadline).toBe(clock.now() + HEAD_TIMEOUT);
  client.resume();
  await pollUntil('it is idle', () => connection.deadline === clock.now() + KEEP_ALIVE_TIMEOUT || undefined);
});

test('drain() answers what was read, and the response says that it is the last', async () => {
  onRead = (connection) => connection.drain();
  client.write(announceRequest(1));
  const [head, body] = (await text(client)).split('\r\n\r\n');
  expect(head).toContain('\r\nConnection: close\r\n');
  expect(body?.length).toBe(BODY_BYTES);
});
