import { expect, test } from 'vitest';
import { describeNotUtf8 } from './names-told.ts';

const STRAY = '\udcb2';

test('describeNotUtf8() is undefined for names that are UTF-8, whatever folder they are in', () => {
  expect(describeNotUtf8([{ path: ['a', '%B2'], diskPath: `/${STRAY}/a/%B2` }])).toBeUndefined();
});

test('describeNotUtf8() says in a whole sentence how a name is written in the torrent', () => {
  expect(describeNotUtf8([{ path: ['%B2'], diskPath: `/d/${STRAY}` }])).toBe(
    'The name of 1 file or folder on disk is not UTF-8; in the torrent it is "%B2"',
  );
});

test('describeNotUtf8() gives the number of several names, and the first three of them', () => {
  const files = ['a', 'b', 'c', 'd'].map((name) => ({ path: [name, '%B2'], diskPath: `/${name}/${STRAY}` }));
  expect(describeNotUtf8(files)).toBe(
    'The names of 4 files or folders on disk are not UTF-8; in the torrent they are "a/%B2", "b/%B2", "c/%B2", …',
  );
});
