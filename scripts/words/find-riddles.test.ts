import { describe, expect, test } from 'vitest';
import { findRiddles } from './find-riddles.ts';

describe('findRiddles()', () => {
  test.each([
    ['// Whoever asks is told.', 'Whoever'],
    ['The limit goes by the address.', 'goes by the'],
    ['scrapes, likewise', 'likewise'],
    ['/** @see BEP 52, as the next two */', 'as the next two */'],
    ['Of so many records one is logged', 'Of so many'],
    ['/** What the choker needs. */', '/** What t'],
  ])('finds the riddle of %s', (line, found) => {
    expect(findRiddles(`\n${line}`, true)).toMatchObject([{ line: 2, found }]);
  });

  test('lets sentences pass', () => {
    const text = '/** Decides which of the requested pieces to send first. */\nTime goes by quickly.';
    expect(findRiddles(text, true)).toEqual([]);
  });

  test('does not look at the openings of a text without comments', () => {
    expect(findRiddles('/** What the choker needs. */', false)).toEqual([]);
  });
});
