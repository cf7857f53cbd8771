import { diskPathToBytes } from '../util/index.ts';
import type { DiskPlatform } from './disk-paths.ts';
import { exactPathOf } from './entry-path.ts';
import { MAX_LINK_BYTES } from './limits.ts';
import type { EntryPath, MetainfoSymlink } from './metainfo.ts';

/**
 * Finds the text with which a symbolic link of a torrent is made. The link must not lead out of the torrent's folder:
 *
 * - its text is relative, has `..` at its beginning alone, and no more of them than folders that the link lies in. A `..`
 *   behind a name is refused, because that name may be a link to a deeper folder;
 * - when the torrent has the exact text (`link target`), it leads to where `symlink path` says.
 *
 * The target need not exist. No link in the way of the text can lead outside, as long as every link of the torrent passes
 * this check and no link of it has the path of a folder in it, see `folderFaultOf()`.
 *
 * @param platform the system of the disk; on Windows a `\` and a `:` in the text also lead outside
 * @returns the text to give to `symlink()`, in the form of `diskPathFromBytes()`; `undefined` when it leads outside
 * @see BEP 47, `symlink path`
 *
 * @example
 * ```ts
 * import { linkTargetOf } from 'shoal/metainfo';
 *
 * console.log(linkTargetOf({ path: ['bin', 'node'], target: ['lib', 'node.js'] })); // ../lib/node.js
 * console.log(linkTargetOf({ path: ['a'], target: ['..', 'etc', 'passwd'] })); // undefined
 * ```
 */
export function linkTargetOf(symlink: MetainfoSymlink, platform: DiskPlatform = 'linux'): string | undefined {
  const { target, linkText } = symlink;
  const text = linkText ?? relativeText(symlink);
  const names = text === undefined ? undefined : linkedPath(symlink, text);
  if (names?.join('/') !== target.join('/')) return undefined;
  return platform === 'win32' && /[\\:]/.test(text!) ? undefined : text;
}

/**
 * Finds where the text of a link leads.
 *
 * @returns the names below the torrent's folder, empty for the folder itself; `undefined` when it leads outside
 */
export function linkedPath(symlink: EntryPath, text: string): string[] | undefined {
  if (text === '' || text.startsWith('/') || text.includes('\0')) return undefined;
  if (text.length > MAX_LINK_BYTES || diskPathToBytes(text).length > MAX_LINK_BYTES) return undefined;
  return pathFrom(exactPathOf(symlink).slice(0, -1), text.split('/'));
}

/**
 * Finds where names lead that a torrent's `symlink path` has. BEP 47 counts them from the torrent's folder, but libtorrent
 * writes the text of the link, which counts from the link's own folder. A name that is there decides.
 *
 * @param isThere tells whether the torrent has a file, a link or a folder at a path
 * @returns the names below the torrent's folder; the names as they are when they lead outside
 */
export function resolvedTarget(
  symlink: EntryPath,
  names: readonly string[],
  isThere: (path: readonly string[]) => boolean,
): readonly string[] {
  const fromRoot = pathFrom([], names);
  if (fromRoot !== undefined && isThere(fromRoot)) return fromRoot;
  const fromLink = names.length > 0 ? pathFrom(exactPathOf(symlink).slice(0, -1), names) : undefined;
  if (fromLink !== undefined && isThere(fromLink)) return fromLink;
  return fromRoot ?? fromLink ?? names;
}

/** Follows names from a folder. @returns `undefined` when they lead above the torrent's folder, or have a `..` behind a name */
function pathFrom(folder: readonly string[], names: readonly string[]): string[] | undefined {
  let depth = folder.length;
  const below: string[] = [];
  for (const name of names) {
    if (name === '' || name === '.') continue;
    if (name.includes('/') || name.includes('\0')) return undefined;
    if (name !== '..') below.push(name);
    else if (below.length > 0 || depth === 0) return undefined;
    else depth -= 1;
  }
  return [...folder.slice(0, depth), ...below];
}

/** Writes the shortest text that leads from a link to its target. @returns `undefined` when the torrent names no target */
function relativeText(symlink: MetainfoSymlink): string | undefined {
  const { target } = symlink;
  if (target.length === 0) return undefined;
  const folder = exactPathOf(symlink).slice(0, -1);
  let common = 0;
  while (common < folder.length && common < target.length && folder[common] === target[common]) common += 1;
  const ups = folder.slice(common).map(() => '..');
  const names = [...ups, ...target.slice(common)];
  return names.length === 0 ? '.' : names.join('/');
}
