import { describe, expect, test } from 'vitest';
import { count, countTo, wholeSeconds, zones } from './setting-kinds.ts';

test('count.read() reads whole numbers from 1, and refuses other texts', () => {
  expect(['1', '200', '999999999999'].map(count.read)).toEqual([1, 200, 999_999_999_999]);
  for (const text of ['', '0', '-1', '1.5', '1e3', '01', '1000000000000']) {
    expect(count.read(text), text).toBeUndefined();
  }
});

test('countTo().read() refuses a number above the greatest', () => {
  expect(['200', '201'].map(countTo(200).read)).toEqual([200, undefined]);
});

test('wholeSeconds.read() reads whole seconds from a second to a day', () => {
  expect(['1s', '1.5m', '24h', '2000ms'].map(wholeSeconds.read)).toEqual([1, 90, 86_400, 2]);
  expect(['500ms', '1.5s', '25h', '0s', '30'].map(wholeSeconds.read)).toEqual(Array(5).fill(undefined));
});

describe('zones.read()', () => {
  test('zones.read() reads lists of ranges', () => {
    expect(zones.read('10.1.0.0/16, 2001:DB8:1::/48 ; 10.2.0.1')).toEqual([
      ['10.1.0.0/16', '2001:DB8:1::/48'],
      ['10.2.0.1'],
    ]);
    expect(zones.read('subnet')).toEqual([]);
  });

  test.each(['', ';', '10.1.0.0/33', '10.1.0.0/16;', 'subnet; 10.1.0.0/16', 'a/b', '10.1.0.0/'])(
    'zones.read() refuses %j',
    (text) => {
      expect(zones.read(text)).toBeUndefined();
    },
  );
});
