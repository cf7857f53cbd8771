import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { pollUntil } from '../../../../../test/support/index.ts';
import {
  acceptHandles,
  bytesRead,
  remoteAddressOf,
  socketOf,
  startReading,
  type TcpHandle,
  write,
} from './tcp-handle.ts';

let server: Server;
let client: Socket;
let handle: TcpHandle;

beforeEach(async () => {
  server = createServer(() => expect.fail('a socket was made'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const taken = new Promise<TcpHandle>((resolve) => {
    // These tests run on every version of Node that is said to be known.
    expect(acceptHandles(server, resolve)).toBe(true);
  });
  client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  handle = await taken;
});

afterEach(async () => {
  client.destroy();
  server.close();
  await once(server, 'close');
});

test('a handle is read from and written to', async () => {
  expect(remoteAddressOf(handle)).toBe('127.0.0.1');
  expect(handle.setNoDelay(true)).toBe(0);
  const read = nextRead();
  expect(startReading(handle, read.onRead)).toBe(true);
  client.write('question');
  expect(Buffer.from((await read.bytes)!).toString()).toBe('question');
  expect(write(handle, Buffer.from('answer'))).toBe('taken');
  handle.close();
  expect(await text(client)).toBe('answer');
});

test.each([
  ['the end of what a client sends', () => client.end()],
  ['a connection that is reset', () => client.resetAndDestroy()],
])('%s is nothing that was read', async (_what, endIt) => {
  const read = nextRead();
  startReading(handle, read.onRead);
  endIt();
  expect(await read.bytes).toBeUndefined();
  handle.close();
});

test('bytes that the kernel does not take wait, and a socket writes behind them', async () => {
  startReading(handle, () => {});
  client.pause();
  const large = Buffer.alloc(32 * 1024 * 1024, 'x');
  expect(write(handle, large)).toMatchObject({ bytes: large.length });
  const socket = socketOf(handle);
  socket.end('the end');
  const all = await text(client);
  expect(all.length).toBe(large.length + 7);
  expect(all.slice(-8)).toBe('xthe end');
  socket.destroy();
  await once(socket, 'close');
});

test('a socket that was made of a handle reads what comes next', async () => {
  const read = nextRead();
  startReading(handle, read.onRead);
  client.write('1');
  await read.bytes;
  const socket = socketOf(handle);
  expect(socket.remoteAddress).toBe('127.0.0.1');
  const all = text(socket);
  const sent = Array.from({ length: 100_000 }, (_, at) => `${at} `).join('');
  client.end(sent);
  expect(await all).toBe(sent);
  await pollUntil('it is closed', () => socket.closed || undefined);
});

function nextRead(): { bytes: Promise<Uint8Array | undefined>; onRead: () => void } {
  let onRead = (): void => {};
  const bytes = new Promise<Uint8Array | undefined>((resolve) => {
    onRead = () => resolve(bytesRead());
  });
  return { bytes, onRead };
}
