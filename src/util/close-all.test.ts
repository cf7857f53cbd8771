import { expect, test } from 'vitest';
import { guardCallback, handleOrReport, inBackground } from './background.ts';
import { closeAll } from './close-all.ts';

test('closeAll() closes the other things after a failure, and reports all errors', async () => {
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

test('handleOrReport() reports the error that its function throws', () => {
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

test('closeAll() goes on after a thing that does not close within the limit', async () => {
  let fire = () => {};
  const clock = {
    now: () => 0,
    setTimer: (_delayMs: number, onTime: () => void) => {
      fire = onTime;
      return () => {};
    },
  };
  const closed: string[] = [];
  const closers = [
    { name: 'a', close: () => new Promise<void>(() => {}) },
    { name: 'b', close: () => void closed.push('b') },
  ];
  const closing = closeAll(closers, { limitMs: 10_000, clock });
  fire();
  await expect(closing).rejects.toThrow('Could not close a: it did not end within 10 s');
  expect(closed).toEqual(['b']);
});

test('guardCallback() reports an error or rejection of a callback, and does not throw it', async () => {
  const thrown: string[] = [];
  const onThrown = ({ message, code }: { message: string; code: string }) =>
    thrown.push(`${code} ${message}`);
  const fail = () => {
    throw new Error('boom');
  };
  guardCallback('onNews', fail, onThrown)();
  guardCallback('onNews', (): unknown => Promise.reject(new Error('late')), onThrown)();
  guardCallback('onNews', undefined, onThrown)();
  await Promise.resolve();
  expect(thrown).toEqual([
    'CALLBACK_FAILED The callback onNews threw: boom',
    'CALLBACK_FAILED The callback onNews threw: late',
  ]);
});
