import { exactPathOf } from './entry-path.ts';
import { resolvedTarget } from './link-target.ts';
import type { EntryPath, MetainfoSymlink } from './metainfo.ts';
import { PathTree } from './path-tree.ts';

/**
 * Finds out where the links of a torrent lead whose exact text it does not have, see {@link resolvedTarget}. The other links
 * stay as they are.
 *
 * @param entries the files, links and empty folders of the torrent
 */
export function resolveLinks(
  symlinks: readonly MetainfoSymlink[],
  entries: readonly (readonly EntryPath[])[],
): readonly MetainfoSymlink[] {
  if (symlinks.every(({ linkText }) => linkText !== undefined)) return symlinks;
  const tree = new PathTree((name) => name);
  for (const entry of entries.flat()) tree.add(exactPathOf(entry));
  return symlinks.map((symlink) => {
    if (symlink.linkText !== undefined) return symlink;
    return { ...symlink, target: resolvedTarget(symlink, symlink.target, (path) => tree.has(path)) };
  });
}
