import { fsPath } from '../util/index.ts';

/** Names that are told in one message. */
const NAMES_TOLD = 3;

/**
 * Tells which files stand in a torrent under another name than on disk, because that is not UTF-8.
 *
 * @param files their names as they stand in a torrent, and where they are
 * @returns `undefined` when there are none
 */
export function describeNotUtf8(
  files: readonly { readonly path: readonly string[]; readonly diskPath: string }[],
): string | undefined {
  const names = files
    .filter(({ diskPath }) => fsPath(diskPath) !== diskPath)
    .map(({ path }) => JSON.stringify(path.join('/')));
  if (names.length === 0) return undefined;
  const what = names.length === 1 ? '1 file has a name' : `${names.length} files have names`;
  const more = names.length > NAMES_TOLD ? ', …' : '';
  return `${what} on disk that is not UTF-8, in the torrent: ${names.slice(0, NAMES_TOLD).join(', ')}${more}`;
}
