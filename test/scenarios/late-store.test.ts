import { describe, expect, test } from 'vitest';
import { encodeUdpConnect, encodeUdpScrape } from '../../src/tracker-protocol/index.ts';
import { parseInfoHash } from '../../src/util/index.ts';
import { storeThatIsAway } from '../support/tracker/late-swarms.ts';
import { LateTracker } from '../support/tracker/late-tracker.ts';
import { announceRequest } from '../support/tracker/test-tracker.ts';
import { UdpClient } from '../support/tracker/udp-client.ts';

const infoHash = parseInfoHash('aa'.repeat(20));
const scrapeRequest = `GET /scrape?info_hash=${'%AA'.repeat(20)} HTTP/1.1\r\nHost: t\r\n\r\n`;

describe('a tracker whose store answers late, over HTTP', () => {
  test('answers the requests of a connection one after the other, in their order', async () => {
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

  test('answers another connection meanwhile', async () => {
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

  test('reads no more than fits into buffers, and answers all of it in the end', async () => {
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

  test('answers other clients when one goes away before its response', async () => {
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

  test('answers a client that asks for the end of the connection', async () => {
    await using tracker = await LateTracker.start();
    await using client = await tracker.connect();
    await client.send(announceRequest(1).replace('Host', 'Connection: close\r\nHost'));
    await tracker.swarms.holds(1);
    tracker.swarms.release();
    expect((await client.answer()).headers.get('connection')).toBe('close');
    expect(await client.closed()).toBe('');
  });

  test('closes a connection whose response is not there in time', async () => {
    await using tracker = await LateTracker.start();
    await using client = await tracker.connect();
    await client.send(announceRequest(1));
    await tracker.swarms.holds(1);
    tracker.clock.advance(12_000);
    expect(await client.closed()).toBe('');
    tracker.swarms.release();
  });
});

describe('a tracker whose store answers late, over UDP', () => {
  test('answers other clients meanwhile, and each gets its own response', async () => {
    await using tracker = await LateTracker.start();
    const { address } = tracker.frontEnds;
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

  test('answers a scrape of several swarms in the order of the request', async () => {
    await using tracker = await LateTracker.start();
    await using client = await UdpClient.connect(tracker.frontEnds.address);
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

describe('a tracker whose store is away', () => {
  test('tells clients over HTTP and UDP when to try again', async () => {
    await using tracker = await LateTracker.start(storeThatIsAway);
    await using http = await tracker.connect();
    await using udp = await UdpClient.connect(tracker.frontEnds.address);
    const asked = [http.send(announceRequest(1) + scrapeRequest), udp.announce(1)] as const;
    await asked[0];
    const failure = /^d14:failure reason\d+:.*8:intervali60e8:retry ini1ee$/;
    expect((await http.answer()).body).toMatch(failure);
    expect((await http.answer()).body).toMatch(failure);
    expect(await asked[1]).toMatchObject({ action: 'error' });
  });
});
