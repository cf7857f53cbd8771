import type { BencodeCursor } from '../bencode/index.ts';
import { badField } from './errors.ts';
import { countNew, readPath } from './file-entry.ts';
import type { EntryPath } from './metainfo.ts';
import { NameCount } from './name-count.ts';
import type { NameReader } from './name-reader.ts';

/**
 * Reads the list of `empty folders`, a key of Shoal: a path for each folder with nothing in it.
 *
 * @param list a cursor on the list; `undefined` if the torrent has none
 * @param most the most folders that are taken
 * @param tooMany makes the error for more of them
 * @throws {MetainfoError}
 */
export function readEmptyFolders(
  list: BencodeCursor | undefined,
  names: NameReader,
  most: number,
  tooMany: () => Error,
): readonly EntryPath[] {
  if (list === undefined) return [];
  const field = 'empty folders';
  if (!list.enterList()) throw badField(field, 'must be a list');
  const folders: EntryPath[] = [];
  const count = new NameCount();
  let before: readonly Uint8Array[] | undefined;
  while (list.hasMore()) {
    const path = readPath(list, field, before);
    if (path === undefined || path.length === 0)
      throw badField(field, 'has an entry that is no list of at least one name');
    count.add(1 + path.length, countNew(path, before));
    if (folders.length === most) throw tooMany();
    folders.push(names.path(path));
    before = path;
  }
  return folders;
}
