import { expect, test } from 'vitest';
import { FakeClock } from '../../../test/support/index.ts';
import { seededRandom } from '../../util/index.ts';
import { StoreUnavailableError } from '../errors/index.ts';
import { Access } from '../guard/access/index.ts';
import { AddressLimits } from '../guard/rate-limit/index.ts';
import { MemoryCatalog } from '../registry/catalog/memory/index.ts';
import { MemorySwarmStore } from '../swarms/memory/index.ts';
import { loadExposition, StatsCollector } from './index.ts';
import { createCounters } from './transport-counters.ts';

test('collect() tells the other figures while the store is away, and text() is made once for all who ask at once', async () => {
  const clock = new FakeClock();
  const report = (error: Error): never => expect.fail(error.message);
  const swarms = new MemorySwarmStore({ peerTtl: 1000, random: seededRandom(1) });
  const rights = { isPrivate: false, isRegistrationOpen: true, wallTime: () => 0, report };
  const counters = createCounters(clock);
  counters.webProblems[503] = 2;
  let isAway = true;
  let asked = 0;
  const collector = new StatsCollector({
    swarms: Object.assign(swarms, {
      stats: () => {
        asked += 1;
        return isAway
          ? Promise.reject(new StoreUnavailableError('STORE_AWAY', 'It is away'))
          : { swarms: 1, peers: 2 };
      },
    }),
    catalog: new MemoryCatalog(),
    rateLimits: new AddressLimits({ requestsPerSecond: 0, requestBurst: 1, connectionsPerAddress: 0 }),
    access: await Access.open(rights),
    counters,
    clock,
    toWallTime: (at) => at,
    report,
  });
  expect(await collector.collect()).toMatchObject({ isStoreUp: false, peers: null, webProblems: { 503: 2 } });
  expect(await collector.known()).toBeUndefined();
  const exposition = await loadExposition(collector);
  const whileAway = await exposition.text();
  expect(whileAway).toMatch(/^shoal_tracker_store_up 0$/m);
  expect(whileAway).toMatch(/^shoal_tracker_peers nan$/im);
  expect(whileAway).toMatch(/^shoal_tracker_web_problems_total\{status="503"\} 2$/m);
  isAway = false;
  expect(await exposition.text()).toMatch(/^shoal_tracker_peers 2$/m);
  asked = 0;
  const texts = await Promise.all(Array.from({ length: 50 }, () => exposition.text()));
  expect(new Set(texts).size).toBe(1);
  expect(asked).toBe(1);
});
