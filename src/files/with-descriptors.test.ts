import { expect, test } from 'vitest';
import { FakeClock } from '../../test/support/index.ts';
import { DESCRIPTOR_RETRY_MS, MAX_DESCRIPTOR_TRIES } from '../util/index.ts';
import { withDescriptors } from './with-descriptors.ts';

const failing = (code: string) => Object.assign(new Error(code), { code });

const ALL_TRIES_MS = MAX_DESCRIPTOR_TRIES * DESCRIPTOR_RETRY_MS;

test('withDescriptors() tries again for ten seconds while no descriptor is free, but not after other errors', async () => {
  let calls = 0;
  const open = async (failures: number, code = 'EMFILE') => {
    calls = 0;
    const clock = new FakeClock();
    const opening = withDescriptors(clock, async () => {
      calls += 1;
      if (calls <= failures) throw failing(code);
      return calls;
    });
    const [result] = await Promise.all([opening, clock.pass(ALL_TRIES_MS)]);
    return result;
  };
  expect(await open(0)).toBe(1);
  expect(await open(30)).toBe(31);
  await expect(open(1_000_000)).rejects.toMatchObject({ code: 'EMFILE' });
  expect(calls).toBe(MAX_DESCRIPTOR_TRIES);
  await expect(open(1, 'ENOENT')).rejects.toMatchObject({ code: 'ENOENT' });
  expect(calls).toBe(1);
});
