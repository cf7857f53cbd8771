import { describe, expect, test } from 'vitest';
import { linkedPath, linkTargetOf, resolvedTarget } from './link-target.ts';

const link = (path: string, target: string, linkText?: string) => ({
  path: path.split('/'),
  target: target === '' ? [] : target.split('/'),
  ...(linkText !== undefined && { linkText }),
});

describe('linkTargetOf()', () => {
  test.each([
    ['a', 'b', 'b'],
    ['d/a', 'd/b', 'b'],
    ['d/a', 'b', '../b'],
    ['d/e/a', 'd/f/b', '../f/b'],
    ['d/e/a', 'd', '..'],
    ['d/e/a', 'd/e', '.'],
    ['d/e/a', 'd/e/a', 'a'],
  ])('writes the shortest text from %j to %j', (path, target, text) => {
    expect(linkTargetOf(link(path, target))).toBe(text);
  });

  test.each([
    ['a', 'b', './b'],
    ['a', 'b/c', 'b//c/'],
    ['d/a', 'd/b', '../d/b'],
    ['d/a', '', '..'],
    ['a', '', '.'],
    ['a', '', './/'],
    ['a', 'b', `${'./'.repeat(2000)}b`],
  ])('gives the exact text of the link %j to %j', (path, target, text) => {
    expect(linkTargetOf(link(path, target, text))).toBe(text);
  });

  test.each<[string, string, string, string | undefined]>([
    ['has no target', 'a', '', undefined],
    ['has an empty text', 'a', 'b', ''],
    ['is absolute', 'a', 'etc/passwd', '/etc/passwd'],
    ['leads above the folder', 'd/a', '../../x', undefined],
    ['leads above the folder by its text', 'd/a', 'x', '../../x'],
    ['turns back behind a name', 'a', 'b', 'a/../b'],
    ['turns back behind a name, and out', 'd/a', 'x', 'a/../../../x'],
    ['has a NUL in its text', 'a', 'b', 'b\0/etc'],
    ['has another target than its text', 'a', 'b', 'c'],
    ['has a text of 64 KiB', 'a', 'b', `${'./'.repeat(32_768)}b`],
    ['has a text of 4,096 bytes', 'a', 'é'.repeat(2048), 'é'.repeat(2048)],
  ])('finds no text for a link that %s', (_, path, target, text) => {
    expect(linkTargetOf(link(path, target, text))).toBeUndefined();
  });

  test.each([[['..', 'x']], [['a/../../x']], [['a', '..', '..', 'x']], [['x\0']], [['..', '..', 'a', '..']]])(
    'finds no text for the hostile target %j',
    (target) => {
      expect(linkTargetOf({ path: ['a'], target })).toBeUndefined();
      expect(linkTargetOf({ path: ['d', 'a'], target })).toBeUndefined();
    },
  );

  test('refuses separators of Windows in a text on Windows alone', () => {
    for (const text of ['..\\..\\x', 'C:x']) {
      expect(linkTargetOf(link('a', text, text))).toBe(text);
      expect(linkTargetOf(link('a', text), 'win32')).toBeUndefined();
    }
  });

  test('counts the folders of a link by its very bytes', () => {
    const symlink = { path: ['%B2', 'a'], exactPath: ['\udcb2', 'a'], target: ['\udcb2', 'b\udcff'] };
    expect(linkTargetOf(symlink)).toBe('b\udcff');
  });
});

describe('linkedPath()', () => {
  test('finds where a text leads from the folder of the link', () => {
    expect(linkedPath({ path: ['d', 'e', 'a'] }, '../../x/./y/')).toEqual(['x', 'y']);
    expect(linkedPath({ path: ['d', 'a'] }, '..')).toEqual([]);
    expect(linkedPath({ path: ['a'] }, '..')).toBeUndefined();
  });
});

describe('resolvedTarget()', () => {
  const there = new Set(['a', 'd/b', 'd', 'd/a']);
  const isThere = (path: readonly string[]) => there.has(path.join('/'));
  test.each([
    ['d/x', 'a', 'a', 'from the folder of the torrent, by BEP 47'],
    ['d/x', 'b', 'd/b', 'from the folder of the link, as libtorrent writes it'],
    ['d/x', '../a', 'a', 'up from the folder of the link'],
    ['x', './a', 'a', 'without names that are a dot'],
    ['d/x', 'none', 'none', 'from the folder of the torrent when nothing is there'],
    ['d/x', '../none', 'none', 'up from the folder of the link when nothing is there'],
    ['d/x', '../../a', '../../a', 'as written when it leads outside'],
  ])('reads the target of the link %j to %j as %j: %s', (path, names, target) => {
    expect(resolvedTarget(link(path, ''), names.split('/'), isThere).join('/')).toBe(target);
  });
});
