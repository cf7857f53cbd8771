import { expect, test } from 'vitest';
import { diskPathFromBytes } from '../util/index.ts';
import { findDoubled } from './find-doubled.ts';
import { nameInTorrent } from './list-files.ts';

/** Makes the files of a folder `/d`. @param paths below it, as latin1 of their bytes */
function filesAt(...paths: readonly string[]) {
  return paths.map((path) => {
    const names = path.split('/').map((name) => diskPathFromBytes(Buffer.from(name, 'latin1')));
    return { path: names.map(nameInTorrent), diskPath: ['/d', ...names].join('/'), length: 1 };
  });
}

test.each<[string, readonly string[]]>([
  ['names that are not UTF-8', ['a\xb2', 'a\xb3', '\xb2/a', 'a']],
  ['names with a percent sign', ['%B2', '%b2', '100%', 'a/%B2']],
  ['an escaped name and one in another folder', ['%B2', 'a/\xb2']],
])('findDoubled() finds nothing among %s', (_, paths) => {
  expect([...findDoubled(filesAt(...paths))]).toEqual([]);
});

test.each<[string, readonly string[]]>([
  ['two files', ['\xb2', '%B2']],
  ['a file and the folder of another', ['\xb2', '%B2/x']],
  ['the folder of a file and another file', ['\xb2/x', '%B2']],
  ['files in folders', ['\xb2/x', '%B2/x']],
])('findDoubled() reports the one of %s whose name is not UTF-8, and names the other one', (_, paths) => {
  const [file, rival] = filesAt(...paths);
  const faults = [...findDoubled([file!, rival!]).values()];
  expect(faults).toMatchObject([{ code: 'BAD_NAME', path: file!.diskPath }]);
  const place = JSON.stringify(file!.path.join('/'));
  expect(faults[0]!.message).toBe(
    `Cannot use ${file!.diskPath}: in the torrent it would be ${place}, as ${rival!.diskPath} is; rename one of them`,
  );
});

test('findDoubled() reports all but one of several files with one path, the same ones in any order', () => {
  const files = filesAt('%B2/%B2', '\xb2/%B2', '%B2/\xb2', '\xb2/\xb2');
  const expected = files.slice(1).map(({ diskPath }) => diskPath);
  expect([...findDoubled(files).keys()].sort()).toEqual(expected.toSorted());
  expect([...findDoubled(files.toReversed()).keys()].sort()).toEqual(expected.toSorted());
});
