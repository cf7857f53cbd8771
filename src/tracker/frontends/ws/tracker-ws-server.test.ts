import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { RawClient } from '../../../../test/support/tracker/raw-client.ts';
import { announceRequest, TestTracker } from '../../../../test/support/tracker/test-tracker.ts';
import {
  WS_INFO_HASH,
  WsTestClient,
  wsAnnounce,
  wsPeerId,
} from '../../../../test/support/tracker/ws-client.ts';
import { MAX_WS_MESSAGE_BYTES } from '../../../tracker-protocol/index.ts';
import type { TrackerStats } from '../../metrics/index.ts';
import { MAX_WS_FRAGMENTS, MAX_WS_MESSAGES_IN_TURN } from './tracker-ws-server.ts';
import { MAX_WS_MESSAGE_BURST, WS_PING_AFTER, WS_TIMEOUT } from './ws-connection.ts';

const HANDSHAKE =
  'GET /announce HTTP/1.1\r\nHost: t\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n';
/** The value of `Sec-WebSocket-Accept` for the key of RFC 6455. */
const ACCEPT = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=';

/** A short frame of a client, masked with zeros, one character a byte. */
function clientFrame(text: string): string {
  return `\x81\xfe${String.fromCharCode(text.length >> 8, text.length & 255)}\0\0\0\0${text}`;
}

const connect = (tracker: TestTracker, path?: string) => WsTestClient.connect(tracker.port, path);

describe('an announce over WebSocket', () => {
  test('offers go to other peers of the swarm, and answers back to the peers that made them', async () => {
    await using tracker = await TestTracker.start();
    await using a = await connect(tracker);
    await using b = await connect(tracker, '/');
    expect(await a.ask(wsAnnounce('A', { event: 'started' }, 3))).toEqual({
      action: 'announce',
      interval: expect.any(Number),
      complete: 0,
      incomplete: 1,
      info_hash: WS_INFO_HASH,
    });
    expect(await b.ask(wsAnnounce('B', { event: 'started', left: 0 }, 2))).toMatchObject({
      complete: 1,
      incomplete: 1,
    });
    const offer = await a.next();
    expect(offer).toEqual({
      action: 'announce',
      offer: { type: 'offer', sdp: 'offer 0 of B' },
      offer_id: 'B0'.padEnd(20, 'o'),
      peer_id: wsPeerId('B'),
      info_hash: WS_INFO_HASH,
    });
    a.send({
      ...wsAnnounce('A'),
      to_peer_id: offer.peer_id,
      offer_id: offer.offer_id,
      answer: { type: 'answer', sdp: 'yes' },
    });
    expect(await b.next()).toEqual({
      action: 'announce',
      answer: { type: 'answer', sdp: 'yes' },
      offer_id: offer.offer_id,
      peer_id: wsPeerId('A'),
      info_hash: WS_INFO_HASH,
    });
  });

  test('a seeder is handed to a leecher, and not to a seeder', async () => {
    await using tracker = await TestTracker.start();
    await using first = await connect(tracker);
    await using second = await connect(tracker);
    await using peer = await connect(tracker);
    await first.ask(wsAnnounce('1', { left: 0 }, 5));
    await second.ask(wsAnnounce('2', { left: 0 }, 5));
    await peer.ask(wsAnnounce('3', {}, 5));
    const offers = [await first.next(), await second.next()];
    expect(offers.map(({ peer_id }) => peer_id)).toEqual([wsPeerId('3'), wsPeerId('3')]);
    expect(new Set(offers.map(({ offer_id }) => offer_id)).size).toBe(2);
  });

  test('peers over WebSocket and over HTTP are in separate swarms', async () => {
    await using tracker = await TestTracker.start();
    await using peer = await connect(tracker);
    await peer.ask(wsAnnounce('A', { info_hash: '\u00aa'.repeat(20) }));
    await using http = await RawClient.connect(tracker.port);
    await http.send(announceRequest(1));
    expect((await http.answer()).body).toMatch(/8:completei1e.*10:incompletei0e/);
  });

  test('a peer leaves when it sends `stopped`, and when its connection closes', async () => {
    await using tracker = await TestTracker.start();
    await using a = await connect(tracker);
    await using b = await connect(tracker);
    await a.ask(wsAnnounce('A'));
    expect(await b.ask(wsAnnounce('B'))).toMatchObject({ incomplete: 2 });
    expect(await a.ask(wsAnnounce('A', { event: 'stopped' }))).toMatchObject({ incomplete: 1 });
    await a.ask(wsAnnounce('A'));
    a.webSocket.close();
    await a.closed();
    expect(await b.ask(wsAnnounce('B'))).toMatchObject({ incomplete: 1 });
  });

  test('a connected peer is removed when it does not announce itself', async () => {
    await using tracker = await TestTracker.start();
    await using a = await connect(tracker);
    await using b = await connect(tracker);
    await a.ask(wsAnnounce('A'));
    for (let waited = 0; waited < 420; waited += 20) {
      tracker.clock.advance(20_000);
      await b.ask(wsAnnounce('B'));
      // Keeps the connection, but is no announce.
      await a.ask({ action: 'scrape', info_hash: WS_INFO_HASH });
    }
    expect(await b.ask(wsAnnounce('B'))).toMatchObject({ incomplete: 1 });
  });

  test('`completed` is counted as a download', async () => {
    await using tracker = await TestTracker.start();
    await using a = await connect(tracker);
    await a.ask(wsAnnounce('A'));
    await a.ask(wsAnnounce('A', { left: 0, event: 'completed' }));
    expect(await a.ask({ action: 'scrape', info_hash: WS_INFO_HASH })).toMatchObject({
      files: { [WS_INFO_HASH]: { complete: 1, incomplete: 0, downloaded: 1 } },
    });
  });

  test('the interval depends on the age of the swarm', async () => {
    await using tracker = await TestTracker.start({ announceInterval: 100, youngInterval: 10 });
    await using a = await connect(tracker);
    const { interval: young } = await a.ask(wsAnnounce('A'));
    tracker.clock.advance(25_000);
    await a.ask(wsAnnounce('A'));
    tracker.clock.advance(25_000);
    await a.ask(wsAnnounce('A'));
    for (let waited = 0; waited < 500; waited += 25) {
      tracker.clock.advance(25_000);
      await a.ask(wsAnnounce('A'));
    }
    const { interval: old } = await a.ask(wsAnnounce('A'));
    expect([young! >= 10 && young! <= 11, old! >= 100 && old! <= 110]).toEqual([true, true]);
  });

  test('a reconnected peer takes the place of its lost connection, whose end then changes nothing', async () => {
    await using tracker = await TestTracker.start();
    await using lost = await connect(tracker);
    await lost.ask(wsAnnounce('A'));
    await using back = await connect(tracker);
    expect(await back.ask(wsAnnounce('A'))).toMatchObject({ incomplete: 1 });
    await using other = await connect(tracker);
    lost.webSocket.terminate();
    await lost.closed();
    expect(await other.ask(wsAnnounce('B', {}, 1))).toMatchObject({ incomplete: 2 });
    expect(await back.next()).toMatchObject({ offer: { sdp: 'offer 0 of B' } });
  });
});

