import { expect, test } from 'vitest';
import { FakeClock } from '../../test/support/index.ts';
import { Bitfield } from '../util/index.ts';
import { NEWS_INTERVAL_MS, type NewsTaker, PieceNews } from './piece-news.ts';

/** Makes a peer that notes which pieces it is told of together. */
function takerOf(told: number[][], has: readonly number[] = []): NewsTaker {
  const pieces = new Bitfield(10);
  for (const index of has) pieces.add(index);
  let batch: number[] = [];
  return {
    pieces,
    session: { have: (index) => batch.push(index) },
    output: {
      together: (work) => {
        batch = [];
        work();
        told.push(batch);
      },
    },
  };
}

test('PieceNews tells of a piece that comes alone at once, and of those that follow together', () => {
  const clock = new FakeClock();
  const [first, second]: number[][][] = [[], []];
  const peers = [takerOf(first!), takerOf(second!, [3])];
  const news = new PieceNews({ clock, peers: () => peers });
  news.add(1);
  expect(first).toEqual([[1]]);
  for (const index of [2, 3, 4]) news.add(index);
  clock.advance(NEWS_INTERVAL_MS - 1);
  expect(first).toEqual([[1]]);
  clock.advance(1);
  expect(first).toEqual([[1], [2, 3, 4]]);
  expect(second).toEqual([[1], [2, 4]]);
  clock.advance(NEWS_INTERVAL_MS);
  news.add(5);
  expect(first).toEqual([[1], [2, 3, 4], [5]]);
});

test('flush() of PieceNews tells of all that wait, and close() of nothing more', () => {
  const clock = new FakeClock();
  const told: number[][] = [];
  const peer = takerOf(told);
  const news = new PieceNews({ clock, peers: () => [peer] });
  for (const index of [1, 2]) news.add(index);
  news.flush();
  expect(told).toEqual([[1], [2]]);
  news.add(3);
  news.close();
  expect(clock.pendingCount).toBe(0);
  news.flush();
  expect(told).toEqual([[1], [2]]);
});
