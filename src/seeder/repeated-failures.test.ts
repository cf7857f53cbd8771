import { expect, test } from 'vitest';
import { SimClock } from '../../test/sim/sim-clock.ts';
import { RepeatedFailures } from './repeated-failures.ts';

test('RepeatedFailures tells the same failure once an hour, another one at once, and all anew when it is over', async () => {
  const clock = new SimClock();
  const told: string[] = [];
  const failures = new RepeatedFailures({ clock, report: (error) => told.push(error.message) });
  for (const message of ['down', 'down', 'refused', 'down', 'refused'])
    failures.tell(new Error(message), 'try');
  expect(told).toEqual(['down', 'refused']);
  await clock.advance(3_600_000);
  failures.tell(new Error('down'), 'try');
  failures.tell(new Error('down'), 'try');
  expect(told).toEqual(['down', 'refused', 'down']);
  failures.clear();
  failures.tell(new Error('down'), 'try');
  expect(told).toEqual(['down', 'refused', 'down', 'down']);
});
