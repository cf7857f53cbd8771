import { expect, test } from 'vitest';
import { pageOf } from './page.ts';

test('pageOf() looks no further than is needed to know whether there is another page', () => {
  let looked = 0;
  const sources = (function* () {
    for (; looked < 100; looked += 1) yield looked + 1;
  })();
  const number = (source: number): number => source;
  expect(pageOf(sources, number, String, { after: '3', limit: 2 }, 9)).toEqual({
    items: ['4', '5'],
    total: 9,
    next: '5',
  });
  expect(looked).toBe(5);
});
