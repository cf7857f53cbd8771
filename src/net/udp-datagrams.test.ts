import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { udpDatagrams } from './udp-datagrams.ts';

async function listen() {
  const socket = createSocket('udp4');
  const listening = once(socket, 'listening');
  socket.bind(0, '127.0.0.1');
  await listening;
  return { socket, address: { host: '127.0.0.1', port: socket.address().port } };
}

function unexpected(error: Error): void {
  throw error;
}

test('udpDatagrams takes packets from the address that it is connected to, and from no other', async () => {
  const [server, stranger] = [await listen(), await listen()];
  let onPacket: (packet: Buffer) => void = () => {};
  const received = new Promise<string>((resolve) => {
    onPacket = (packet) => resolve(packet.toString());
  });
  const client = await udpDatagrams.connect(server.address, { onPacket, onError: unexpected });
  const asked = once(server.socket, 'message');
  client.send(Buffer.from('question'));
  const [question, { port }] = (await asked) as [Buffer, { port: number }];
  expect(question.toString()).toBe('question');
  await new Promise((resolve) => stranger.socket.send('forged', port, '127.0.0.1', resolve));
  server.socket.send('answer', port, '127.0.0.1');
  expect(await received).toBe('answer');
  client.close();
  for (const { socket } of [server, stranger]) socket.close();
});

test('udpDatagrams reports ECONNREFUSED when nobody listens', async () => {
  const { socket, address } = await listen();
  await new Promise<void>((resolve) => socket.close(resolve));
  const error = await new Promise<Error & { code?: string }>((resolve, reject) => {
    udpDatagrams.connect(address, { onPacket: () => {}, onError: resolve }).then((client) => {
      client.send(Buffer.from('question'));
    }, reject);
  });
  expect(error.code).toBe('ECONNREFUSED');
});
