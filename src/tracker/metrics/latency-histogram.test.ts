import { expect, test } from 'vitest';
import { FakeClock } from '../../../test/support/index.ts';
import { LATENCY_CLASSES, LatencyHistogram } from './latency-histogram.ts';

test('add() counts in the class whose end is not exceeded, or behind the last', () => {
  const latency = new LatencyHistogram(new FakeClock());
  for (const seconds of [0, 0.0001, 0.00011, 5, 5.1]) latency.add(seconds);
  expect([...latency.counts]).toEqual([2, 1, ...Array<number>(LATENCY_CLASSES.length - 3).fill(0), 1, 1]);
  expect(latency.sum).toBeCloseTo(10.1, 2);
});

test('start() and end() time one request in 16', () => {
  const clock = new FakeClock();
  const latency = new LatencyHistogram(clock);
  for (let request = 0; request < 32; request += 1) {
    const started = latency.start();
    clock.advance(1);
    latency.end(started);
  }
  expect(latency.counts[LATENCY_CLASSES.indexOf(0.001)]).toBe(2);
  expect(latency.sum).toBeCloseTo(0.002, 9);
});
