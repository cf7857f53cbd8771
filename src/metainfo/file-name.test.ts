import { describe, expect, test } from 'vitest';
import { MetainfoError, type MetainfoErrorCode } from './errors.ts';
import { checkFileName, checkPaths } from './file-name.ts';

function codeOf(work: () => void): MetainfoErrorCode | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof MetainfoError) return error.code;
    throw error;
  }
}

describe('checkFileName()', () => {
  test.each([
    '',
    '.',
    '..',
    '/',
    '/etc',
    'a/b',
    '../a',
    'a\\b',
    '\\\\host',
    'C:',
    'C:a',
    'a\0b',
    'a\nb',
    '\x1b[31m',
    'a\x7f',
    '\u0085',
    'name.',
    'name ',
    '...',
    'CON',
    'con',
    'NUL',
    'nul.txt',
    'COM1',
    'com1.tar.gz',
    'LPT9',
    'COM²',
    'aux',
    'PRN',
    'CONOUT$',
    'x'.repeat(256),
    'ü'.repeat(128),
  ])('checkFileName() refuses %j', (name) => {
    expect(codeOf(() => checkFileName(name))).toBe('BAD_NAME');
  });

  test.each([
    'a',
    '.hidden',
    '..a',
    'a..b',
    'console',
    'nullable',
    'COM',
    'COM10',
    'Title: part',
    'x'.repeat(255),
    'ü'.repeat(127),
    '名前',
    '🐟',
    'a b',
    "it's",
    '$HOME',
    '-rf',
    '*?',
  ])('checkFileName() takes %j', (name) => {
    expect(codeOf(() => checkFileName(name))).toBeUndefined();
  });
});

describe('checkPaths()', () => {
  test.each<[string, string[][]]>([
    [
      'two equal paths',
      [
        ['a', 'b'],
        ['a', 'b'],
      ],
    ],
    ['paths that differ in case', [['Readme'], ['README']]],
    ['paths that differ in normalization', [['\u00e9'], ['e\u0301']]],
    ['a file that is also a folder', [['a'], ['a', 'b']]],
    [
      'a folder that is also a file, in another case',
      [
        ['a', 'b', 'c'],
        ['A', 'B'],
      ],
    ],
  ])('checkPaths() refuses %s', (_, paths) => {
    expect(codeOf(() => checkPaths(paths))).toBe('DUPLICATE_PATH');
  });

  test('checkPaths() refuses a bad name anywhere, a path without a name, and one that is too deep', () => {
    expect(codeOf(() => checkPaths([['a', '..', 'b']]))).toBe('BAD_NAME');
    expect(codeOf(() => checkPaths([[]]))).toBe('BAD_NAME');
    expect(codeOf(() => checkPaths([Array.from({ length: 51 }, () => 'a')]))).toBe('TOO_LARGE');
    expect(codeOf(() => checkPaths([Array.from({ length: 50 }, () => 'a')]))).toBeUndefined();
  });

  test('checkPaths() takes equal names in different folders', () => {
    expect(codeOf(() => checkPaths([['a', 'x'], ['b', 'x'], ['x']]))).toBeUndefined();
  });
});
