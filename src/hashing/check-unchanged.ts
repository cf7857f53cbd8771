import { exactPathOf } from '../metainfo/index.ts';
import { HashingError } from './errors.ts';
import {
  compareEntries,
  type FileListing,
  type FolderReader,
  type ListedEntry,
  type ListOptions,
  listFiles,
} from './list-files.ts';

/**
 * Checks that a folder has the same files, links and empty folders as when it was listed: with the same sizes, executable bits
 * and texts. What is in the files was checked when they were read.
 *
 * @param skipped the errors of what is left out, which may change
 * @throws {HashingError} `FILE_CHANGED` with the path of what was added, removed or changed
 * @throws the signal's reason
 */
export async function checkUnchanged(
  reader: FolderReader,
  root: string,
  before: FileListing,
  skipped: readonly HashingError[],
  options: ListOptions,
): Promise<void> {
  const leftOut = new Set(skipped.map(({ path }) => path));
  const after = await listFiles(reader, root, options);
  const all = [...after.files, ...after.links, ...after.emptyFolders];
  const differences = [
    differenceOf(before.files, after.files, leftOut, (a, b) => {
      return a.length === b.length && a.isExecutable === b.isExecutable;
    }),
    differenceOf(before.links, after.links, leftOut, (a, b) => a.linkText === b.linkText),
    differenceOf(before.emptyFolders, after.emptyFolders, leftOut, () => true),
  ];
  for (const { gone } of differences) {
    if (gone === undefined) continue;
    const isThere = all.some((entry) => compareEntries(entry, gone) === 0);
    throw changed(root, gone, isThere ? 'was changed' : 'was removed');
  }
  for (const { added } of differences) if (added !== undefined) throw changed(root, added, 'was added');
}

/**
 * Compares two sorted lists of entries, side by side, as a map of 100,000 paths takes long to make.
 *
 * @returns the first entry that is gone or has changed, and the first that was added
 */
function differenceOf<Entry extends ListedEntry>(
  before: readonly Entry[],
  after: readonly Entry[],
  leftOut: ReadonlySet<string | undefined>,
  isSame: (a: Entry, b: Entry) => boolean,
): { readonly gone: Entry | undefined; readonly added: Entry | undefined } {
  let gone: Entry | undefined;
  let added: Entry | undefined;
  for (let at = 0, to = 0; at < before.length || to < after.length; ) {
    const [a, b] = [before[at], after[to]];
    const order = a === undefined ? 1 : b === undefined ? -1 : compareEntries(a, b);
    if (order <= 0) at += 1;
    if (order >= 0) to += 1;
    if (leftOut.has((order <= 0 ? a! : b!).diskPath)) continue;
    if (order < 0 || (order === 0 && !isSame(a!, b!))) gone ??= a;
    else if (order > 0) added ??= b;
  }
  return { gone, added };
}

function changed(root: string, entry: ListedEntry, how: string): HashingError {
  const path = exactPathOf(entry).join('/');
  const message = `Cannot hash ${root}: ${JSON.stringify(path)} in it ${how} while the folder was read`;
  return new HashingError('FILE_CHANGED', message, { path: root });
}
