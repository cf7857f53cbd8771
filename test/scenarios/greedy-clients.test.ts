import { describe, expect, test } from 'vitest';
import type { TrackerOptions } from '../../src/tracker/index.ts';
import { pollUntil } from '../support/index.ts';
import { RawClient } from '../support/tracker/raw-client.ts';
import { announceRequest, TestTracker } from '../support/tracker/test-tracker.ts';

const HEALTH = 'GET /healthz HTTP/1.1\r\nHost: t\r\n\r\n';

/** Starts a tracker that lets every client name its address, as a proxy does. */
function start(limits: TrackerOptions['limits']): Promise<TestTracker> {
  return TestTracker.start({ trustedProxies: ['127.0.0.1'], limits });
}

/** Connects as a client of the address. */
async function connectFrom(tracker: TestTracker, address: string): Promise<RawClient> {
  const client = await RawClient.connect(tracker.port);
  const [protocol, target] = address.includes(':') ? ['TCP6', '2001:db8::9'] : ['TCP4', '192.0.2.9'];
  await client.send(`PROXY ${protocol} ${address} ${target} 4711 443\r\n`);
  return client;
}

/** Announces on a new connection. @returns whether it was answered */
async function announcesFrom(tracker: TestTracker, address: string): Promise<boolean> {
  await using client = await connectFrom(tracker, address);
  await client.send(announceRequest(1));
  const answer = await client.answer().catch(() => undefined);
  return answer?.body.includes('8:complete') === true;
}

/** Waits until the tracker has that number of connections. */
async function untilConnected(tracker: TestTracker, count: number): Promise<void> {
  await pollUntil(
    `${count} are connected`,
    async () => (await tracker.tracker.stats()).connections === count || undefined,
  );
}

describe('a greedy client', () => {
  test('with all addresses of a /48 keeps no other client out, however many connections it opens', async () => {
    await using tracker = await start({ connections: 20, connectionsPerAddress: 1000 });
    const greedy: RawClient[] = [];
    for (let subnet = 0; subnet < 30; subnet += 1) {
      greedy.push(await connectFrom(tracker, `2001:db8:1:${subnet}::1`));
      // Every second connection has made a request; the others have sent nothing.
      if (subnet % 2 === 0) await greedy.at(-1)!.send(announceRequest(subnet + 1));
    }
    await untilConnected(tracker, 20);
    for (let innocent = 0; innocent < 21; innocent += 1) {
      expect(await announcesFrom(tracker, `192.0.${innocent}.1`)).toBe(true);
    }
    await Promise.all(greedy.map((client) => client[Symbol.asyncDispose]()));
  });

  test('does not take an idle connection from another client by opening many', async () => {
    await using tracker = await start({ connections: 10 });
    await using innocent = await connectFrom(tracker, '192.0.2.1');
    await innocent.send(announceRequest(1));
    await innocent.answer();
    const greedy = await Promise.all(
      Array.from({ length: 40 }, (_, at) => connectFrom(tracker, `2001:db8:1:${at}::1`)),
    );
    await untilConnected(tracker, 10);
    await innocent.send(announceRequest(1));
    expect((await innocent.answer()).body).toContain('8:complete');
    await Promise.all(greedy.map((client) => client[Symbol.asyncDispose]()));
  });

  test('opens no more connections a second than it may make requests, and others open theirs', async () => {
    await using tracker = await start({ requestsPerSecond: 1, requestBurst: 3 });
    const opened: boolean[] = [];
    for (let count = 0; count < 5; count += 1) opened.push(await announcesFrom(tracker, '192.0.2.1'));
    expect(opened).toEqual([true, true, true, false, false]);
    expect(await announcesFrom(tracker, '192.0.2.2')).toBe(true);
    expect((await tracker.tracker.stats()).refusals.connection_rate).toBe(2);
    tracker.clock.advance(1000);
    expect(await announcesFrom(tracker, '192.0.2.1')).toBe(true);
  });

  test('that goes on asking when it is refused gets no more responses', async () => {
    await using tracker = await start({ requestsPerSecond: 1, requestBurst: 4 });
    await using client = await connectFrom(tracker, '192.0.2.1');
    await client.send(announceRequest(1).repeat(12));
    const answers = [];
    for (let count = 0; count < 8; count += 1)
      answers.push((await client.answer()).body.includes('Too many'));
    expect(answers).toEqual([false, false, false, false, true, true, true, true]);
    expect(await client.closed()).toBe('');
    expect((await tracker.tracker.stats()).refusals.unpriced_per_address).toBe(1);
  });

  test('is told when it asks too much of the web API, and cut when it goes on', async () => {
    await using tracker = await start({ requestsPerSecond: 1, requestBurst: 3 });
    await using client = await connectFrom(tracker, '192.0.2.1');
    await client.send('GET /api/v1/seeders HTTP/1.1\r\nHost: t\r\n\r\n'.repeat(10));
    const statuses: number[] = [];
    for (let count = 0; count < 7; count += 1) statuses.push((await client.answer()).status);
    expect(statuses).toEqual([200, 200, 200, 429, 429, 429, 429]);
    expect(await client.closed()).toBe('');
  });

  test('has a limit for requests that cost nothing, too', async () => {
    await using tracker = await start({ requestsPerSecond: 1, requestBurst: 5 });
    await using client = await connectFrom(tracker, '192.0.2.1');
    await client.send(
      (HEALTH.replace('/healthz', '/healthz?again') + HEALTH.replace('/healthz', '/%68ealthz')).repeat(4),
    );
    // The last of these is the one that is too much.
    for (let count = 0; count < 6; count += 1) expect((await client.answer()).status).toBe(200);
    expect(await client.closed()).toBe('');
    await using other = await connectFrom(tracker, '192.0.2.2');
    await other.send(HEALTH);
    expect((await other.answer()).status).toBe(200);
  });
});
