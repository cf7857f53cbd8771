import { describe, expect, test } from 'vitest';
import { folderFaultOf } from './folder-fault.ts';

const at = (path: string) => ({ path: path.split('/') });
const file = (path: string) => ({ ...at(path), length: 0, offset: 0 });
const link = (path: string, target = 'a') => ({ ...at(path), target: target.split('/') });

describe('folderFaultOf()', () => {
  test('finds no fault in links and empty folders that have a place of their own, nor in files of one path', () => {
    const files = [file('a'), file('a'), file('a/b')];
    expect(folderFaultOf({ files, symlinks: [], emptyFolders: [] })).toBeUndefined();
    const clean = { files, symlinks: [link('d/l'), link('m', 'none')], emptyFolders: [at('d/e')] };
    expect(folderFaultOf(clean)).toBeUndefined();
  });

  test.each<[string, string[], [string, string?][], string[], string]>([
    [
      'a link that leads outside',
      ['a'],
      [['l', '../x']],
      [],
      'its symbolic link "l" leads out of its folder',
    ],
    ['a link with the path of a file', ['l'], [['l']], [], 'the path of its symbolic link "l"'],
    ['a file through a link', ['l/x'], [['l']], [], 'the path of its symbolic link "l"'],
    ['a link through a link', ['a'], [['l/m'], ['l']], [], 'the path of its symbolic link "l"'],
    ['two links of one path', ['a'], [['l'], ['l']], [], 'the path of its symbolic link "l"'],
    ['an empty folder through a link', ['a'], [['l']], ['l/e'], 'the path of its symbolic link "l"'],
    ['an empty folder with the path of a file', ['a'], [], ['a'], 'the path of its empty folder "a"'],
    ['an empty folder that is not empty', ['e/a'], [], ['e'], 'the path of its empty folder "e"'],
  ])('finds %s', (_, files, links, emptyFolders, fault) => {
    const symlinks = links.map(([path, target]) => link(path, target));
    expect(folderFaultOf({ files: files.map(file), symlinks, emptyFolders: emptyFolders.map(at) })).toContain(
      fault,
    );
  });
});