describe('a client that announces over WebSocket', () => {
  test('has the address that a trusted proxy names, to which its peer id belongs', async () => {
    await using tracker = await TestTracker.start({ trustedProxies: ['127.0.0.1'] });
    const connectFrom = (host: string) =>
      WsTestClient.connect(tracker.port, '/announce', { headers: { 'X-Forwarded-For': host } });
    await using owner = await connectFrom('192.0.2.1');
    await using thief = await connectFrom('192.0.2.2');
    await using back = await connectFrom('192.0.2.1');
    await owner.ask(wsAnnounce('A'));
    expect(await thief.ask(wsAnnounce('A'))).toMatchObject({
      'failure reason': expect.stringContaining('peer id'),
      info_hash: WS_INFO_HASH,
    });
    expect(await thief.ask(wsAnnounce('B', {}, 1))).toMatchObject({ incomplete: 2 });
    expect(await owner.next()).toMatchObject({ offer: { sdp: 'offer 0 of B' } });
    expect(await back.ask(wsAnnounce('A'))).toMatchObject({ incomplete: 2 });
  });

  test('is limited by the budget of its address', async () => {
    await using tracker = await TestTracker.start({
      trustedProxies: ['127.0.0.1'],
      limits: { requestsPerSecond: 1, requestBurst: 2 },
    });
    const headers = { 'X-Forwarded-For': '192.0.2.1' };
    await using a = await WsTestClient.connect(tracker.port, '/announce', { headers });
    await a.ask(wsAnnounce('A'));
    await a.ask(wsAnnounce('A'));
    expect(await a.ask(wsAnnounce('A'))).toMatchObject({
      'failure reason': expect.stringContaining('Too many requests'),
    });
    tracker.clock.advance(1000);
    expect(await a.ask(wsAnnounce('A'))).toMatchObject({ incomplete: 1 });
  });

  test('can announce on the web port, too', async () => {
    await using tracker = await TestTracker.start({ webPort: 0 });
    await using a = await connect(tracker);
    await using b = await WsTestClient.connect(tracker.tracker.webAddress!.port);
    await a.ask(wsAnnounce('A'));
    expect(await b.ask(wsAnnounce('B'))).toMatchObject({ incomplete: 2 });
  });

  test('is counted in the statistics', async () => {
    await using tracker = await TestTracker.start();
    await using a = await connect(tracker);
    await using b = await connect(tracker);
    await a.ask(wsAnnounce('A'));
    await b.ask(wsAnnounce('B', {}, 1));
    const answer = { to_peer_id: wsPeerId('B'), offer_id: 'B0'.padEnd(20, 'o') };
    a.send(wsAnnounce('A', { ...answer, answer: { type: 'answer', sdp: 'yes' } }));
    await b.next();
    await b.ask('{}');
    await b.ask({ action: 'scrape', info_hash: WS_INFO_HASH });
    const stats = (await (await tracker.fetch('/api/v1/stats')).json()) as TrackerStats;
    expect(stats.webTorrent).toEqual({
      connections: 2,
      swarms: 1,
      peers: 2,
      offers: 1,
      answers: 1,
      answersDropped: 0,
      cut: 0,
    });
    expect(stats.transports.ws).toMatchObject({ connects: 2, announces: 2, scrapes: 1, malformed: 1 });
  });
});

