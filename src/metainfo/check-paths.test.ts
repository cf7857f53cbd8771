import { describe, expect, test } from 'vitest';
import { checkFileName, checkPaths } from './check-paths.ts';
import { MetainfoError } from './errors.ts';

function errorOf(work: () => void): MetainfoError | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof MetainfoError) return error;
    throw error;
  }
}

const codeOf = (work: () => void) => errorOf(work)?.code;
const filesAt = (paths: string[][]) => ({ files: paths.map((path) => ({ path })) });

describe('checkFileName()', () => {
  test.each(['', '.', '..', '/', '/etc', 'a/b', '../a', 'a\0b', 'a\ud800'])('refuses %j', (name) => {
    expect(codeOf(() => checkFileName(name))).toBe('BAD_NAME');
  });

  test.each([
    'aux.c',
    'a:b.log',
    'dev-disk\\x2dby.mount',
    'Vol. 1.',
    'trail ',
    'a\nb',
    '\x1b[31m',
    '-rf',
    '.hidden',
    '..a',
    'x'.repeat(255),
    '名前',
    '🐟',
  ])('takes %j', (name) => {
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
    ['a file that is also a folder', [['a'], ['a', 'b']]],
    ['a folder of a folder that is also a file', [['a', 'b', 'c'], ['a']]],
  ])('refuses %s', (_, paths) => {
    expect(codeOf(() => checkPaths(filesAt(paths)))).toBe('DUPLICATE_PATH');
  });

  test('says in few words whether two files, or a file and a folder, have one path', () => {
    const name = 'x'.repeat(1000);
    expect(() => checkPaths(filesAt([['a'], ['a']]))).toThrow(
      'Cannot make a torrent: in it, "a" is the path of two files',
    );
    expect(() => checkPaths(filesAt([['a'], ['a', 'b']]))).toThrow(
      'in it, "a" is the path of a file and of a folder',
    );
    expect(() => checkPaths(filesAt([[name], [name]]))).toThrow(/^.{1,300}$/);
  });

  test('refuses a bad name anywhere in a path, an empty path, and a path that is too deep', () => {
    expect(codeOf(() => checkPaths(filesAt([['a', '..', 'b']])))).toBe('BAD_NAME');
    expect(codeOf(() => checkPaths(filesAt([[]])))).toBe('BAD_NAME');
    expect(codeOf(() => checkPaths(filesAt([Array.from({ length: 96 }, () => 'a')])))).toBe('TOO_LARGE');
    expect(codeOf(() => checkPaths(filesAt([Array.from({ length: 95 }, () => 'a')])))).toBeUndefined();
  });

  test('refuses a link or an empty folder with the path of something else, and a path through a link', () => {
    const at = (...path: string[]) => ({ path });
    const messageOf = (entries: Parameters<typeof checkPaths>[0]) =>
      errorOf(() => checkPaths(entries))?.message;
    const files = [at('a', 'b')];
    expect(messageOf({ files, symlinks: [at('a')] })).toContain('"a" is the path of a link and of a folder');
    expect(messageOf({ files, symlinks: [at('a', 'b')] })).toContain(
      '"a/b" is the path of a file and of a link',
    );
    expect(messageOf({ files, symlinks: [at('l'), at('l')] })).toContain('"l" is the path of two links');
    expect(messageOf({ files, emptyFolders: [at('a')] })).toContain(
      'the path of an empty folder and of a folder',
    );
    expect(messageOf({ files, emptyFolders: [at('a', 'b', 'c')] })).toContain('of a file and of a folder');
    expect(messageOf({ files, symlinks: [at('a', 'l')], emptyFolders: [at('c')] })).toBeUndefined();
  });

  test('tells names apart by their very bytes, and refuses halves of surrogate pairs that stand for no byte', () => {
    const stray = { path: ['%B2'], exactPath: ['\udcb2'] };
    expect(codeOf(() => checkPaths({ files: [stray, { path: ['%B2'] }] }))).toBeUndefined();
    expect(codeOf(() => checkPaths({ files: [stray, stray] }))).toBe('DUPLICATE_PATH');
    for (const name of ['\ud800', '\udc00', '\udcc3\udca9', '\udcb2/'])
      expect(codeOf(() => checkPaths({ files: [{ path: ['a'], exactPath: [name] }] }))).toBe('BAD_NAME');
  });

  test.each<[string, string[][]]>([
    ['equal names in different folders', [['a', 'x'], ['b', 'x'], ['x']]],
    ['names that differ in case', [['xt_MARK.h'], ['xt_mark.h']]],
    ['names that differ in normalization', [['\u00e9'], ['e\u0301']]],
  ])('takes %s', (_, paths) => {
    expect(codeOf(() => checkPaths(filesAt(paths)))).toBeUndefined();
  });
});
