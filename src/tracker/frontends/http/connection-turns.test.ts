import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { ConnectionTurns } from './connection-turns.ts';

test('ConnectionTurns does a few pieces of work in a turn, in their order, and queues repeated work at the end', async () => {
  const done: string[] = [];
  const turns = new ConnectionTurns(2, (error) => expect.fail(error.message));
  const greedy = (left: number): void => {
    done.push('greedy');
    if (left > 1) turns.later(() => greedy(left - 1));
  };
  turns.later(() => greedy(3));
  for (const name of ['a', 'b', 'c']) turns.later(() => done.push(name));
  expect(done).toEqual([]);
  await setImmediate();
  expect(done).toEqual(['greedy', 'a']);
  await setImmediate();
  expect(done).toEqual(['greedy', 'a', 'b', 'c']);
  await setImmediate();
  await setImmediate();
  expect(done).toEqual(['greedy', 'a', 'b', 'c', 'greedy', 'greedy']);
});

test('ConnectionTurns goes on with the work of others when one piece fails', async () => {
  const done: string[] = [];
  const turns = new ConnectionTurns(8, (error) => done.push(error.message));
  turns.later(() => {
    throw new Error('failed');
  });
  turns.later(() => done.push('next'));
  await setImmediate();
  expect(done).toEqual(['failed', 'next']);
});

test('soon() does as much at once as a turn may have, and the rest in its order', async () => {
  const done: number[] = [];
  const turns = new ConnectionTurns(2, (error) => expect.fail(error.message));
  const add = (number: number): void => turns.soon(() => done.push(number));
  for (const number of [1, 2, 3, 4, 5]) add(number);
  expect(done).toEqual([1, 2]);
  await setImmediate();
  expect(done).toEqual([1, 2, 3, 4]);
  add(6);
  expect(done).toEqual([1, 2, 3, 4]);
  await setImmediate();
  await setImmediate();
  expect(done).toEqual([1, 2, 3, 4, 5, 6]);
  add(7);
  expect(done).toEqual([1, 2, 3, 4, 5, 6, 7]);
});
