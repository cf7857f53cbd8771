import fc from 'fast-check';
import { expect, test } from 'vitest';
import { columnsOf, shorten } from './shorten.ts';

test('shorten() leaves a name that fits as it is', () => {
  expect(shorten('a.iso', 5)).toBe('a.iso');
});

test('shorten() leaves out the middle, and keeps the start and the extension', () => {
  const name = 'debian-testing-amd64-DVD-1-with-everything.tar.gz';
  expect(shorten(name, 24)).toBe('debian-testi…hing.tar.gz');
  expect(shorten(name, 12)).toBe('debi….tar.gz');
  expect(shorten(name, 1)).toBe('…');
  expect(shorten(name, 0)).toBe('');
});

test('columnsOf() counts wide characters twice, and a letter with its accents once', () => {
  expect(columnsOf('孫子.txt')).toBe(8);
  expect(columnsOf('e\u0301')).toBe(1);
});

test('shorten() never takes more columns than it is given', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.nat(60), (name, columns) => {
      expect(columnsOf(shorten(name, columns))).toBeLessThanOrEqual(columns);
    }),
  );
});
