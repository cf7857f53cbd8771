import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { type Connection, NetworkError, tcpNetwork } from './index.ts';

const failOnReport = (error: Error) => {
  throw error;
};
const network = tcpNetwork({ report: failOnReport });
const never = new AbortController().signal;

/** Collects what a connection says. */
function record(connection: Connection) {
  const parts: Uint8Array[] = [];
  let onChange = () => {};
  const closed = new Promise<Error | undefined>((resolve) => {
    connection.start({
      onData: (bytes) => {
        parts.push(bytes.slice());
        onChange();
      },
      onDrain: () => {},
      onClose: resolve,
    });
  });
  const received = () => Buffer.concat(parts);
  return {
    closed,
    received,
    untilLength: (length: number) =>
      new Promise<Buffer>((resolve) => {
        onChange = () => {
          if (received().length >= length) resolve(received());
        };
        onChange();
      }),
  };
}

async function connectedPair() {
  let take: (connection: Connection) => void = () => {};
  const taken = new Promise<Connection>((resolve) => {
    take = resolve;
  });
  const listener = await network.listen({ host: '127.0.0.1', port: 0 }, (connection) => take(connection));
  const dialed = await network.dial(listener.address, { signal: never });
  return { listener, dialed, taken: await taken };
}

test('dial() and listen() carry bytes both ways and report the end of the connection', async () => {
  const { listener, dialed, taken } = await connectedPair();
  const [near, far] = [record(dialed), record(taken)];
  const payload = Buffer.alloc(3_000_000, 'shoal');
  dialed.write(payload);
  taken.write(payload.subarray(0, 1_000_000));
  expect((await far.untilLength(payload.length)).equals(payload)).toBe(true);
  expect((await near.untilLength(1_000_000)).equals(payload.subarray(0, 1_000_000))).toBe(true);
  expect(taken.isIncoming).toBe(true);
  expect(dialed.remote).toEqual(listener.address);
  dialed.destroy();
  expect(await near.closed).toBeUndefined();
  await far.closed;
  await listener.close();
});

test('start() hands out the bytes that came before it', async () => {
  const server = createServer((socket) => socket.end('early'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const dialed = await network.dial({ host: '127.0.0.1', port }, { signal: never });
  await new Promise((resolve) => setImmediate(resolve));
  const near = record(dialed);
  expect((await near.untilLength(5)).toString()).toBe('early');
  await near.closed;
  server.close();
});

test('pause() holds the data back until resume()', async () => {
  const { listener, dialed, taken } = await connectedPair();
  const near = record(dialed);
  record(taken);
  dialed.pause();
  taken.write(Buffer.from('later'));
  await new Promise((resolve) => setImmediate(resolve));
  expect(near.received()).toHaveLength(0);
  dialed.resume();
  expect((await near.untilLength(5)).toString()).toBe('later');
  dialed.destroy();
  await near.closed;
  await listener.close();
});

test('listen() says that a port is in use', async () => {
  const listener = await network.listen({ host: '127.0.0.1', port: 0 }, () => {});
  const second = network.listen(listener.address, () => {});
  await expect(second).rejects.toMatchObject({ code: 'PORT_IN_USE' });
  await expect(second).rejects.toThrow(NetworkError);
  await listener.close();
});

test('dial() rejects when nobody listens, and when it is aborted', async () => {
  const listener = await network.listen({ host: '127.0.0.1', port: 0 }, () => {});
  await listener.close();
  await expect(network.dial(listener.address, { signal: never })).rejects.toMatchObject({
    code: 'UNREACHABLE',
  });
  const aborted = network.dial(listener.address, { signal: AbortSignal.abort() });
  await expect(aborted).rejects.toMatchObject({ code: 'ABORTED' });
});
