import { exactPathOf } from './entry-path.ts';
import { quotedPath } from './errors.ts';
import { linkTargetOf } from './link-target.ts';
import type { EntryPath, Metainfo } from './metainfo.ts';
import { PathTree } from './path-tree.ts';

/** The files, links and empty folders of a torrent. */
type FolderParts = Pick<Metainfo, 'files' | 'symlinks' | 'emptyFolders'>;

/**
 * Finds out why the folder of a torrent must not be made on a disk as the torrent says: a link leads out of it, or a link or
 * an empty folder has the path of something else, or something lies below it. Two files of one path are no fault here:
 * `diskPathsOf()` parts them.
 *
 * @returns a clause about the torrent, such as `its symbolic link "a" leads out of its folder`; `undefined` when the folder
 * can be made
 * @see BEP 47
 */
export function folderFaultOf(torrent: FolderParts): string | undefined {
  const { symlinks, emptyFolders } = torrent;
  if (symlinks.length === 0 && emptyFolders.length === 0) return undefined;
  for (const symlink of symlinks) {
    if (linkTargetOf(symlink) === undefined)
      return `its symbolic link ${quotedPath(symlink.path)} leads out of its folder, or nowhere`;
  }
  const clash = clashingEntries(torrent).find((entry) => entry.kind !== 'file');
  if (clash === undefined) return undefined;
  const kind = clash.kind === 'link' ? 'symbolic link' : 'empty folder';
  return `something else has the path of its ${kind} ${quotedPath(clash.path)}, or lies below it`;
}

/** Tells whether two entries of a torrent's folder have one path, or one has the path of a folder that another lies in. */
export function hasClash(torrent: FolderParts): boolean {
  return clashingEntries(torrent).length > 0;
}

interface KindOfEntry {
  readonly kind: 'file' | 'link' | 'emptyFolder';
  readonly path: readonly string[];
}

/** Lists the entries whose path another entry has, or below which another entry lies. */
function clashingEntries({ files, symlinks, emptyFolders }: FolderParts): KindOfEntry[] {
  const entriesOf = (kind: KindOfEntry['kind'], listed: readonly EntryPath[]) =>
    listed.map((entry): KindOfEntry => ({ kind, path: exactPathOf(entry) }));
  const entries = [
    ...entriesOf('file', files),
    ...entriesOf('link', symlinks),
    ...entriesOf('emptyFolder', emptyFolders),
  ];
  const tree = new PathTree((name) => name);
  const nodes = entries.map(({ path }) => tree.add(path));
  const taken = new Uint8Array(tree.size);
  for (const node of nodes) taken[node] = Math.min(taken[node]! + 1, 2);
  return entries.filter((_, index) => taken[nodes[index]!] === 2 || tree.isFolder(nodes[index]!));
}
