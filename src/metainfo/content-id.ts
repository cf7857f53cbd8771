import { hash } from 'node:crypto';
import { diskPathToBytes, latin1, toHex } from '../util/index.ts';
import { exactPathOf } from './entry-path.ts';
import { hasClash } from './folder-fault.ts';
import { linkTargetOf } from './link-target.ts';
import type { Metainfo } from './metainfo.ts';

/** One line of the listing of a folder, see {@link folderListing}. */
export interface FolderEntry {
  /** A file, a file that its owner may execute, a symbolic link, or a folder with nothing in it. */
  readonly kind: 'file' | 'executable' | 'link' | 'emptyFolder';
  /** The names below the folder, with bytes that are not UTF-8 as in `MetainfoFile.exactPath`. */
  readonly path: readonly string[];
  /**
   * A SHA-256, 64 hex digits: of the file's bytes, of the bytes of the link's text (see {@link hashOfLink}), or of the empty
   * text for an empty folder ({@link HASH_OF_NOTHING}).
   */
  readonly sha256: string;
}

/** The SHA-256 of the empty text. */
export const HASH_OF_NOTHING = hash('sha256', '', 'hex');

const LETTERS: Readonly<Record<FolderEntry['kind'], string>> = {
  file: 'f',
  executable: 'x',
  link: 'l',
  emptyFolder: 'd',
};

/**
 * Writes the listing of a folder, whose SHA-256 is the folder's content id: for each entry the letter of its kind (`f`, `x`,
 * `l` or `d`), a space, its SHA-256, a space, its path with `/` between the names, and a NUL. The entries are sorted by their
 * bytes, so that `find`, `sha256sum` and `sort` make the same listing.
 *
 * @param entries in any order
 * @returns new bytes, which the caller owns
 *
 * @example
 * ```ts
 * import { folderListing } from 'shoal/metainfo';
 *
 * const listing = folderListing([{ kind: 'file', path: ['src', 'a.c'], sha256: '00'.repeat(32) }]);
 * console.log(listing.length); // 75
 * ```
 */
export function folderListing(entries: Iterable<FolderEntry>): Uint8Array {
  // Each character stands for one byte, so that the order of texts is that of bytes.
  const records = Array.from(entries, ({ kind, path, sha256 }) => {
    return `${LETTERS[kind]} ${sha256} ${latin1(diskPathToBytes(path.join('/')))}\0`;
  });
  return Buffer.from(records.sort().join(''), 'latin1');
}

/** The first record of a listing up to its path. */
const LISTING_START = /^[fxld] [0-9a-f]{64} /;

/** The bytes of the start of a listing that {@link isFolderListing} needs. */
export const LISTING_START_BYTES = 67;

/**
 * Decides whether a file is the listing of a folder. Then its SHA-256 is the content id of that folder, so that a file must
 * not be taken for the folder.
 *
 * @param start the first {@link LISTING_START_BYTES} of the file, or all if it has fewer
 * @param last its last byte
 */
export function isFolderListing(start: Uint8Array, last: number): boolean {
  return last === 0 && LISTING_START.test(latin1(start.subarray(0, LISTING_START_BYTES)));
}

/**
 * Computes the content id of a folder: the SHA-256 of its {@link folderListing}.
 *
 * @param entries in any order
 * @returns 64 hex digits
 */
export function contentIdOf(entries: Iterable<FolderEntry>): string {
  return hash('sha256', folderListing(entries), 'hex');
}

/**
 * Computes the content id of the folder that a torrent describes, without its files.
 *
 * @returns 64 hex digits; `undefined` for a single file, for a torrent that has not the SHA-256 of each file, and for one whose
 * links lead outside or whose entries have one path
 *
 * @example
 * ```ts
 * import { readFile } from 'node:fs/promises';
 * import { contentIdOfTorrent, parseMetainfo } from 'shoal/metainfo';
 *
 * const id = contentIdOfTorrent(parseMetainfo(await readFile('linux.iso.torrent')));
 * console.log(id); // undefined
 * ```
 */
export function contentIdOfTorrent(metainfo: Metainfo): string | undefined {
  if (metainfo.isSingleFile || metainfo.files.some(({ sha256 }) => sha256 === undefined)) return undefined;
  const links: FolderEntry[] = [];
  for (const symlink of metainfo.symlinks) {
    const text = linkTargetOf(symlink);
    if (text === undefined) return undefined;
    links.push({ kind: 'link', path: exactPathOf(symlink), sha256: hashOfLink(text) });
  }
  if (hasClash(metainfo)) return undefined;
  const files = metainfo.files.map((file): FolderEntry => {
    const kind = file.attr?.includes('x') ? 'executable' : 'file';
    return { kind, path: exactPathOf(file), sha256: toHex(file.sha256!) };
  });
  const emptyFolders = metainfo.emptyFolders.map((folder): FolderEntry => {
    return { kind: 'emptyFolder', path: exactPathOf(folder), sha256: HASH_OF_NOTHING };
  });
  return contentIdOf([...files, ...links, ...emptyFolders]);
}

/** Computes the SHA-256 of the text of a symbolic link. @param text in the form of `diskPathFromBytes()` */
export function hashOfLink(text: string): string {
  return hash('sha256', diskPathToBytes(text), 'hex');
}
