import { describe, expect, test } from 'vitest';
import { NameReader } from './name-reader.ts';

const bytesOf = (...names: readonly string[]) => names.map((name) => Buffer.from(name, 'latin1'));

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
    [['\xb2/\0'], ['%B2%2F%00']],
  ])('reads the path %j as %j', (names, path) => {
    const reader = new NameReader();
    expect(reader.path(bytesOf(...names)).path).toEqual(path);
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
    reader.name(Buffer.from('\xff', 'latin1'));
    for (const name of 'abcd') reader.path(bytesOf(name, '..'));
    expect(reader.warnings).toEqual([
      '5 names in the torrent cannot be used as written (not UTF-8, empty, or leading outside), and are read as: "%FF", "a/%2E%2E", "b/%2E%2E", …',
    ]);
  });

  test('gives the very bytes of a path that is not UTF-8, and does not warn of it', () => {
    const reader = new NameReader();
    expect(reader.path(bytesOf('d', '\xb2\xe2%'))).toEqual({
      path: ['d', '%B2%E2%25'],
      exactPath: ['d', '\udcb2\udce2%'],
    });
    expect(reader.path(bytesOf('d', 'a'))).toEqual({ path: ['d', 'a'] });
    const folder = reader.pathIn({ path: [] }, bytesOf('\xb2')[0]!);
    expect(reader.pathIn(folder, bytesOf('a')[0]!)).toEqual({
      path: ['%B2', 'a'],
      exactPath: ['\udcb2', 'a'],
    });
    expect(reader.warnings).toEqual([]);
  });

  test('escapes a separator and a NUL in the very bytes of a name', () => {
    const reader = new NameReader();
    expect(reader.path(bytesOf('\xb2/\0')).exactPath).toEqual(['\udcb2%2F%00']);
    expect(reader.warnings).toHaveLength(1);
  });
});