describe('a scrape over WebSocket', () => {
  test('is answered for one, for several and for unknown info-hashes', async () => {
    await using tracker = await TestTracker.start();
    await using a = await connect(tracker);
    await a.ask(wsAnnounce('A'));
    const known = { complete: 0, incomplete: 1, downloaded: 0 };
    const unknown = { complete: 0, incomplete: 0, downloaded: 0 };
    const other = 'x'.repeat(20);
    expect(await a.ask({ action: 'scrape', info_hash: WS_INFO_HASH })).toEqual({
      action: 'scrape',
      files: { [WS_INFO_HASH]: known },
      flags: { min_request_interval: 120 },
    });
    const { files } = await a.ask({ action: 'scrape', info_hash: [WS_INFO_HASH, other] });
    expect(files).toEqual({ [WS_INFO_HASH]: known, [other]: unknown });
    expect(await a.ask({ action: 'scrape' })).toMatchObject({
      'failure reason': expect.stringContaining('info_hash'),
    });
  });
});

describe('a tracker under attack over WebSocket', () => {
  test.each([
    ['garbage', 'x{'],
    ['a text', '"announce"'],
    ['an unknown action', { action: '__proto__' }],
    ['an info-hash in hex', wsAnnounce('A', { info_hash: 'ab'.repeat(20) })],
    ['offers of the wrong type', wsAnnounce('A', { offers: 'offers' })],
    ['deep JSON', '['.repeat(MAX_WS_MESSAGE_BYTES)],
    ['deep JSON in an offer', `{"action":"announce","offers":${'[{"a":'.repeat(10_000)}`],
  ])('%s is refused, and the connection goes on', async (_, message) => {
    await using tracker = await TestTracker.start();
    await using a = await connect(tracker);
    expect(await a.ask(message)).toMatchObject({ action: 'announce', 'failure reason': expect.any(String) });
    expect(await a.ask(wsAnnounce('A'))).toMatchObject({ incomplete: 1 });
  });

  test('a binary frame is read as text', async () => {
    await using tracker = await TestTracker.start();
    await using a = await connect(tracker);
    a.webSocket.send(Buffer.from(JSON.stringify(wsAnnounce('A'))));
    expect(await a.next()).toMatchObject({ incomplete: 1 });
    a.webSocket.send(Buffer.from([0xff, 0xfe]));
    expect(await a.next()).toMatchObject({ 'failure reason': expect.any(String) });
  });

  test('a message that is too large closes the connection', async () => {
    await using tracker = await TestTracker.start();
    await using a = await connect(tracker);
    a.send(wsAnnounce('A', { x: 'x'.repeat(MAX_WS_MESSAGE_BYTES) }));
    expect(await a.closed()).toBe(1009);
    const stats = (await (await tracker.fetch('/api/v1/stats')).json()) as TrackerStats;
    expect(stats.webTorrent.cut).toBe(1);
  });

  test('text that is not UTF-8 closes the connection', async () => {
    await using tracker = await TestTracker.start();
    await using a = await connect(tracker);
    a.webSocket.send(Buffer.from([0xff]), { binary: false });
    expect(await a.closed()).toBe(1007);
  });

  test('session descriptions arrive as they were sent, also with lone surrogates', async () => {
    await using tracker = await TestTracker.start();
    await using a = await connect(tracker);
    await using b = await connect(tracker);
    await a.ask(wsAnnounce('A'));
    const sdp = 'v=0\r\n"\\\u0000\u2028\ud800 \u{1f600}';
    b.send(
      wsAnnounce('B', {
        offers: [{ offer: { type: 'offer', sdp, x: 1 }, offer_id: 'o'.repeat(20) }],
        numwant: 1,
      }),
    );
    expect((await a.next()).offer).toEqual({ type: 'offer', sdp });
  });

  test('an answer is handed on only within its swarm, and only under the peer id of its sender', async () => {
    await using tracker = await TestTracker.start();
    await using a = await connect(tracker);
    await using b = await connect(tracker);
    await using outsider = await connect(tracker);
    await a.ask(wsAnnounce('A'));
    await b.ask(wsAnnounce('B'));
    await outsider.ask(wsAnnounce('O', { info_hash: 'x'.repeat(20) }));
    const answer = (from: string, to: string, more = {}): object => ({
      ...wsAnnounce(from),
      to_peer_id: wsPeerId(to),
      offer_id: 'o'.repeat(20),
      answer: { type: 'answer', sdp: `${from} to ${to}` },
      ...more,
    });
    outsider.send(answer('O', 'A'));
    outsider.send(answer('B', 'A'));
    outsider.send(answer('O', 'A', { info_hash: 'x'.repeat(20) }));
    await outsider.ask(wsAnnounce('O', { info_hash: 'x'.repeat(20) }));
    b.send(answer('B', 'nobody'));
    b.send(answer('B', 'A'));
    expect((await a.next()).answer).toEqual({ type: 'answer', sdp: 'B to A' });
  });

  test('a flood of messages closes the connection', async () => {
    await using tracker = await TestTracker.start();
    await using a = await connect(tracker);
    for (let count = 0; count <= MAX_WS_MESSAGE_BURST; count += 1) a.send('{}');
    expect(await a.closed()).toBe(1008);
  });

  test('a flood of pings closes the connection', async () => {
    await using tracker = await TestTracker.start();
    await using a = await connect(tracker);
    let isClosed = false;
    a.webSocket.on('close', () => {
      isClosed = true;
    });
    for (let count = 0; !isClosed && count <= MAX_WS_MESSAGE_BURST; count += 1) {
      a.webSocket.ping();
      await once(a.webSocket, 'pong', { signal: AbortSignal.timeout(10_000) }).catch(() => a.closed());
    }
    expect(await a.closed()).toBe(1006);
  });

  test('a message in too many frames closes the connection', async () => {
    await using tracker = await TestTracker.start();
    await using a = await connect(tracker);
    for (let count = 0; count <= MAX_WS_FRAGMENTS; count += 1) a.webSocket.send('', { fin: false });
    expect(await a.closed()).toBe(1008);
  });

  test('a message that arrives in too many parts closes the connection', async () => {
    await using tracker = await TestTracker.start();
    await using client = await RawClient.connect(tracker.port);
    await client.send(HANDSHAKE);
    await client.answer();
    let isClosed = false;
    const closed = client.closed().then((rest) => {
      isClosed = true;
      return rest;
    });
    await client.send(clientFrame('x'.repeat(20_000)).slice(0, 8));
    for (let count = 0; !isClosed && count < 19_000; count += 1) {
      await client.send('x');
      // The tracker is in this process, and reads what is there at once.
      await setImmediate();
    }
    expect((await closed).slice(2, 4)).toBe('\x03\xf0');
  });

  test('a client that does not read is cut off, and others go on', async () => {
    await using tracker = await TestTracker.start();
    await using deaf = await RawClient.connect(tracker.port);
    await deaf.send(
      HANDSHAKE +
        clientFrame(`{"action":"announce","info_hash":"${'x'.repeat(20)}","peer_id":"${'d'.repeat(20)}"}`),
    );
    expect((await deaf.answer()).status).toBe(101);
    deaf.pause();
    await using talker = await connect(tracker);
    const offer = { offer: { type: 'offer', sdp: 'x'.repeat(16_000) }, offer_id: 'o'.repeat(20) };
    const announce = wsAnnounce('T', { info_hash: 'x'.repeat(20), offers: [offer], numwant: 1 });
    expect((await talker.ask(announce)).incomplete).toBe(2);
    let { incomplete } = await talker.ask(announce);
    for (let count = 0; incomplete === 2 && count < 1500; count += 1)
      ({ incomplete } = await talker.ask(announce));
    expect(incomplete).toBe(1);
    deaf.resume();
    await deaf.closed();
  });

  test('a silent client is pinged, and cut off when it does not answer', async () => {
    await using tracker = await TestTracker.start();
    await using gone = await RawClient.connect(tracker.port);
    await gone.send(HANDSHAKE);
    expect((await gone.answer()).headers.get('sec-websocket-accept')).toBe(ACCEPT);
    await using there = await connect(tracker);
    const pinged = once(there.webSocket, 'ping');
    tracker.clock.advance(WS_PING_AFTER * 1000);
    await pinged;
    // Its pong has arrived before its message has.
    await there.ask(wsAnnounce('A'));
    tracker.clock.advance((WS_TIMEOUT - WS_PING_AFTER) * 1000);
    expect(await gone.closed()).toBe('\x89\x00');
    await there.ask(wsAnnounce('A'));
  });

  test('the network with the most connections gives one up for a connection too many', async () => {
    await using tracker = await TestTracker.start({
      trustedProxies: ['127.0.0.1'],
      limits: { wsConnections: 4 },
    });
    const from = (address: string) =>
      WsTestClient.connect(tracker.port, '/announce', { headers: { 'X-Forwarded-For': address } });
    await using innocent = await from('192.0.2.1');
    await using silent = await from('2001:db8:1:1::1');
    tracker.clock.advance(1000);
    await using b = await from('2001:db8:1:2::1');
    await using c = await from('2001:db8:1:3::1');
    await using newcomer = await from('198.51.100.1');
    expect(await silent.closed()).toBe(1006);
    for (const client of [innocent, b, c, newcomer]) {
      expect(await client.ask(wsAnnounce('A'))).toMatchObject({ action: 'announce' });
    }
    expect((await tracker.tracker.stats()).refusals.ws_connections).toBe(1);
  });

  test('a client that goes on asking when it is refused is cut off', async () => {
    await using tracker = await TestTracker.start({
      trustedProxies: ['127.0.0.1'],
      limits: { requestsPerSecond: 1, requestBurst: 2 },
    });
    const headers = { 'X-Forwarded-For': '192.0.2.1' };
    await using a = await WsTestClient.connect(tracker.port, '/announce', { headers });
    for (let asked = 0; asked < 5; asked += 1) a.send(wsAnnounce('A'));
    expect(await a.closed()).toBe(1008);
  });

  test('one message of a connection is read in a turn of the event loop', async () => {
    await using tracker = await TestTracker.start();
    await using greedy = await RawClient.connect(tracker.port);
    await greedy.send(HANDSHAKE);
    await greedy.answer();
    await using other = await connect(tracker);
    const announce = wsAnnounce('G', { info_hash: 'x'.repeat(20), peer_id: 'g'.repeat(20) });
    const announces = async () => (await tracker.tracker.stats()).transports.ws.announces;
    await greedy.send(clientFrame(JSON.stringify(announce)).repeat(150));
    let most = 0;
    for (let before = 0; before < 150; ) {
      await setImmediate();
      const now = await announces();
      most = Math.max(most, now - before);
      before = now;
    }
    // The test may have missed a turn.
    expect(most).toBeLessThan(20);
    await other.ask(wsAnnounce('A'));
  });

  test('a few messages of all connections are read in a turn of the event loop', async () => {
    await using tracker = await TestTracker.start();
    const greedy = await Promise.all(
      Array.from({ length: 5 * MAX_WS_MESSAGES_IN_TURN }, () => connect(tracker)),
    );
    const announces = async () => (await tracker.tracker.stats()).transports.ws.announces;
    for (const [at, client] of greedy.entries()) client.send(wsAnnounce(String(at)));
    let most = 0;
    for (let before = 0; before < greedy.length; ) {
      await setImmediate();
      const now = await announces();
      most = Math.max(most, now - before);
      before = now;
    }
    // The test may have missed a turn.
    expect(most).toBeLessThanOrEqual(2 * MAX_WS_MESSAGES_IN_TURN);
    await Promise.all(greedy.map((client) => client[Symbol.asyncDispose]()));
  });
});

