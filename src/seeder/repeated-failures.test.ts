import { expect, test } from 'vitest';
import { FakeClock } from '../../test/support/index.ts';
import { RepeatedFailures } from './repeated-failures.ts';

test('RepeatedFailures reports a failure once an hour, another one at once, and any one after clear()', async () => {
  const clock = new FakeClock();
  const told: string[] = [];
  const failures = new RepeatedFailures({ clock, report: (error) => told.push(error.message) });
  for (const message of ['down', 'down', 'refused', 'down', 'refused'])
    failures.tell(new Error(message), 'try');
  expect(told).toEqual(['down', 'refused']);
  await clock.pass(3_600_000);
  failures.tell(new Error('down'), 'try');
  failures.tell(new Error('down'), 'try');
  expect(told).toEqual(['down', 'refused', 'down']);
  failures.clear();
  failures.tell(new Error('down'), 'try');
  expect(told).toEqual(['down', 'refused', 'down', 'down']);
});
