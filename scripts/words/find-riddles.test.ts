import { describe, expect, test } from 'vitest';
import { findCommentRiddles, findRiddles } from './find-riddles.ts';

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

describe('findCommentRiddles()', () => {
  test.each([
    ['/** How many pieces there are. */\nreadonly length: number;', 'How m'],
    ['/**\n * Whom to upload to.\n *\n * At most 4.\n */\nclass Choker {', 'Whom t'],
    ['/** Whether it is full. */\nisFull(): boolean {', 'Whether it is full. */ isFull('],
    ['/**\n * The port; absent:\n * any.\n */\nreadonly port?: number;', 'absent:'],
    ['/** The bytes, 15 unless given. */\nreadonly bytes?: number;', 'unless given'],
    ['/** Finds one. @returns nothing when there is none */\nfunction find() {', '@returns nothing'],
  ])('finds the riddle of %j', (text, found) => {
    expect(findCommentRiddles(`\n${text}`)).toMatchObject([{ line: 2, found }]);
  });

  test.each([
    '/** Tells whether it is full. */\nisFull(): boolean {',
    '/** Whether it is full. */\nreadonly isFull: boolean;',
    '/** Whether it is full. */\nget isFull(): boolean {',
    '// How many pieces there are, the line below counts.\nconst text = 1;',
  ])('lets %j pass', (text) => {
    expect(findCommentRiddles(text)).toEqual([]);
  });
});
