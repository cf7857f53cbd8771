import { expect, test } from 'vitest';
import { latin1, seededRandom } from '../../util/index.ts';
import { AbuseLimits } from '../abuse/index.ts';
import { senderAt, TrackerLogic } from '../announce.ts';
import { createCounters } from '../metrics/index.ts';
import { MemorySwarmStore } from '../swarms/memory/index.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { announceQuery } from '../testing/test-tracker.ts';
import { answerTrackerRequest } from './tracker-answers.ts';

test('answerTrackerRequest() tells an address that asks too much when to ask again', () => {
  const clock = new ManualClock();
  const random = seededRandom(1);
  const swarms = new MemorySwarmStore({ peerTtl: 60_000, random });
  const options = {
    logic: new TrackerLogic({ swarms, clock, random, interval: 120 }),
    abuse: new AbuseLimits({ requestsPerSecond: 1, requestBurst: 2, connectionsPerAddress: 0 }),
    counters: createCounters(clock),
    clock,
    report: (error: Error) => expect.fail(error.message),
  };
  const request = { path: '/announce', query: Buffer.from(announceQuery(1)), passkey: undefined } as const;
  const ask = (host: string): string =>
    latin1(answerTrackerRequest(options, request, senderAt(host)!) as Uint8Array);
  expect(ask('192.0.2.1')).toMatch('8:complete');
  expect(ask('192.0.2.1')).toMatch('8:complete');
  expect(ask('192.0.2.1')).toBe(
    'd14:failure reason35:Too many requests from your address8:intervali120e8:retry ini1ee',
  );
  expect(ask('192.0.2.2')).toMatch('8:complete');
  clock.advance(1000);
  expect(ask('192.0.2.1')).toMatch('8:complete');
});
