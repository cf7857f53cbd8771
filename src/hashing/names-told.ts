import { fsPath, withoutMiddle } from '../util/index.ts';

/** The number of names that one message shows. */
const NAMES_TOLD = 3;

/**
 * Describes which files and folders have another name in a torrent than on disk, because the name on disk is not UTF-8.
 *
 * @param files the paths in the torrent, and the whole paths on disk
 * @returns `undefined` when there are none
 */
export function describeNotUtf8(
  files: readonly { readonly path: readonly string[]; readonly diskPath: string }[],
): string | undefined {
  const names = files
    .filter(({ path, diskPath }) => fsPath(diskPath) !== diskPath && !diskPath.endsWith(path.join('/')))
    .map(({ path }) => JSON.stringify(withoutMiddle(path.join('/'))));
  if (names.length === 0) return undefined;
  const told = names.slice(0, NAMES_TOLD).join(', ') + (names.length > NAMES_TOLD ? ', …' : '');
  return names.length === 1
    ? `The name of 1 file or folder on disk is not UTF-8; in the torrent it is ${told}`
    : `The names of ${names.length} files or folders on disk are not UTF-8; in the torrent they are ${told}`;
}