describe('a handshake for a WebSocket', () => {
  test('is accepted in pieces, behind announces, and with the first message right behind it', async () => {
    await using tracker = await TestTracker.start();
    const message = clientFrame(
      JSON.stringify({ action: 'scrape', info_hash: 'x'.repeat(20), pad: 'x'.repeat(150) }),
    );
    const bytes = announceRequest(1) + HANDSHAKE + message;
    for (const cut of [0, 10, announceRequest(1).length + 2, bytes.length - message.length + 3]) {
      await using client = await RawClient.connect(tracker.port);
      await client.send(bytes.slice(0, cut));
      await client.send(bytes.slice(cut));
      expect((await client.answer()).body).toMatch(/^d8:complete/);
      expect((await client.answer()).status).toBe(101);
      await client.send(clientFrame('x'.repeat(130)));
      await client.send('\x88\x80\0\0\0\0');
      const rest = await client.closed();
      expect(rest).toMatch(/"action":"scrape".*failure reason/);
      expect(rest.endsWith('\x88\x00')).toBe(true);
    }
  });

  test.each([
    ['no key', HANDSHAKE.replace(/Sec-WebSocket-Key.*\r\n/, '')],
    ['two keys', HANDSHAKE.replace('\r\n\r\n', '\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n')],
    ['an unknown version', HANDSHAKE.replace('Version: 13', 'Version: 7')],
    ['a body', HANDSHAKE.replace('\r\n\r\n', '\r\nContent-Length: 4\r\n\r\n')],
  ])('a handshake with %s is refused, and the connection closed', async (_, handshake) => {
    await using tracker = await TestTracker.start();
    await using client = await RawClient.connect(tracker.port);
    await client.send(handshake);
    expect((await client.answer()).status).toBe(400);
    await client.closed();
  });

  test.each([
    [
      'of another protocol',
      announceRequest(1).replace('Host: t', 'Host: t\r\nConnection: Upgrade\r\nUpgrade: h2c'),
    ],
    ['of no connection', announceRequest(1).replace('Host: t', 'Host: t\r\nUpgrade: websocket')],
  ])('an upgrade %s is an announce like any other', async (_, request) => {
    await using tracker = await TestTracker.start();
    await using client = await RawClient.connect(tracker.port);
    await client.send(request.repeat(2));
    expect((await client.answer()).body).toMatch(/^d8:complete/);
    expect((await client.answer()).body).toMatch(/^d8:complete/);
  });

  test('is not made by every GET /: one without its headers is for the web API', async () => {
    await using tracker = await TestTracker.start();
    await using client = await RawClient.connect(tracker.port);
    await client.send('GET / HTTP/1.1\r\nHost: t\r\n\r\nGET /healthz HTTP/1.1\r\nHost: t\r\n\r\n');
    expect((await client.answer()).status).toBe(404);
    expect((await client.answer()).status).toBe(200);
  });

  test('is answered with the subprotocol that the client asks for', async () => {
    await using tracker = await TestTracker.start();
    await using client = await WsTestClient.connect(tracker.port, '/', { protocols: ['bittorrent'] });
    expect(client.webSocket.protocol).toBe('bittorrent');
  });

  test('is refused when WebSockets are off', async () => {
    await using tracker = await TestTracker.start({ limits: { wsConnections: 0 } });
    await using client = await RawClient.connect(tracker.port);
    await client.send(HANDSHAKE);
    expect(await client.answer()).toMatchObject({
      status: 200,
      body: expect.stringContaining('failure reason'),
    });
  });
});

describe('close()', () => {
  test('sends close frames, and cuts off clients that do not answer them', async () => {
    const tracker = await TestTracker.start();
    await using polite = await connect(tracker);
    await using rude = await RawClient.connect(tracker.port);
    await rude.send(HANDSHAKE);
    await rude.answer();
    await tracker[Symbol.asyncDispose]();
    expect(await polite.closed()).toBe(1001);
    expect(await rude.closed()).toBe('\x88\x02\x03\xe9');
  });
});
