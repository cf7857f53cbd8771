import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { pollUntil } from '../../../../test/support/index.ts';
import { RawClient } from '../../../../test/support/tracker/raw-client.ts';
import { announceRequest, TestTracker } from '../../../../test/support/tracker/test-tracker.ts';
import { decodeAnnounceResponse } from '../../../tracker-protocol/index.ts';
import { HEAD_TIMEOUT, KEEP_ALIVE_TIMEOUT } from './http-connection.ts';
import { MAX_REQUEST_HEAD_BYTES } from './request-head.ts';
import { WEB_REQUEST_TIMEOUT } from './web-stage.ts';

const HEALTH = 'GET /healthz HTTP/1.1\r\nHost: t\r\n\r\n';
const JSON_TYPE = 'Content-Type: application/json\r\n';

/** Milliseconds after which a sweep has certainly seen that a deadline has passed. */
const SWEEP = 1000;

/** Lets one address have as many peers in a swarm as these tests announce. */
const MANY_PORTS = { peersPerAddress: 1000 };

/** Both kinds of connections that there are. */
const KINDS = [
  ['on handles', {}],
  ['on sockets', { plainSockets: true }],
] as const;

describe.each(KINDS)('tracker port %s', (_kind, options) => {
  test('the tracker answers announces on one connection, and peers meet', async () => {
    await using tracker = await TestTracker.start(options);
    await using client = await RawClient.connect(tracker.port);
    await client.send(announceRequest(1));
    const first = await client.answer();
    expect(first.status).toBe(200);
    expect(first.headers.get('content-type')).toBe('text/plain');
    expect(first.headers.get('connection')).toBeUndefined();
    expect(first.body).toContain('5:peers0:');
    await client.send(announceRequest(2, 'left=5'));
    expect((await client.answer()).body).toContain('5:peers6:\x7f\x00\x00\x01\x00\x01');
  });

  test('the tracker answers requests that arrive in two pieces, wherever they are divided', async () => {
    await using tracker = await TestTracker.start(options);
    await using client = await RawClient.connect(tracker.port);
    const request = announceRequest(1);
    for (let cut = 1; cut < request.length; cut += 3) {
      await client.send(request.slice(0, cut));
      await client.send(request.slice(cut));
      expect((await client.answer()).status).toBe(200);
    }
  });

  test('the tracker answers pipelined requests in order', async () => {
    await using tracker = await TestTracker.start(options);
    await using client = await RawClient.connect(tracker.port);
    const scrape = `GET /scrape?info_hash=${'%AA'.repeat(20)} HTTP/1.1\r\nHost: t\r\n\r\n`;
    await client.send(Array.from({ length: 50 }, (_, at) => announceRequest(at + 1) + scrape).join(''));
    for (let seeders = 1; seeders <= 50; seeders += 1) {
      expect((await client.answer()).body).toContain(`8:completei${seeders}e`);
      expect((await client.answer()).body).toMatch(/^d5:filesd/);
    }
  });

  test('the tracker answers more pipelined requests than one read takes', async () => {
    await using tracker = await TestTracker.start({ ...options, limits: MANY_PORTS });
    await using client = await RawClient.connect(tracker.port);
    const count = 4000;
    const requests = Array.from({ length: count }, (_, at) => announceRequest(at + 1, 'left=0&numwant=0'));
    const sent = client.send(requests.join(''));
    for (let seeders = 1; seeders <= count; seeders += 1) {
      expect((await client.answer()).body).toContain(`8:completei${seeders}e`);
    }
    await sent;
  });

  test('a connection that its client closes is counted no more', async () => {
    await using tracker = await TestTracker.start(options);
    const clients = await Promise.all(Array.from({ length: 20 }, () => RawClient.connect(tracker.port)));
    await Promise.all(
      clients.map(async (client, at) => {
        await client.send(announceRequest(at + 1) + (at % 2 === 0 ? 'GET /ann' : ''));
        await client.answer();
      }),
    );
    expect((await tracker.tracker.stats()).connections).toBe(20);
    await Promise.all(clients.map((client) => client[Symbol.asyncDispose]()));
    await pollUntil(
      'all are gone',
      async () => (await tracker.tracker.stats()).connections === 0 || undefined,
    );
  });

  test('close() answers requests that have arrived, and closes idle connections at once', async () => {
    await using tracker = await TestTracker.start(options);
    await using idle = await RawClient.connect(tracker.port);
    await idle.send(announceRequest(1));
    await idle.answer();
    await using silent = await RawClient.connect(tracker.port);
    await silent.send(HEALTH);
    await silent.answer();
    // Its clock stands still: only what ends by itself ends.
    await tracker.tracker.close();
    expect(await idle.closed()).toBe('');
    expect(await silent.closed()).toBe('');
  });

  test('the tracker waits for a client that does not read, and answers all its requests in the end', async () => {
    await using tracker = await TestTracker.start({ ...options, limits: MANY_PORTS });
    await using client = await RawClient.connect(tracker.port);
    for (let peer = 1; peer <= 200; peer += 1) {
      await client.send(announceRequest(peer));
      await client.answer();
    }
    client.pause();
    const count = 200;
    const sent = client.send(announceRequest(1000, 'left=1&numwant=200&compact=0').repeat(count));
    client.resume();
    for (let answers = 0; answers < count; answers += 1) {
      expect((await client.answer()).body.length).toBeGreaterThan(10_000);
    }
    await sent;
  });

  test('a response that waits for its client does not change while others are made', async () => {
    await using tracker = await TestTracker.start(options);
    await using other = await RawClient.connect(tracker.port);
    const peers = 100;
    for (let peer = 1; peer <= peers; peer += 1) {
      await other.send(announceRequest(peer));
      await other.answer();
    }
    await using client = await RawClient.connect(tracker.port);
    client.pause();
    const count = 1200;
    const sent: Promise<void>[] = [];
    const hashes = Array.from({ length: 90 }, (_, at) => `info_hash=${'%BB'.repeat(19)}%${at + 10}`);
    const scrape = `GET /scrape?${hashes.join('&')} HTTP/1.1\r\nHost: t\r\n\r\n`;
    // One at a time, until the kernel takes only a part of one: another answer as long is made where the rest stands.
    for (let asked = 0; asked < count; asked += 1) {
      sent.push(client.send(announceRequest(1000, 'left=1&numwant=100&compact=0')));
      await other.send(scrape);
      await other.answer();
    }
    client.resume();
    for (let answers = 0; answers < count; answers += 1) {
      const { body } = await client.answer();
      expect(decodeAnnounceResponse(Buffer.from(body, 'latin1'))).toMatchObject({
        peers: expect.toSatisfy((found: unknown[]) => found.length === peers),
      });
    }
    await Promise.all(sent);
  });

  test('HEAD has the headers of GET and no body', async () => {
    await using tracker = await TestTracker.start(options);
    await using client = await RawClient.connect(tracker.port);
    await client.send(announceRequest(1).replace('GET', 'HEAD') + announceRequest(1));
    const head = await client.answer(false);
    expect(Number(head.headers.get('content-length'))).toBeGreaterThan(50);
    expect((await client.answer()).body).toMatch(/^d8:complete/);
  });

  test.each([
    ['HTTP/1.0', announceRequest(1).replace('HTTP/1.1', 'HTTP/1.0')],
    ['Connection: close', announceRequest(1).replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n')],
  ])('the tracker answers and ends the connection for %s', async (_, request) => {
    await using tracker = await TestTracker.start(options);
    await using client = await RawClient.connect(tracker.port);
    await client.send(request + announceRequest(2));
    const answer = await client.answer();
    expect(answer.headers.get('connection')).toBe('close');
    expect(await client.closed()).toBe('');
  });

  test('the tracker closes at once when the client has asked for the end', async () => {
    await using tracker = await TestTracker.start(options);
    const socket = connect({ port: tracker.port, host: '127.0.0.1', allowHalfOpen: true });
    try {
      socket.write(announceRequest(1).replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'));
      socket.resume();
      await once(socket, 'end');
      // The client has not closed its side, and the tracker's time stands still.
      await pollUntil(
        'it is gone',
        async () => (await tracker.tracker.stats()).connections === 0 || undefined,
      );
    } finally {
      socket.destroy();
    }
  });

  test('HTTP/1.0 may keep the connection', async () => {
    await using tracker = await TestTracker.start(options);
    await using client = await RawClient.connect(tracker.port);
    const request = announceRequest(1).replace('HTTP/1.1\r\n', 'HTTP/1.0\r\nConnection: keep-alive\r\n');
    await client.send(request.repeat(2));
    expect((await client.answer()).headers.get('connection')).toBe('keep-alive');
    expect((await client.answer()).status).toBe(200);
  });

  test.each([
    ['a smuggled body', announceRequest(1).replace('Host: t', 'Host: t\r\nContent-Length: 4'), 400],
    ['a bare LF', announceRequest(1).replace('Host: t', 'Host: t\nX: y'), 400],
    ['a head too long', `${announceRequest(1).slice(0, -2)}X: ${'y'.repeat(MAX_REQUEST_HEAD_BYTES)}`, 431],
    ['a line too long', `GET /announce?${'y'.repeat(MAX_REQUEST_HEAD_BYTES)}`, 431],
  ])(
    'the tracker refuses %s and ends the connection, with what came before answered',
    async (_, bad, status) => {
      await using tracker = await TestTracker.start(options);
      await using client = await RawClient.connect(tracker.port);
      await client.send(announceRequest(1) + bad + announceRequest(2));
      expect((await client.answer()).status).toBe(200);
      const refusal = await client.answer();
      expect(refusal.status).toBe(status);
      expect(refusal.headers.get('connection')).toBe('close');
      expect(await client.closed()).toBe('');
    },
  );

  test('the tracker refuses bytes that are no HTTP', async () => {
    await using tracker = await TestTracker.start(options);
    await using client = await RawClient.connect(tracker.port);
    await client.send('\x16\x03\x01\x02\x00\x01\x00 TLS, or so\r\n\r\n');
    expect((await client.answer()).status).toBe(400);
    await client.closed();
  });

  test('a refusal of the tracker has status 200 and a reason', async () => {
    await using tracker = await TestTracker.start(options);
    await using client = await RawClient.connect(tracker.port);
    await client.send(`GET /announce?info_hash=${'a'.repeat(40)} HTTP/1.1\r\nHost: t\r\n\r\n`);
    expect(await client.answer()).toMatchObject({
      status: 200,
      body: expect.stringMatching(/^d14:failure reason\d+:.*hex digits.*8:retry in5:nevere$/),
    });
  });
});

describe.each(KINDS)('time limits of the tracker port %s', (_kind, options) => {
  test('a head that does not arrive in time ends the connection, also when bytes keep arriving', async () => {
    await using tracker = await TestTracker.start(options);
    await using client = await RawClient.connect(tracker.port);
    await client.send(`${announceRequest(1)}GET /announce?`);
    await client.answer();
    for (let waited = 0; waited < HEAD_TIMEOUT; waited += HEAD_TIMEOUT / 4) {
      await client.send('x');
      tracker.clock.advance(HEAD_TIMEOUT / 4);
    }
    tracker.clock.advance(SWEEP);
    expect(await client.closed()).toBe('');
  });

  test('a connection on which nothing arrives is closed', async () => {
    await using tracker = await TestTracker.start(options);
    await using client = await RawClient.connect(tracker.port);
    // Another connection's answer shows that the first was accepted.
    await tracker.fetch('/healthz').then((response) => response.text());
    tracker.clock.advance(HEAD_TIMEOUT + SWEEP);
    await client.closed();
  });

  test('a client that reads no responses has as much time as for a head', async () => {
    await using tracker = await TestTracker.start(options);
    await using client = await RawClient.connect(tracker.port);
    for (let peer = 1; peer <= 200; peer += 1) {
      await client.send(announceRequest(peer));
      await client.answer();
    }
    client.pause();
    const request = announceRequest(1000, 'left=1&numwant=200&compact=0');
    // More than kernels keep between the two, so that sending comes to a halt, too.
    const sent = client.send(request.repeat(50_000)).catch(() => 'ended');
    const answered = async () => (await tracker.tracker.stats()).transports.http.announces;
    // Every question takes some turns, in each of which the client gets more answers until it is waited for.
    for (let before = -1; before !== (await answered()); ) {
      before = await answered();
      await tracker.fetch('/healthz').then((response) => response.text());
    }
    for (let waited = 0; waited < HEAD_TIMEOUT; waited += SWEEP) {
      tracker.clock.advance(SWEEP);
      await tracker.fetch('/healthz').then((response) => response.text());
    }
    tracker.clock.advance(SWEEP);
    client.resume();
    await client.closed();
    await sent;
  });

  test('an idle connection stays open for a while', async () => {
    await using tracker = await TestTracker.start(options);
    await using client = await RawClient.connect(tracker.port);
    await client.send(announceRequest(1));
    await client.answer();
    tracker.clock.advance(KEEP_ALIVE_TIMEOUT - SWEEP);
    await client.send(announceRequest(1));
    await client.answer();
    tracker.clock.advance(KEEP_ALIVE_TIMEOUT - SWEEP);
    await client.send(announceRequest(1));
    await client.answer();
    tracker.clock.advance(KEEP_ALIVE_TIMEOUT + SWEEP);
    await client.closed();
  });

  test('a head for the web API that does not arrive in time ends the connection', async () => {
    await using tracker = await TestTracker.start(options);
    await using client = await RawClient.connect(tracker.port);
    await client.send(`${HEALTH}GET /heal`);
    await client.answer();
    tracker.clock.advance(KEEP_ALIVE_TIMEOUT + SWEEP);
    await client.closed();
  });

  test('a body for the web API that does not arrive in time ends the connection', async () => {
    await using tracker = await TestTracker.start(options);
    await using client = await RawClient.connect(tracker.port);
    await client.send(
      `${HEALTH}POST /api/v1/seeders HTTP/1.1\r\nHost: t\r\n${JSON_TYPE}Content-Length: 9\r\nExpect: 100-continue\r\n\r\n{`,
    );
    await client.answer();
    expect((await client.answer()).status).toBe(100);
    tracker.clock.advance(WEB_REQUEST_TIMEOUT - SWEEP);
    await client.send('"');
    tracker.clock.advance(2 * SWEEP);
    await client.closed();
  });
});

describe.each(KINDS)('handing over %s', (_kind, options) => {
  test('one connection announces, asks the web API, and announces again', async () => {
    await using tracker = await TestTracker.start(options);
    await using client = await RawClient.connect(tracker.port);
    for (let round = 1; round <= 3; round += 1) {
      await client.send(announceRequest(round));
      expect((await client.answer()).body).toContain(`8:completei${round}e`);
      await client.send(HEALTH);
      expect(JSON.parse((await client.answer()).body)).toMatchObject({ status: 'ok', peers: round });
    }
  });

  test('both kinds of requests may be pipelined in one packet', async () => {
    await using tracker = await TestTracker.start(options);
    await using client = await RawClient.connect(tracker.port);
    await client.send(announceRequest(1) + HEALTH + announceRequest(2) + HEALTH);
    expect((await client.answer()).body).toContain('8:completei1e');
    expect((await client.answer()).body).toContain('"status":"ok"');
    expect((await client.answer()).body).toContain('8:completei2e');
    expect((await client.answer()).body).toContain('"status":"ok"');
  });

  test('a request is handed over whole, wherever it is divided', async () => {
    await using tracker = await TestTracker.start(options);
    const body = '{"port":1}';
    const request = `POST /api/v1/seeders HTTP/1.1\r\nHost: t\r\n${JSON_TYPE}Content-Length: ${body.length}\r\n\r\n${body}`;
    for (let cut = 1; cut < request.length; cut += 7) {
      await using client = await RawClient.connect(tracker.port);
      await client.send(announceRequest(1) + request.slice(0, cut));
      await client.answer();
      await client.send(request.slice(cut));
      const answer = await client.answer();
      expect([answer.status, answer.body]).toEqual([400, expect.stringContaining('peerId')]);
    }
  });

  test.each(['/announce', '/scrape'])('POST %s is not allowed', async (path) => {
    await using tracker = await TestTracker.start(options);
    const response = await tracker.fetch(path, { method: 'POST', body: 'x' });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  test('a request may name the host in its target', async () => {
    await using tracker = await TestTracker.start(options);
    await using client = await RawClient.connect(tracker.port);
    await client.send(announceRequest(1).replace('GET ', 'GET http://tracker.example'));
    expect((await client.answer()).body).toContain('8:completei1e');
  });

  test('HEAD of an announce has no body after the connection was handed over', async () => {
    await using tracker = await TestTracker.start(options);
    await using client = await RawClient.connect(tracker.port);
    await client.send(HEALTH + announceRequest(1).replace('GET', 'HEAD') + HEALTH);
    await client.answer();
    expect(Number((await client.answer(false)).headers.get('content-length'))).toBeGreaterThan(50);
    expect((await client.answer()).body).toContain('"status":"ok"');
  });
});
