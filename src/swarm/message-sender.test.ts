import { expect, test } from 'vitest';
import type { Connection } from '../net/index.ts';
import { MessageSender } from './message-sender.ts';
import { SendMemory } from './send-memory.ts';

/** The bytes of a message that is a part of a run. */
const MESSAGE_BYTES = 16_397;

function setUp() {
  const written: Uint8Array[] = [];
  const onSent: (() => void)[] = [];
  const connection = {
    bytesWaiting: 10,
    write(bytes: Uint8Array, sent?: () => void) {
      written.push(bytes);
      if (sent !== undefined) onSent.push(sent);
    },
  } satisfies Partial<Connection>;
  const memory = new SendMemory();
  const sender = new MessageSender(connection as unknown as Connection, memory);
  const bytes = Uint8Array.from({ length: 4 * MESSAGE_BYTES }, (_, at) => at / MESSAGE_BYTES);
  let users = 1;
  const run = {
    bytes,
    retain: () => {
      users += 1;
    },
    release: () => {
      users -= 1;
    },
  };
  const message = (block: number) => bytes.subarray(block * MESSAGE_BYTES, (block + 1) * MESSAGE_BYTES);
  return { written, onSent, sender, memory, run, message, users: () => users };
}

test('sendFrom() hands over neighbours in memory as one piece, in order with all other messages', () => {
  const { written, sender, run, message } = setUp();
  for (const block of [0, 1, 3, 2]) sender.sendFrom(run, message(block));
  const other = Uint8Array.of(1);
  sender.send(other);
  sender.sendFrom(run, message(3));
  sender.flush();
  sender.flush();
  const [joined, ...rest] = written;
  expect(Buffer.concat([message(0), message(1)]).equals(joined!)).toBe(true);
  expect(joined!.buffer).toBe(run.bytes.buffer);
  expect(rest).toEqual([message(3), message(2), other, message(3)]);
});

test('bytesWaiting counts the bytes that are held back', () => {
  const { sender, run, message } = setUp();
  sender.sendFrom(run, message(0));
  sender.sendFrom(run, message(1));
  expect(sender.bytesWaiting).toBe(10 + message(0).length + message(1).length);
  sender.flush();
  expect(sender.bytesWaiting).toBe(10);
});

test('sendFrom() retains the memory until all its bytes have left', () => {
  const { onSent, sender, run, message, users } = setUp();
  sender.sendFrom(run, message(0));
  sender.sendFrom(run, message(1));
  sender.sendFrom(run, message(3));
  sender.flush();
  run.release();
  expect(onSent).toHaveLength(2);
  onSent[0]!();
  expect(users()).toBe(1);
  onSent[1]!();
  expect(users()).toBe(0);
});

test('send() puts small messages into one buffer, and holds them while others wait to leave', () => {
  const { written, onSent, sender, memory } = setUp();
  const reject = (at: number) => new Uint8Array(17).fill(at);
  for (let at = 0; at < 1000; at += 1) sender.send(reject(at));
  sender.flush();
  const all = Buffer.concat(Array.from({ length: 1000 }, (_, at) => reject(at)));
  expect(written).toEqual([Uint8Array.from(all)]);
  expect(memory.bytes).toBe(17_000);
  sender.send(reject(1));
  sender.flush();
  sender.send(reject(2));
  sender.flush();
  expect(written).toHaveLength(1);
  expect([sender.smallBytesWaiting, sender.bytesWaiting]).toEqual([34, 10 + 34]);
  onSent[0]!();
  expect(written[1]).toEqual(Uint8Array.from(Buffer.concat([reject(1), reject(2)])));
  expect([sender.smallBytesWaiting, sender.sentBytes, memory.bytes]).toEqual([0, 17_000, 34]);
});

test('send() keeps the order, and holds requests with small messages, but no large message', () => {
  const { written, sender, run, message } = setUp();
  const requests = new Uint8Array(17_000);
  const hashes = new Uint8Array(30_000);
  sender.send(Uint8Array.of(1));
  sender.send(requests);
  sender.send(Uint8Array.of(2));
  sender.sendFrom(run, message(0));
  sender.send(Uint8Array.of(3));
  sender.send(requests);
  expect(sender.smallBytesWaiting).toBe(17_001);
  sender.send(hashes);
  expect(written.map((bytes) => [bytes.length, bytes[0]])).toEqual([
    [1, 1],
    [17_000, 0],
    [1, 2],
    [message(0).length, 0],
    [17_001, 3],
    [30_000, 0],
  ]);
});
