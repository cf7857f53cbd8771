import { describe, expect, test } from 'vitest';
import { FakeClock } from '../../test/support/index.ts';
import { LateTracker } from '../../test/support/tracker/late-tracker.ts';
import { announceRequest } from '../../test/support/tracker/test-tracker.ts';
import { UdpClient } from '../../test/support/tracker/udp-client.ts';
import { encodeUdpConnect, encodeUdpScrape } from '../tracker-protocol/index.ts';
import { parseInfoHash, seededRandom } from '../util/index.ts';
import { senderAt, TrackerLogic } from './core/index.ts';
import { StoreUnavailableError } from './errors/index.ts';
import type { SwarmStore } from './swarms/index.ts';
import { MemorySwarmStore } from './swarms/memory/index.ts';

const infoHash = parseInfoHash('aa'.repeat(20));
const scrapeRequest = `GET /scrape?info_hash=${'%AA'.repeat(20)} HTTP/1.1\r\nHost: t\r\n\r\n`;

/** A store that is away. */
function away(store: SwarmStore): SwarmStore {
  const fail = (): Promise<never> => Promise.reject(new StoreUnavailableError('STORE_AWAY', 'It is away'));
  return { announce: fail, leave: fail, scrape: fail, expire: () => store.expire(0), stats: fail };
}

describe('over HTTP, while an answer is awaited', () => {
  test('requests behind it wait, and answers come in order', async () => {
    await using tracker = await LateTracker.start();
    await using client = await tracker.connect();
    await client.send(announceRequest(1) + scrapeRequest + announceRequest(2));
    await tracker.swarms.holds(1);
    await client.send(`${announceRequest(3)}GET /other HTTP/1.1\r\nHost: t\r\n\r\n`);
    for (const expected of ['8:completei1e', 'd5:filesd', '8:completei2e', '8:completei3e']) {
      await tracker.swarms.holds(1);
      expect(tracker.swarms.held).toBe(1);
      tracker.swarms.release();
      expect((await client.answer()).body).toContain(expected);
    }
    expect((await client.answer()).body).toContain('web');
  });

  test('another connection is answered', async () => {
    await using tracker = await LateTracker.start();
    await using first = await tracker.connect();
    await using second = await tracker.connect();
    await first.send(announceRequest(1));
    await tracker.swarms.holds(1);
    await second.send(announceRequest(2));
    await tracker.swarms.holds(2);
    tracker.swarms.release('newest');
    expect((await second.answer()).body).toContain('8:completei2e');
    tracker.swarms.release();
    expect((await first.answer()).body).toContain('8:completei1e');
  });

  test('no more is read than fits into buffers, and all of it is answered in the end', async () => {
    await using tracker = await LateTracker.start();
    await using client = await tracker.connect();
    const [request, count] = [announceRequest(1), 5000];
    await client.send(request);
    await tracker.swarms.holds(1);
    const sent = client.send(request.repeat(count - 1));
    for (let answers = 0; answers < count; answers += 1) {
      await tracker.swarms.holds(1);
      expect(tracker.swarms.held).toBe(1);
      tracker.swarms.release();
      expect((await client.answer()).status).toBe(200);
    }
    await sent;
  });

  test('a client that goes does no harm', async () => {
    await using tracker = await LateTracker.start();
    for (let times = 0; times < 3; times += 1) {
      await using client = await tracker.connect();
      await client.send(announceRequest(1));
      await tracker.swarms.holds(times + 1);
    }
    while (tracker.swarms.held > 0) tracker.swarms.release();
    await using client = await tracker.connect();
    await client.send(announceRequest(2));
    await tracker.swarms.holds(1);
    tracker.swarms.release();
    expect((await client.answer()).body).toContain('8:completei2e');
  });

  test('a client that sends its end is answered', async () => {
    await using tracker = await LateTracker.start();
    await using client = await tracker.connect();
    await client.send(announceRequest(1).replace('Host', 'Connection: close\r\nHost'));
    await tracker.swarms.holds(1);
    tracker.swarms.release();
    expect((await client.answer()).headers.get('connection')).toBe('close');
    expect(await client.closed()).toBe('');
  });

  test('the time for it is limited', async () => {
    await using tracker = await LateTracker.start();
    await using client = await tracker.connect();
    await client.send(announceRequest(1));
    await tracker.swarms.holds(1);
    tracker.clock.advance(12_000);
    expect(await client.closed()).toBe('');
    tracker.swarms.release();
  });
});

describe('over UDP, while an answer is awaited', () => {
  test('others are answered, and each gets its own', async () => {
    await using tracker = await LateTracker.start();
    const { address } = tracker.frontEnds.http;
    await using first = await UdpClient.connect(address);
    await using second = await UdpClient.connect(address);
    const one = first.announce(1);
    await tracker.swarms.holds(1);
    const two = second.announce(2);
    await tracker.swarms.holds(2);
    tracker.swarms.release('newest');
    expect(await two).toMatchObject({ response: { incomplete: 2, peers: [{ port: 1 }] } });
    tracker.swarms.release();
    expect(await one).toMatchObject({ response: { incomplete: 1, peers: [] } });
  });

  test('scrapes of several swarms are answered in the order of the question', async () => {
    await using tracker = await LateTracker.start();
    await using client = await UdpClient.connect(tracker.frontEnds.http.address);
    const announced = client.announce(1);
    await tracker.swarms.holds(1);
    tracker.swarms.release();
    await announced;
    const connected = await client.ask(encodeUdpConnect(7));
    if (connected.action !== 'connect') expect.fail(connected.action);
    const head = { connectionId: connected.connectionId, transactionId: 8 };
    const other = parseInfoHash('bb'.repeat(20));
    const scraped = client.ask(encodeUdpScrape(head, { infoHashes: [other, infoHash] }));
    await tracker.swarms.holds(2);
    tracker.swarms.release('newest');
    tracker.swarms.release();
    expect(await scraped).toMatchObject({ entries: [{ incomplete: 0 }, { incomplete: 1 }] });
  });
});

describe('with a store that is away', () => {
  test('clients are told when to come again', async () => {
    await using tracker = await LateTracker.start(away);
    await using http = await tracker.connect();
    await using udp = await UdpClient.connect(tracker.frontEnds.http.address);
    const asked = [http.send(announceRequest(1) + scrapeRequest), udp.announce(1)] as const;
    await asked[0];
    const failure = /^d14:failure reason\d+:.*8:intervali60e8:retry ini1ee$/;
    expect((await http.answer()).body).toMatch(failure);
    expect((await http.answer()).body).toMatch(failure);
    expect(await asked[1]).toMatchObject({ action: 'error' });
  });

  test('a peer that stops is told, too', async () => {
    const store = new MemorySwarmStore({ peerTtl: 1e6, random: seededRandom(1) });
    const logic = new TrackerLogic({
      swarms: away(store),
      clock: new FakeClock(),
      random: seededRandom(1),
      interval: 120,
    });
    const stop = {
      infoHash,
      peerId: Buffer.alloc(20),
      port: 1,
      uploaded: 0,
      downloaded: 0,
      left: 0,
      event: 'stopped',
      compact: true,
      noPeerId: false,
    } as const;
    expect(await logic.announce(stop, senderAt('10.0.0.1')!)).toEqual({
      failureReason: 'The tracker cannot answer now',
      retryIn: 1,
      interval: 60,
    });
  });
});
