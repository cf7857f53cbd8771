import { Hono } from 'hono';
import { expect, test } from 'vitest';
import { ProblemError } from './problems.ts';
import { BodyReader } from './request-body.ts';

/** An app that answers with the body it was sent. */
function echo(bodies: BodyReader, maxBytes: number): (body: ReadableStream<Uint8Array>) => Promise<Response> {
  const app = new Hono();
  app.post('/', async (context) => context.body(Uint8Array.from(await bodies.read(context, maxBytes))));
  app.onError((error) => {
    if (error instanceof ProblemError) return error.toResponse();
    throw error;
  });
  return async (body) => app.request('/', { method: 'POST', body, duplex: 'half' });
}

test('read() refuses what is too much together with what others are sending, until they are done', async () => {
  const send = echo(new BodyReader(10), 8);
  const first = new TransformStream<Uint8Array, Uint8Array>();
  const writer = first.writable.getWriter();
  const firstAnswer = send(first.readable);
  await writer.write(new Uint8Array(8));
  const refused = await send(ReadableStream.from([new Uint8Array(3)]));
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5']);
  await writer.close();
  expect((await firstAnswer).status).toBe(200);
  expect((await send(ReadableStream.from([new Uint8Array(3)]))).status).toBe(200);
});

test('read() counts a body no more that was refused or broken off', async () => {
  const send = echo(new BodyReader(10), 8);
  for (let times = 0; times < 5; times += 1) {
    expect((await send(ReadableStream.from([new Uint8Array(9)]))).status).toBe(413);
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
  expect((await send(ReadableStream.from([new Uint8Array(8)]))).status).toBe(200);
});
