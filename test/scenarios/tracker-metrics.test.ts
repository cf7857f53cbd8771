import { describe, expect, test } from 'vitest';
import { RawClient } from '../support/tracker/raw-client.ts';
import { announceQuery, TestTracker } from '../support/tracker/test-tracker.ts';
import { UdpClient } from '../support/tracker/udp-client.ts';

async function metricsOf(tracker: TestTracker): Promise<Map<string, number>> {
  const response = await tracker.fetch('/metrics');
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  const lines = (await response.text()).split('\n').filter((line) => /^\w/.test(line));
  return new Map(lines.map((line) => [line.replace(/ \S+$/, ''), Number(line.split(' ').at(-1))]));
}

describe('GET /api/v1/stats', () => {
  test('counts the requests over HTTP, and what became of them', async () => {
    await using tracker = await TestTracker.start();
    await tracker.fetch(`/announce?${announceQuery(1)}`);
    await tracker.fetch('/announce?port=1');
    await tracker.fetch('/scrape');
    await using client = await RawClient.connect(tracker.port);
    await client.send('GET /announce? HTTP/1.1\r\nBad Header\r\n\r\n');
    await client.closed();
    const { transports, peers, swarms } = await tracker.fetchStats();
    expect(transports.http).toMatchObject({ announces: 2, scrapes: 1, malformed: 3, refused: 0, failed: 0 });
    expect({ peers, swarms }).toEqual({ peers: 1, swarms: 1 });
    expect(await tracker.tracker.stats()).toMatchObject({ transports, peers, swarms });
  });

  test('counts the packets over UDP, and what became of them', async () => {
    await using tracker = await TestTracker.start();
    await using client = await UdpClient.connect(tracker.tracker.address);
    client.send(Buffer.alloc(3));
    await client.announce(1);
    // A scrape with a connection id that is none.
    expect(await client.ask(Buffer.alloc(36).fill(2, 11, 12))).toMatchObject({ action: 'error' });
    const { transports } = await tracker.fetchStats();
    expect(transports.udp).toMatchObject({ connects: 1, announces: 1, scrapes: 0, stale: 1, ignored: 1 });
  });

  test('counts the connections that gave way to others', async () => {
    await using tracker = await TestTracker.start({ limits: { connections: 1 }, webPort: 0 });
    const webPort = tracker.tracker.webAddress!.port;
    await using first = await RawClient.connect(tracker.port);
    await first.send(`GET /announce?${announceQuery(1)} HTTP/1.1\r\nHost: t\r\n\r\n`);
    await first.answer();
    await using second = await RawClient.connect(tracker.port);
    await first.closed();
    await second.send(`GET /announce?${announceQuery(1)} HTTP/1.1\r\nHost: t\r\n\r\n`);
    await second.answer();
    const stats = await tracker.fetchStats(webPort);
    expect([stats.connections, stats.refusals.connections]).toEqual([2, 1]);
  });
});

describe('GET /metrics', () => {
  test('tells the same figures as the web API, and figures of the process', async () => {
    await using tracker = await TestTracker.start();
    for (let request = 0; request < 32; request += 1) await tracker.fetch(`/announce?${announceQuery(1)}`);
    const metrics = await metricsOf(tracker);
    expect(metrics.get('shoal_tracker_announces_total{transport="http"}')).toBe(32);
    expect(metrics.get('shoal_tracker_announces_total{transport="udp"}')).toBe(0);
    expect(metrics.get('shoal_tracker_peers')).toBe(1);
    expect(metrics.get('shoal_tracker_refusals_total{reason="connections"}')).toBe(0);
    expect(metrics.get('shoal_tracker_request_duration_seconds_count{transport="http"}')).toBe(2);
    expect(metrics.get('shoal_tracker_request_duration_seconds_bucket{le="+Inf",transport="http"}')).toBe(2);
    expect(metrics.get('nodejs_eventloop_lag_p99_seconds')).toBeGreaterThanOrEqual(0);
    // Counters are told as they are, not added to.
    expect((await metricsOf(tracker)).get('shoal_tracker_announces_total{transport="http"}')).toBe(32);
  });

  test('is not there when metrics are off', async () => {
    await using tracker = await TestTracker.start({ metrics: false });
    expect((await tracker.fetch('/metrics')).status).toBe(404);
    expect((await tracker.fetch('/api/v1/stats')).status).toBe(200);
  });
});
