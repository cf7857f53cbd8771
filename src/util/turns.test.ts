import { expect, test } from 'vitest';
import { Turns } from './turns.ts';

/** Waits for the end of this round of the event loop. */
const round = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('Turns.next() gives one turn in each round of the event loop, in the order of the calls', async () => {
  const turns = new Turns();
  const begun: string[] = [];
  for (const name of ['a', 'b', 'c']) void turns.next().then(() => begun.push(name));
  expect(begun).toEqual([]);
  for (const expected of [['a'], ['a', 'b'], ['a', 'b', 'c']]) {
    await round();
    expect(begun).toEqual(expected);
  }
  void turns.next().then(() => begun.push('d'));
  await round();
  expect(begun.at(-1)).toBe('d');
});

test('Turns.next() gives every client a turn before any client has a second one', async () => {
  const turns = new Turns();
  const begun: string[] = [];
  for (const whom of ['a', 'a', 'a', 'b', 'b', 'c']) void turns.next(whom).then(() => begun.push(whom));
  for (let rounds = 0; rounds < 6; rounds += 1) await round();
  expect(begun.join('')).toBe('abcaba');
});

test('Turns.forEach() handles a limited number of items in each turn', async () => {
  const turns = new Turns();
  const done: number[] = [];
  const all = turns.forEach([1, 2, 3, 4, 5], 2, (number) => done.push(number));
  expect(done).toEqual([1, 2]);
  await round();
  expect(done).toEqual([1, 2, 3, 4]);
  await all;
  expect(done).toEqual([1, 2, 3, 4, 5]);
});
