import { describe, expect, test } from 'vitest';
import { LateTracker } from '../../../test/support/tracker/late-tracker.ts';
import { announceRequest, TestTracker } from '../../../test/support/tracker/test-tracker.ts';
import { UdpClient } from '../../../test/support/tracker/udp-client.ts';
import { encodeUdpConnect, encodeUdpScrape } from '../../tracker-protocol/index.ts';
import { parseInfoHash } from '../../util/index.ts';
import { DRAIN_TIMEOUT } from './listening/index.ts';

const infoHash = parseInfoHash('aa'.repeat(20));

describe('close() of the front ends', () => {
  test('close() waits for responses, and closes connections without requests', async () => {
    await using tracker = await LateTracker.start();
    await using idle = await tracker.connect();
    await using asking = await tracker.connect();
    await using udp = await UdpClient.connect(tracker.frontEnds.address);
    for (const client of [idle, asking]) {
      await client.send(announceRequest(1));
      await tracker.swarms.holds(1);
      tracker.swarms.release();
      expect((await client.answer()).headers.get('connection')).toBeUndefined();
    }
    await asking.send(announceRequest(1) + announceRequest(2));
    await tracker.swarms.holds(1);
    const announced = udp.announce(3);
    await tracker.swarms.holds(2);

    const closed = tracker.close();
    expect(await idle.closed()).toBe('');
    tracker.swarms.release();
    tracker.swarms.release();
    const answer = await asking.answer();
    expect(answer.body).toContain('8:completei1e');
    expect(answer.headers.get('connection')).toBe('close');
    expect(await asking.closed()).toBe('');
    expect(await announced).toMatchObject({ action: 'announce' });
    await closed;
  });

  test('close() cuts connections whose requests are not answered in time', async () => {
    await using tracker = await LateTracker.start();
    await using asking = await tracker.connect();
    await using udp = await UdpClient.connect(tracker.frontEnds.address);
    await asking.send(announceRequest(1));
    await tracker.swarms.holds(1);
    const connected = await udp.ask(encodeUdpConnect(7));
    if (connected.action !== 'connect') expect.fail(connected.action);
    const head = { connectionId: connected.connectionId, transactionId: 8 };
    udp.send(encodeUdpScrape(head, { infoHashes: [infoHash] }));
    await tracker.swarms.holds(2);

    const closed = tracker.close();
    tracker.clock.advance(DRAIN_TIMEOUT);
    expect(await asking.closed()).toBe('');
    await closed;
    tracker.swarms.release();
    tracker.swarms.release();
  });
});

describe('drainDelay', () => {
  test('makes a closing tracker go on for that time, and say so', async () => {
    await using tracker = await TestTracker.start({ drainDelay: 30 });
    const health = async (): Promise<unknown> => {
      const response = await tracker.fetch('/healthz');
      return [response.status, ((await response.json()) as { status: string }).status];
    };
    expect(await health()).toEqual([200, 'ok']);
    const closed = tracker.tracker.close();
    expect(await health()).toEqual([503, 'draining']);
    expect((await tracker.fetch('/announce')).status).toBe(200);
    tracker.clock.advance(30_000);
    await closed;
    await expect(tracker.fetch('/healthz')).rejects.toThrow('fetch failed');
  });
});
