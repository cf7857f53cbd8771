import { expect, test } from 'vitest';
import { handleOrReport, inBackground } from './background.ts';
import { closeAll } from './close-all.ts';

test('closeAll() closes the rest after a failure and loses no error', async () => {
  const closed: string[] = [];
  const failing = (name: string) => ({
    name,
    close: () => {
      throw new Error(`${name} is stuck`);
    },
  });
  const fine = (name: string) => ({ name, close: async () => void closed.push(name) });
  const closing = closeAll([failing('a'), fine('b'), failing('c'), fine('d')]);
  await expect(closing).rejects.toMatchObject({
    errors: [{ message: 'Could not close a: a is stuck' }, { message: 'Could not close c: c is stuck' }],
  });
  expect(closed).toEqual(['b', 'd']);
});

test('inBackground() reports a rejection with its context', async () => {
  const reported = new Promise((resolve) => {
    inBackground(Promise.reject(new Error('no route')), 'announce', (error, context) =>
      resolve([error.message, context]),
    );
  });
  expect(await reported).toEqual(['no route', 'announce']);
});

test('handleOrReport() reports what was thrown', () => {
  const reports: string[] = [];
  const result = handleOrReport(
    () => {
      JSON.parse('{');
    },
    'parse',
    (error, context) => reports.push(`${context}: ${error.message}`),
  );
  expect(result).toBeUndefined();
  expect(reports).toHaveLength(1);
  expect(reports[0]).toMatch(/^parse: /);
});
