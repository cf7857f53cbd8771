import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MetainfoError, type MetainfoErrorCode } from './errors.ts';
import { checkFileName, checkPaths, NameReader, nameFromBytes, nameToBytes } from './file-name.ts';

const bytesOf = (...names: readonly string[]) => names.map((name) => Buffer.from(name, 'latin1'));

function codeOf(work: () => void): MetainfoErrorCode | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof MetainfoError) return error.code;
    throw error;
  }
}

describe('nameFromBytes()', () => {
  test.each([
    ['GBK', 'b2e2cad42e747874', '%B2%E2%CA%D4.txt'],
    ['a letter of Latin-1 among ASCII', '63616fe9', 'cao%E9'],
    ['UTF-8 before and after a stray byte', 'c3bc80c3bc', 'ü%80ü'],
    ['a per cent sign beside a stray byte', '3530258080', '50%25%80%80'],
    ['a surrogate', 'eda080', '%ED%A0%80'],
    ['an overlong slash', 'c0af', '%C0%AF'],
    ['a character beyond Unicode', 'f4908080', '%F4%90%80%80'],
    ['a character that is cut off', '61e282', 'a%E2%82'],
  ])('escapes what is not UTF-8 in %s', (_, hex, name) => {
    const bytes = Buffer.from(hex, 'hex');
    expect(nameFromBytes(bytes)).toBe(name);
    expect(Buffer.from(nameToBytes(name)!)).toEqual(bytes);
  });

  test('leaves UTF-8 as it is, even with a per cent sign in it', () => {
    expect(nameFromBytes(Buffer.from('100%B2.txt'))).toBe('100%B2.txt');
    for (const name of ['100%', 'a%2Fb', '\ufeffname', 'a\ufffdb', '🐟', 'Vol. 1.', 'a\\b', 'a\nb']) {
      expect(nameFromBytes(Buffer.from(name))).toBe(name);
      expect(nameToBytes(name)).toBeUndefined();
    }
  });

  test('gives different texts for different bytes, which nameToBytes() gives back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 30 }), (bytes) => {
        const name = nameFromBytes(bytes);
        expect(Buffer.from(nameToBytes(name) ?? Buffer.from(name))).toEqual(Buffer.from(bytes));
      }),
    );
  });

  test('reads a name of a million bytes that are not UTF-8 without delay', () => {
    expect(nameFromBytes(new Uint8Array(1_000_000).fill(0xff))).toHaveLength(3_000_000);
  });
});

describe('NameReader', () => {
  test.each<[string[], string[]]>([
    [
      ['a', 'b'],
      ['a', 'b'],
    ],
    [
      ['', 'a', '', 'b'],
      ['a', 'b'],
    ],
    [['.', 'a'], ['a']],
    [[''], ['_']],
    [['.'], ['_']],
    [
      ['..', '..', 'x'],
      ['%2E%2E', '%2E%2E', 'x'],
    ],
    [['/etc/passwd'], ['%2Fetc%2Fpasswd']],
    [['a\0b'], ['a%00b']],
    [['\xb2\xe2'], ['%B2%E2']],
    [['\xb2/\0'], ['%B2%2F%00']],
  ])('reads the path %j as %j', (names, path) => {
    const reader = new NameReader();
    expect(reader.path(bytesOf(...names))).toEqual(path);
    expect(reader.warnings).toHaveLength(names.join('/') === path.join('/') ? 0 : 1);
  });

  test.each([
    ['', '_'],
    ['.', '%2E'],
    ['..', '%2E%2E'],
    ['../a', '..%2Fa'],
    ['..\\..\\x', '..\\..\\x'],
    ['C:\\x', 'C:\\x'],
    ['aux.c', 'aux.c'],
  ])('reads the name %j as %j', (name, expected) => {
    expect(new NameReader().name(Buffer.from(name))).toBe(expected);
  });

  test('warns once, with the number of names and the first of them', () => {
    const reader = new NameReader();
    reader.name(Buffer.from('..'));
    for (const name of 'abcd') reader.path(bytesOf(`${name}\xff`));
    expect(reader.warnings).toEqual([
      '5 names in the torrent cannot be used as written (not UTF-8, empty, or leading outside), and are read as: "%2E%2E", "a%FF", "b%FF", …',
    ]);
  });
});

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
    expect(codeOf(() => checkPaths(paths))).toBe('DUPLICATE_PATH');
  });

  test('says in few words whether two files, or a file and a folder, have one path', () => {
    const name = 'x'.repeat(1000);
    expect(() => checkPaths([['a'], ['a']])).toThrow(
      'Cannot make a torrent: in it, "a" is the path of two files',
    );
    expect(() => checkPaths([['a'], ['a', 'b']])).toThrow('in it, "a" is the path of a file and of a folder');
    expect(() => checkPaths([[name], [name]])).toThrow(/^.{1,300}$/);
  });

  test('refuses a bad name anywhere in a path, an empty path, and a path that is too deep', () => {
    expect(codeOf(() => checkPaths([['a', '..', 'b']]))).toBe('BAD_NAME');
    expect(codeOf(() => checkPaths([[]]))).toBe('BAD_NAME');
    expect(codeOf(() => checkPaths([Array.from({ length: 96 }, () => 'a')]))).toBe('TOO_LARGE');
    expect(codeOf(() => checkPaths([Array.from({ length: 95 }, () => 'a')]))).toBeUndefined();
  });

  test.each<[string, string[][]]>([
    ['equal names in different folders', [['a', 'x'], ['b', 'x'], ['x']]],
    ['names that differ in case', [['xt_MARK.h'], ['xt_mark.h']]],
    ['names that differ in normalization', [['\u00e9'], ['e\u0301']]],
  ])('takes %s', (_, paths) => {
    expect(codeOf(() => checkPaths(paths))).toBeUndefined();
  });
});
