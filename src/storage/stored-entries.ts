import { dirname, join } from 'node:path';
import type { Placement } from '../metainfo/index.ts';
import type { StoredFile } from './file-storage.ts';

/** A path below the folder of a torrent, as the disk has it. */
interface Placed {
  readonly path: readonly string[];
}

/** The places of a torrent's entries below its folder. The names must be checked to be plain names of files. */
export interface PlacedEntries {
  readonly files: readonly (Placed & Placement & { readonly isExecutable?: boolean })[];
  readonly links?: readonly (Placed & { readonly target: string })[];
  readonly emptyFolders?: readonly Placed[];
}

/** A symbolic link of the torrent, and its place on this machine. */
export interface StoredLink {
  readonly path: string;
  readonly realPath?: string | undefined;
  /** The exact text of the link. */
  readonly target: string;
}

/** A folder of the torrent with nothing in it, and its place on this machine. */
export interface StoredFolder {
  readonly path: string;
  readonly realPath?: string | undefined;
}

/** The entries of a torrent with their places on this machine. */
export interface StoredEntries {
  readonly files: readonly StoredFile[];
  readonly links: readonly StoredLink[];
  readonly emptyFolders: readonly StoredFolder[];
}

/**
 * Gives each entry of a torrent its place.
 *
 * @param root the folder of the torrent, or its file
 * @param realRoot the path of `root` without links, outside of which nothing is written; `undefined` to follow links
 */
export function storeEntries(
  { files, links = [], emptyFolders = [] }: PlacedEntries,
  root: string,
  isSingleFile: boolean,
  realRoot?: string,
): StoredEntries {
  const place = ({ path }: Placed) => {
    const at = (folder: string) => (isSingleFile ? folder : join(folder, ...path));
    return { path: at(root), realPath: realRoot && at(realRoot) };
  };
  return {
    files: files.map((file) => ({
      offset: file.offset,
      length: file.length,
      ...(file.isExecutable === true && { isExecutable: true }),
      ...place(file),
    })),
    links: links.map((link) => ({ target: link.target, ...place(link) })),
    emptyFolders: emptyFolders.map(place),
  };
}

/** Lists the folders between a root and its entries, without the root: those that must be real folders. */
export function foldersOf(entries: StoredEntries, root: string): Set<string> {
  const folders = new Set<string>();
  const add = (folder: string) => {
    for (let at = folder; at.length > root.length && !folders.has(at); at = dirname(at)) folders.add(at);
  };
  for (const { path } of entries.files) add(dirname(path));
  for (const { path } of entries.links) add(dirname(path));
  for (const { path } of entries.emptyFolders) add(path);
  return folders;
}
