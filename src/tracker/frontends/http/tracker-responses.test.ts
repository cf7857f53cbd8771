import { expect, test } from 'vitest';
import { FakeClock } from '../../../../test/support/index.ts';
import { announceQuery } from '../../../../test/support/tracker/test-tracker.ts';
import { latin1, seededRandom } from '../../../util/index.ts';
import { AnnounceLogic, clientAddressOf } from '../../core/index.ts';
import { AddressLimits } from '../../guard/rate-limit/index.ts';
import { createCounters } from '../../metrics/index.ts';
import { MemorySwarmStore } from '../../swarms/memory/index.ts';
import { answerTrackerRequest } from './tracker-responses.ts';

function optionsOf(requestBurst: number) {
  const clock = new FakeClock();
  const random = seededRandom(1);
  const swarms = new MemorySwarmStore({ peerTtl: 60_000, random });
  return {
    logic: new AnnounceLogic({ swarms, clock, random, interval: 120 }),
    rateLimits: new AddressLimits({ requestsPerSecond: 1, requestBurst, connectionsPerAddress: 0 }),
    counters: createCounters(clock),
    clock,
    report: (error: Error) => expect.fail(error.message),
  };
}

test('answerTrackerRequest() tells an address with too many requests when to try again', () => {
  const options = optionsOf(2);
  const request = { path: '/announce', query: Buffer.from(announceQuery(1)), passkey: undefined } as const;
  const ask = (host: string): string =>
    latin1(answerTrackerRequest(options, request, clientAddressOf(host)!) as Uint8Array);
  expect(ask('192.0.2.1')).toMatch('8:complete');
  expect(ask('192.0.2.1')).toMatch('8:complete');
  expect(ask('192.0.2.1')).toBe(
    'd14:failure reason35:Too many requests from your address8:intervali120e8:retry ini1ee',
  );
  expect(ask('192.0.2.2')).toMatch('8:complete');
  options.clock.advance(1000);
  expect(ask('192.0.2.1')).toMatch('8:complete');
});

test('answerTrackerRequest() counts a scrape of many info-hashes as several requests', () => {
  const options = optionsOf(20);
  const hashes = Array.from({ length: 100 }, (_, at) => `info_hash=${String(at).padStart(20, '-')}`);
  const request = { path: '/scrape', query: Buffer.from(hashes.join('&')), passkey: undefined } as const;
  const ask = (): string =>
    latin1(answerTrackerRequest(options, request, clientAddressOf('192.0.2.1')!) as Uint8Array);
  // 7 requests each.
  const answered = Array.from({ length: 4 }, () => ask().startsWith('d5:files'));
  expect(answered).toEqual([true, true, false, false]);
});
