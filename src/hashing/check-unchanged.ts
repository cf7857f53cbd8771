import { exactPathOf } from '../metainfo/index.ts';
import { HashingError } from './errors.ts';
import { type FileListing, type ListedEntry, type ListOptions, listFiles } from './list-files.ts';

/**
 * Checks that a folder has the same files, links and empty folders as when it was listed: with the same sizes, executable bits
 * and texts. What is in the files was checked when they were read.
 *
 * @param skipped the errors of what is left out, which may change
 * @throws {HashingError} `FILE_CHANGED` with the path of what was added, removed or changed
 * @throws the signal's reason
 */
export async function checkUnchanged(
  root: string,
  before: FileListing,
  skipped: readonly HashingError[],
  options: ListOptions,
): Promise<void> {
  const leftOut = new Set(skipped.map(({ path }) => path));
  const was = factsOf(before, leftOut);
  const is = factsOf(await listFiles(root, options), leftOut);
  for (const [path, facts] of was) {
    if (is.get(path) !== facts) throw changed(root, path, is.has(path) ? 'was changed' : 'was removed');
  }
  for (const path of is.keys()) if (!was.has(path)) throw changed(root, path, 'was added');
}

/** Gets a text for each entry of a folder, by the path of the entry. It is another text when the entry has changed. */
function factsOf(
  { files, links, emptyFolders }: FileListing,
  leftOut: ReadonlySet<string | undefined>,
): ReadonlyMap<string, string> {
  const facts = new Map<string, string>();
  const add = (entry: ListedEntry, text: string) => {
    if (!leftOut.has(entry.diskPath)) facts.set(exactPathOf(entry).join('/'), text);
  };
  for (const file of files) add(file, `file ${file.length} ${file.isExecutable}`);
  for (const link of links) add(link, `link ${link.linkText}`);
  for (const folder of emptyFolders) add(folder, 'empty folder');
  return facts;
}

function changed(root: string, path: string, how: string): HashingError {
  const message = `Cannot hash ${root}: ${JSON.stringify(path)} in it ${how} while the folder was read`;
  return new HashingError('FILE_CHANGED', message, { path: root });
}
