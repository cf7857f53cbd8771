import { once } from 'node:events';
import { createServer as createWebServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { FakeClock, pollUntil } from '../../../../test/support/index.ts';
import { clientAddressOf } from '../../core/index.ts';
import { AddressLimits, MAX_HELD_BYTES_PER_ADDRESS } from '../../guard/rate-limit/index.ts';
import { ConnectionTurns } from './connection-turns.ts';
import { STALLED_TIMEOUT, WebStage } from './web-stage.ts';

/** A port whose connections all go to a web server, which answers when a test does. */
class WebPort implements AsyncDisposable {
  readonly clock = new FakeClock();
  readonly rateLimits = new AddressLimits({
    requestsPerSecond: 0,
    requestBurst: 1,
    connectionsPerAddress: 0,
  });
  /** To be answered; the test takes them out. */
  readonly inHand: ServerResponse[] = [];
  readonly connections: WebStage[] = [];
  /** Is called with each request. */
  onRequest = (_response: ServerResponse): void => {};
  /** Is called with each connection before the web server has it. */
  onConnection = (_connection: WebStage): void => {};
  readonly #clients: Socket[] = [];
  readonly #server = createServer({ noDelay: true });
  readonly #webServer = createWebServer();

  static async start(): Promise<WebPort> {
    const port = new WebPort();
    const fail = (error: Error): void => expect.fail(error.message);
    const options = { clock: port.clock, rateLimits: port.rateLimits, turns: new ConnectionTurns(8, fail) };
    const byPaced = new Map<object, WebStage>();
    port.#webServer.on('request', (request, response) => {
      port.inHand.push(response);
      port.onRequest(response);
      byPaced.get(request.socket)!.begin(request, response);
    });
    port.#server.on('connection', (socket) => {
      const connection = new WebStage(options, socket, clientAddressOf(socket.remoteAddress!)!);
      byPaced.set(connection.paced, connection);
      port.connections.push(connection);
      port.onConnection(connection);
      port.#webServer.emit('connection', connection.paced);
    });
    port.#server.listen(0, '127.0.0.1');
    await once(port.#server, 'listening');
    return port;
  }

  /** Waits for the next request that is not answered yet. @param at how many are before it */
  async request(at = 0): Promise<ServerResponse> {
    while (this.inHand.length <= at) await setImmediate();
    return this.inHand[at]!;
  }

  connect(): Socket {
    const client = connect((this.#server.address() as AddressInfo).port, '127.0.0.1');
    // Those that are cut.
    client.on('error', () => client.destroy());
    this.#clients.push(client);
    return client;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

/** Waits until a figure stays the same over some turns of the event loop. */
async function untilSame(figure: () => number): Promise<number> {
  for (let last = Number.NaN, same = 0; ; ) {
    const next = figure();
    same = next === last ? same + 1 : 0;
    last = next;
    if (same === 50) return next;
    await setImmediate();
  }
}

test('a request that was handed over just before the tracker closes is answered as the last one', async () => {
  await using web = await WebPort.start();
  web.onConnection = (connection) => connection.drain();
  const client = web.connect();
  client.write('GET /healthz HTTP/1.1\r\nHost: t\r\n\r\n');
  const response = await web.request();
  response.end('answer');
  const received = await text(client);
  expect(received).toMatch(/^HTTP\/1.1 200 OK\r\n/);
  expect(received).toContain('Connection: close\r\n');
});

test('a connection has one request answered at a time, and others have their turns in between', async () => {
  await using web = await WebPort.start();
  const client = web.connect();
  client.write('GET /healthz HTTP/1.1\r\nHost: t\r\n\r\n'.repeat(400));
  for (let answered = 0; answered < 400; answered += 1) {
    const response = await web.request();
    // As long as it is not answered, none comes after it, whatever the turns of the loop.
    await setImmediate();
    await setImmediate();
    expect(web.inHand).toHaveLength(1);
    web.inHand.length = 0;
    response.end('answer');
  }
  client.destroy();
});

test('a request behind a body is not begun before the request with the body is answered', async () => {
  await using web = await WebPort.start();
  const client = web.connect();
  const get = 'GET /next HTTP/1.1\r\nHost: t\r\n\r\n';
  const body = 'x'.repeat(100_000);
  client.write(
    `POST /first HTTP/1.1\r\nHost: t\r\nContent-Length: ${body.length}\r\n\r\n${body}${get.repeat(100)}`,
  );
  const response = await web.request();
  expect(await text(response.req)).toBe(body);
  await setImmediate();
  await setImmediate();
  expect(web.inHand.map(({ req }) => req.url)).toEqual(['/first']);
  response.end('answer');
  await web.request(1);
  client.destroy();
});

test('a client that reads nothing of its response is cut after a while, and its bytes are freed', async () => {
  await using web = await WebPort.start();
  const client = web.connect();
  client.pause();
  client.write('GET /torrent HTTP/1.1\r\nHost: t\r\n\r\n');
  const response = await web.request();
  response.end(Buffer.alloc(16 * 1024 * 1024));
  const connection = web.connections[0]!;
  await pollUntil('the answer waits', () => web.rateLimits.held.bytes > 1_000_000 || undefined);
  const held = await untilSame(() => connection.heldBytes);
  expect(web.rateLimits.held.bytes).toBe(held);
  web.clock.advance(STALLED_TIMEOUT - 1);
  connection.check(web.clock.now());
  expect(connection.deadline).toBeGreaterThan(web.clock.now());
  web.clock.advance(1);
  connection.check(web.clock.now());
  expect(connection.deadline).toBe(web.clock.now());
  connection.cut();
  expect(web.rateLimits.held.bytes).toBe(0);
});

test('an address that reads no responses gets no more, over any number of connections, until some are cut', async () => {
  await using web = await WebPort.start();
  web.onRequest = (response) => response.end(Buffer.alloc(8 * 1024 * 1024));
  const clients = Array.from({ length: 30 }, () => web.connect());
  for (const client of clients) {
    client.pause();
    client.write('GET /torrent HTTP/1.1\r\nHost: t\r\n\r\n');
  }
  await pollUntil('all are connected', () => web.connections.length === clients.length || undefined);
  const answered = await untilSame(() => web.inHand.length + web.rateLimits.held.bytes);
  const first = web.inHand.length;
  expect(first).toBeLessThan(clients.length);
  expect(answered - first).toBeLessThan(MAX_HELD_BYTES_PER_ADDRESS);
  expect(web.rateLimits.held.cut).toBe(0);
  // Nobody reads: those that were answered are cut, and others have their turn.
  for (let waited = 0; waited <= STALLED_TIMEOUT; waited += 1000) {
    for (const connection of web.connections) {
      connection.check(web.clock.now());
      if (connection.deadline <= web.clock.now()) connection.cut();
    }
    await untilSame(() => web.inHand.length);
    web.clock.advance(1000);
  }
  for (const connection of web.connections) connection.check(web.clock.now());
  await untilSame(() => web.inHand.length);
  expect(web.inHand.length).toBeGreaterThan(first);
  expect(web.connections.filter(({ paced }) => paced.destroyed)).toHaveLength(first);
});

test('a body is not read for long when its request was answered before', async () => {
  await using web = await WebPort.start();
  const client = web.connect();
  client.write(`POST / HTTP/1.1\r\nHost: t\r\nContent-Length: ${400_000_000}\r\n\r\n`);
  const response = await web.request();
  response.end('no');
  const chunk = Buffer.alloc(64 * 1024);
  const send = (): void => {
    while (client.write(chunk));
  };
  client.on('drain', send);
  client.resume();
  send();
  await pollUntil('the connection is cut', () => client.closed || undefined);
  // With what the kernels keep between the two.
  expect(client.bytesWritten).toBeLessThan(40_000_000);
});
