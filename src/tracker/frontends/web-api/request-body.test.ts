import { Hono } from 'hono';
import { describe, expect, test } from 'vitest';
import { FakeClock } from '../../../../test/support/index.ts';
import { Turns } from '../../../util/index.ts';
import { ProblemError } from './problems.ts';
import { BODY_PATIENCE, BodyReader, type BodyReaderOptions, MIN_BODY_RATE } from './request-body.ts';

const HERE = Uint8Array.of(192, 0, 2, 1);
const THERE = Uint8Array.of(192, 0, 2, 2);
const unlimited: BodyReaderOptions['requests'] = { admits: () => true };
const few = { maxPerAddress: 10, maxInAll: 15 };

function newReader(clock = new FakeClock(), requests = unlimited, limits = few): BodyReader {
  return new BodyReader({ clock, turns: new Turns(), requests, limits });
}

type Send = (body: ReadableStream<Uint8Array>) => Promise<Response>;

/** An app that answers with the body it was sent. */
function echo(bodies: BodyReader, maxBytes: number, ip = HERE): Send {
  const app = new Hono();
  app.post('/', (context) =>
    bodies.read(context, ip, maxBytes, async (body) => context.body(Uint8Array.from(body))),
  );
  app.onError((error) => {
    if (error instanceof ProblemError) return error.toResponse();
    throw error;
  });
  return async (body) => app.request('/', { method: 'POST', body, duplex: 'half' });
}

/** Begins to send. */
async function begin(
  send: Send,
  bytes: number,
): Promise<{ writer: WritableStreamDefaultWriter; answer: Promise<Response> }> {
  const stream = new TransformStream<Uint8Array, Uint8Array>();
  const writer = stream.writable.getWriter();
  const answer = send(stream.readable);
  await writer.write(new Uint8Array(bytes));
  return { writer, answer };
}

const bytes = (length: number) => ReadableStream.from([new Uint8Array(length)]);

describe('BodyReader.read()', () => {
  test('refuses a body that is too much together with the others of its address, until those are done', async () => {
    const send = echo(newReader(), 8);
    const first = await begin(send, 8);
    const refused = await send(bytes(3));
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5']);
    await first.writer.close();
    expect((await first.answer).status).toBe(200);
    expect((await send(bytes(3))).status).toBe(200);
  });

  test('stops counting a body that was refused or broken off', async () => {
    const send = echo(newReader(), 8);
    for (let times = 0; times < 5; times += 1) {
      expect((await send(bytes(9))).status).toBe(413);
      const broken = new ReadableStream<Uint8Array>({
        start(controller) {
          controller.enqueue(new Uint8Array(5));
        },
        pull(controller) {
          controller.error(new Error('reset'));
        },
      });
      expect((await send(broken)).status).toBe(400);
    }
    expect((await send(bytes(8))).status).toBe(200);
  });

  test('gives up a body of the address that sends most when all addresses together send too much', async () => {
    const reader = newReader();
    const greedy = await begin(echo(reader, 10, THERE), 10);
    const send = echo(reader, 8);
    const modest = await begin(send, 5);
    expect((await send(bytes(2))).status).toBe(200);
    expect((await greedy.answer).status).toBe(503);
    await modest.writer.close();
    expect((await modest.answer).status).toBe(200);
  });

  test('gives up a body that arrives too slowly', async () => {
    const clock = new FakeClock();
    const enough = (MIN_BODY_RATE * BODY_PATIENCE) / 1000;
    const all = { maxPerAddress: 10 * enough, maxInAll: 10 * enough };
    const { writer, answer } = await begin(echo(newReader(clock, unlimited, all), 10 * enough), enough);
    clock.advance(BODY_PATIENCE);
    await writer.write(new Uint8Array(enough - 1));
    clock.advance(BODY_PATIENCE);
    expect((await answer).status).toBe(408);
  });

  test('refuses a body that costs more than the budget of its address', async () => {
    const prices: number[] = [];
    const admits = (_: Uint8Array, price: number) => prices.push(price) < 3;
    const all = { maxPerAddress: 2 ** 30, maxInAll: 2 ** 30 };
    const send = echo(newReader(new FakeClock(), { admits }, all), 2 ** 30);
    const parts = Array.from({ length: 8 }, () => new Uint8Array(100_000));
    expect((await send(ReadableStream.from(parts))).status).toBe(429);
    expect(prices).toEqual([1, 2, 1]);
  });
});
