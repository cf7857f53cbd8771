import { expect, test } from 'vitest';
import { Allowance, MAX_BUSY_SECONDS } from './allowance.ts';
import {
  MAX_ADDRESS_WORK_PER_SECOND,
  MAX_WORK_PER_SECOND,
  MIN_WORK_PER_SECOND,
  WorkBudget,
  WorkBudgets,
} from './work-budget.ts';

test('isUsedUp() is true after more than ten seconds of work at once, until some is earned again', () => {
  const budget = new WorkBudget(100);
  budget.spend(1000, 5000);
  expect(budget.isUsedUp(5000)).toBe(false);
  budget.spend(1, 5000);
  expect(budget.isUsedUp(5000)).toBe(true);
  expect(budget.isUsedUp(5010)).toBe(false);
  expect(budget.isFull(15_000)).toBe(false);
  expect(budget.isFull(15_020)).toBe(true);
});

test('spend() gives back the units that were spent, and no more', () => {
  const budget = new WorkBudget(100);
  budget.spend(50, 0);
  budget.spend(-1000, 0);
  budget.spend(1001, 0);
  expect(budget.isUsedUp(0)).toBe(true);
});

test('join() returns the same budget to an address until all that it spent is earned again', () => {
  const budgets = new WorkBudgets();
  const first = budgets.join('192.0.2.1');
  first.spend(10 * MAX_ADDRESS_WORK_PER_SECOND + 1, 0);
  budgets.leave('192.0.2.1');
  budgets.tick(1000);
  expect(budgets.join('192.0.2.1')).toBe(first);
  budgets.tick(60_000);
  expect(budgets.join('192.0.2.1')).toBe(first);
  budgets.leave('192.0.2.1');
  budgets.leave('192.0.2.1');
  budgets.tick(60_000);
  expect(budgets.join('192.0.2.1')).not.toBe(first);
});

test('WorkBudgets.spend() counts the work of an address without peers', () => {
  const budgets = new WorkBudgets();
  expect(budgets.isUsedUp('192.0.2.1', 0)).toBe(false);
  budgets.spend('192.0.2.1', 11 * MAX_ADDRESS_WORK_PER_SECOND, 0);
  expect(budgets.isUsedUp('192.0.2.1', 0)).toBe(true);
  expect(budgets.isUsedUp('192.0.2.2', 0)).toBe(false);
  expect(budgets.join('192.0.2.1').isUsedUp(500)).toBe(true);
});

test('Allowance is used up for a peer that made too much work, and for all of its address but those that made little', () => {
  const shared = new WorkBudget(MAX_ADDRESS_WORK_PER_SECOND);
  const peers = Array.from({ length: 21 }, () => new Allowance(shared));
  const [pest, honest] = peers as [Allowance, Allowance];
  pest.count(10 * MAX_WORK_PER_SECOND + 1, 0);
  honest.count(10 * MIN_WORK_PER_SECOND, 0);
  expect(peers.map((peer) => peer.isUsedUp(0))).toEqual([true, ...new Array(20).fill(false)]);
  for (const peer of peers.slice(2)) peer.count(10 * MAX_WORK_PER_SECOND, 0);
  expect(peers.map((peer) => peer.isUsedUp(0))).toEqual([true, false, ...new Array(19).fill(true)]);
  honest.count(10 * MIN_WORK_PER_SECOND + 1, 0);
  expect(honest.isUsedUp(0)).toBe(true);
  expect(honest.isUsedUp(1000)).toBe(false);
});

test('Allowance.tick() finds a peer a burden that has made too much work for a minute and moved no block', () => {
  const run = (movedBytes: (second: number) => number): number => {
    const allowance = new Allowance(new WorkBudget(1e9));
    let total = 0;
    for (let second = 1; second < 1000; second += 1) {
      total += second === 1 ? 11 * MAX_WORK_PER_SECOND : MAX_WORK_PER_SECOND;
      allowance.count(total, second * 1000);
      if (allowance.tick(movedBytes(second))) return second;
    }
    return Number.POSITIVE_INFINITY;
  };
  expect(run(() => 5)).toBe(MAX_BUSY_SECONDS + 2);
  expect(run((second) => second * 16_384)).toBe(Number.POSITIVE_INFINITY);
});
