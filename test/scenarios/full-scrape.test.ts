import { describe, expect, test } from 'vitest';
import { RawClient } from '../support/tracker/raw-client.ts';
import { announceRequest, TestTracker } from '../support/tracker/test-tracker.ts';

const ALL = 'GET /scrape HTTP/1.1\r\nHost: t\r\n\r\n';

describe('GET /scrape without info_hash', () => {
  test('is refused unless `fullScrape` is on', async () => {
    await using tracker = await TestTracker.start();
    expect(await (await tracker.fetch('/scrape')).text()).toContain('A scrape needs info_hash');
  });

  test('is answered with all swarms, between announces on one connection', async () => {
    await using tracker = await TestTracker.start({ fullScrape: true, webPort: 0 });
    await using client = await RawClient.connect(tracker.port);
    await client.send(announceRequest(1) + ALL + announceRequest(2));
    expect((await client.answer()).body).toContain('8:completei1e');
    expect((await client.answer()).body).toMatch(/^d5:filesd20:\xaa{20}d8:completei1e/);
    expect((await client.answer()).body).toContain('8:completei2e');
    await client.send(ALL.replace('GET', 'HEAD') + announceRequest(3));
    expect(Number((await client.answer(false)).headers.get('content-length'))).toBeGreaterThan(90);
    expect((await client.answer()).body).toContain('8:completei3e');
    const { port } = tracker.tracker.webAddress!;
    expect(await (await tracker.fetch('/scrape?x=1', {}, port)).text()).toContain('d5:filesd20:');
    expect(await (await tracker.fetch('/scrape?info_hash=a')).text()).toContain('found 1');
  });

  test('takes from the budget of its address as many requests do', async () => {
    const limits = { requestsPerSecond: 10, requestBurst: 150 };
    await using tracker = await TestTracker.start({
      fullScrape: true,
      trustedProxies: ['127.0.0.1'],
      limits,
    });
    const ask = async () =>
      (await tracker.fetch('/scrape', { headers: { 'x-forwarded-for': '192.0.2.1' } })).text();
    expect(await ask()).toBe('d5:filesdee');
    expect(await ask()).toContain('Too many requests');
    tracker.clock.advance(10_000);
    expect(await ask()).toBe('d5:filesdee');
  });
});
