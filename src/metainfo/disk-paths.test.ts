import { posix, win32 } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { diskNameOf, diskPathsOf } from './disk-paths.ts';

const PLATFORMS = ['linux', 'darwin', 'win32'] as const;

/** Paths as they are given and as they come out, with `/` between names. */
const onDisk = (platform: (typeof PLATFORMS)[number], ...paths: readonly string[]) =>
  diskPathsOf(
    paths.map((path) => path.split('/')),
    platform,
  ).map((path) => path.join('/'));

describe('diskPathsOf()', () => {
  const ODD = [
    'aux.c',
    'a:b.log',
    'dev-disk\\x2dby.mount',
    'Vol. 1.',
    'trail ',
    'Makefile',
    'makefile',
    '\u00e9',
    'e\u0301',
    'a\nb',
    'x\x1b[31m',
    '-rf',
    '.git/config',
    'a*?"<>|b',
    `${'x'.repeat(251)}.txt`,
  ];

  test('keeps every name that Linux can hold', () => {
    expect(onDisk('linux', ...ODD)).toEqual(ODD);
  });

  test('renames files that differ only in case or normalization on macOS, and keeps the rest', () => {
    expect(onDisk('darwin', ...ODD)).toEqual(ODD.with(6, 'makefile~beda4257').with(7, '\u00e9~4a99557e'));
  });

  test('renames devices, forbidden characters, forbidden ends and names that differ only in case on Windows', () => {
    expect(onDisk('win32', ...ODD)).toEqual([
      '_aux.c',
      'a%3Ab.log',
      'dev-disk%5Cx2dby.mount',
      'Vol. 1%2E',
      'trail%20',
      'Makefile',
      'makefile~beda4257',
      '\u00e9~4a99557e',
      'e\u0301',
      'a%0Ab',
      'x%1B[31m',
      '-rf',
      '.git/config',
      'a%2A%3F%22%3C%3E%7Cb',
      `${'x'.repeat(251)}.txt`,
    ]);
  });

  test.each(['CON', 'con.txt', 'NUL', 'com1.tar.gz', 'LPT9', 'COM²', 'aux', 'PRN .x', 'CONOUT$'])(
    'renames %s, which is a device on Windows',
    (name) => {
      expect(diskNameOf(name, 'win32')).toBe(`_${name}`);
    },
  );

  test.each(['console', 'nullable', 'COM', 'COM10', 'auxiliary.c'])(
    'keeps %s, which is no device on Windows',
    (name) => {
      expect(diskNameOf(name, 'win32')).toBe(name);
    },
  );

  test.each([
    ['..', '%2E%2E'],
    ['.', '%2E'],
    ['', '_'],
    ['a/b', 'a%2Fb'],
    ['a\0b', 'a%00b'],
  ])('keeps the name %j from leading to another folder', (name, expected) => {
    for (const platform of PLATFORMS) expect(diskNameOf(name, platform)).toBe(expected);
  });

  test('gives no path with a drive or a way up on Windows', () => {
    expect(onDisk('win32', 'C:\\x', '..\\..\\x', '\\\\host\\share')).toEqual([
      'C%3A%5Cx',
      '..%5C..%5Cx',
      '%5C%5Chost%5Cshare',
    ]);
  });

  test('cuts a name that is too long, and keeps its extension', () => {
    const [long] = onDisk('linux', `${'ü'.repeat(200)}.tar.gz`);
    expect(long).toMatch(/^ü{121}~[0-9a-f]{8}\.gz$/);
    expect(onDisk('win32', `${'ü'.repeat(200)}.tar.gz`)).toEqual([`${'ü'.repeat(200)}.tar.gz`]);
    const [folder, same] = onDisk('linux', `${'x'.repeat(300)}/a`, `${'x'.repeat(300)}/b`);
    expect(folder!.slice(0, -1)).toBe(same!.slice(0, -1));
  });

  test('leaves out folders of a path that is too deep or too long', () => {
    const [deep] = diskPathsOf([Array.from({ length: 10_000 }, () => 'd')], 'linux');
    expect(deep).toHaveLength(95);
    expect(deep!.at(-1)).toMatch(/^d~[0-9a-f]{8}$/);
    const [long] = diskPathsOf([Array.from({ length: 60 }, () => 'x'.repeat(200))], 'linux');
    expect(long!.join('/').length).toBeLessThanOrEqual(3072);
  });

  test('gives two files with one path, and a file and a folder with one path, different paths', () => {
    expect(onDisk('linux', 'a.txt', 'a.txt', 'a.txt', 'b', 'b/c')).toEqual([
      'a.txt',
      expect.stringMatching(/^a~[0-9a-f]{8}\.txt$/),
      expect.stringMatching(/^a~[0-9a-f]{8}\.txt$/),
      expect.stringMatching(/^b~[0-9a-f]{8}$/),
      'b/c',
    ]);
  });

  test('puts the files of two folders that are the same on the disk into one folder', () => {
    expect(onDisk('win32', 'Foo/a', 'foo/b', 'FOO/A')).toEqual([
      expect.stringMatching(/^Foo\/a~/),
      'foo/b',
      'FOO/A',
    ]);
  });

  test('finds another name when a file has the name that it would give', () => {
    const taken = onDisk('darwin', 'A.h', 'a.h')[1]!;
    const placed = onDisk('darwin', 'A.h', 'a.h', taken);
    expect(new Set(placed).size).toBe(3);
    expect(placed[2]).toBe(taken);
  });

  test('does not depend on the order of the files', () => {
    const paths = [...ODD, 'MAKEFILE', 'Aux.C', 'a%3Ab.log'];
    const forth = new Map(paths.map((path, at) => [path, onDisk('win32', ...paths)[at]]));
    const back = paths.toReversed();
    for (const [at, placed] of onDisk('win32', ...back).entries()) expect(placed).toBe(forth.get(back[at]!));
  });

  const name = fc.oneof(
    fc.constantFrom(
      'a',
      'A',
      'b',
      '..',
      '.',
      '',
      'con',
      'CON.',
      'a:',
      'a%3A',
      'é',
      'e\u0301',
      '\u200b',
      'ß',
      'SS',
    ),
    fc.constantFrom(
      'x'.repeat(250),
      'X'.repeat(300),
      '/',
      '\\',
      '\0',
      'a ',
      'a.',
      '\ud800',
      '\udfff',
      'ς',
      'Σ',
    ),
    fc.string({ unit: 'binary', maxLength: 8 }),
  );
  const paths = fc.array(
    fc.oneof(
      { weight: 20, arbitrary: fc.array(name, { maxLength: 4 }) },
      { weight: 1, arbitrary: fc.array(name, { minLength: 90, maxLength: 110 }) },
    ),
    { maxLength: 8 },
  );

  test.each(PLATFORMS)('gives every file a path of its own below the folder on %s', (platform) => {
    const system = platform === 'win32' ? win32 : posix;
    const join = (...parts: string[]) => system.join(...parts);
    const root = platform === 'win32' ? 'C:\\root' : '/root';
    fc.assert(
      fc.property(paths, (given) => {
        const placed = diskPathsOf(given, platform);
        const texts = placed.map((path) => path.join('/'));
        expect(diskPathsOf(given, platform).map((path) => path.join('/'))).toEqual(texts);
        expect(diskPathsOf(placed, platform).map((path) => path.join('/'))).toEqual(texts);
        const whole = placed.map((path) => join(root, ...path));
        expect(whole).toEqual(placed.map((path) => [root, ...path].join(system.sep)));
        const size = (part: string) => (platform === 'win32' ? part.length : Buffer.byteLength(part));
        expect(placed.flat().filter((part) => part === '' || size(part) > 255)).toEqual([]);
        const same = platform === 'linux' ? (path: string) => path : caseless;
        const files = new Set(whole.map(same));
        expect(files.size).toBe(placed.length);
        const folders = placed.flatMap((path) =>
          path.slice(1).map((_, at) => join(root, ...path.slice(0, at + 1))),
        );
        expect(folders.filter((folder) => files.has(same(folder)))).toEqual([]);
      }),
    );
  });
});

function caseless(path: string): string {
  return path.normalize('NFD').toUpperCase().normalize('NFC');
}
