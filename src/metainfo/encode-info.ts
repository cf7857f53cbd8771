import { type Encodable, textToKey } from '../bencode/index.ts';
import { diskPathToBytes, latin1 } from '../util/index.ts';
import { checkFileName, checkPaths } from './check-paths.ts';
import { compareFilePaths, exactPathOf, rawNamesOf } from './entry-path.ts';
import { MetainfoError, quotedPath } from './errors.ts';
import { layOutFiles } from './layout.ts';
import { linkTargetOf } from './link-target.ts';
import type { MetainfoSymlink } from './metainfo.ts';
import type { HashedFile, NewMetainfo } from './new-metainfo.ts';

/**
 * Writes the `info` dictionary of a new torrent.
 *
 * @throws {MetainfoError} when a name, a path or a link cannot be in a torrent
 */
export function encodableInfo(torrent: NewMetainfo): Encodable {
  const { version, name, isSingleFile, files, pieceLength, symlinks = [] } = torrent;
  checkFileName(name);
  checkPaths(torrent);
  for (const symlink of symlinks) checkLink(symlink);
  if (isSingleFile) checkSingleFile(torrent);
  const isV1 = version !== 'v2';
  const isV2 = version !== 'v1';
  return {
    'empty folders': isSingleFile ? undefined : emptyFolderList(torrent),
    'file tree': isV2 ? fileTreeOf(files, symlinks, isSingleFile) : undefined,
    files: isV1 && !isSingleFile ? fileListOf(files, symlinks, isV2 ? pieceLength : undefined) : undefined,
    length: isV1 && isSingleFile ? files[0]!.length : undefined,
    'meta version': isV2 ? 2 : undefined,
    name,
    'piece length': pieceLength,
    pieces: isV1 ? torrent.pieces : undefined,
    private: torrent.isPrivate ? 1 : undefined,
  };
}

function checkLink(symlink: MetainfoSymlink): void {
  if (linkTargetOf(symlink) !== undefined) return;
  throw new MetainfoError(
    'SYMLINK',
    `Cannot make a torrent with the symbolic link ${quotedPath(symlink.path)}: it leads out of the folder, or nowhere`,
  );
}

function checkSingleFile({ name, files, symlinks = [], emptyFolders = [] }: NewMetainfo): void {
  if (files.length !== 1 || files[0]!.path.join('/') !== name) {
    throw new MetainfoError(
      'BAD_NAME',
      `Cannot make a single-file torrent: its one file must be called ${name}`,
    );
  }
  if (symlinks.length + emptyFolders.length === 0) return;
  throw new MetainfoError('BAD_FIELD', 'Cannot make a single-file torrent with links or empty folders');
}

/**
 * Makes the list of `empty folders`.
 *
 * @returns `undefined` for a torrent that needs none. An empty list tells a v2 torrent of a folder whose only file has the
 * name of the folder from that of a single file
 */
function emptyFolderList({ version, name, files, emptyFolders = [] }: NewMetainfo): Encodable | undefined {
  const isLikeFile = version === 'v2' && files.length === 1 && files[0]!.path.join('/') === name;
  if (emptyFolders.length === 0 && !(isLikeFile && files[0]!.sha256)) return undefined;
  const paths = emptyFolders.map(exactPathOf).sort(compareFilePaths);
  return paths.map(rawNamesOf);
}

/** Writes the properties of a file that stand beside its path: in the list of v1, and in the leaf of the v2 tree. */
function propertiesOf({ length, attr, sha256 }: HashedFile): Readonly<Record<string, Encodable | undefined>> {
  return { attr, length, sha256 };
}

/** Writes the properties of a link. @see BEP 47 */
function linkProperties({
  target,
  linkText,
}: MetainfoSymlink): Readonly<Record<string, Encodable | undefined>> {
  return {
    attr: 'l',
    length: 0,
    'link target': linkText === undefined ? undefined : diskPathToBytes(linkText),
    'symlink path': rawNamesOf(target),
  };
}

/**
 * Makes the list of `files` of a v1 torrent. Links stand where a v2 torrent has them among files that are sorted.
 *
 * @param pieceLength the bytes of a piece when pad files are to make each file start with a piece; `undefined` for no pads
 */
function fileListOf(
  files: readonly HashedFile[],
  symlinks: readonly MetainfoSymlink[],
  pieceLength?: number,
): Encodable[] {
  const { offsets } = layOutFiles(
    files.map((file) => file.length),
    pieceLength,
  );
  const list: Encodable[] = [];
  const links = symlinks.toSorted((a, b) => compareFilePaths(exactPathOf(a), exactPathOf(b)));
  let linksListed = 0;
  const listLinksBefore = (path: readonly string[] | undefined) => {
    for (; linksListed < links.length; linksListed += 1) {
      const link = links[linksListed]!;
      if (path !== undefined && compareFilePaths(exactPathOf(link), path) > 0) return;
      list.push({ ...linkProperties(link), path: rawNamesOf(exactPathOf(link)) });
    }
  };
  let end = 0;
  for (const [index, file] of files.entries()) {
    const { length } = file;
    listLinksBefore(exactPathOf(file));
    // An empty file gets no padding, which would make the stream longer than what is hashed.
    const padding = length > 0 ? offsets[index]! - end : 0;
    if (padding > 0) list.push({ attr: 'p', length: padding, path: ['.pad', String(padding)] });
    list.push({ ...propertiesOf(file), path: rawNamesOf(exactPathOf(file)) });
    if (length > 0) end = offsets[index]! + length;
  }
  listLinksBefore(undefined);
  return list;
}

type Folder = Map<string, Folder | Encodable>;

function fileTreeOf(
  files: readonly HashedFile[],
  symlinks: readonly MetainfoSymlink[],
  isSingleFile: boolean,
): Encodable {
  const root: Folder = new Map();
  for (const file of files) {
    const { length, piecesRoot } = file;
    const properties = isSingleFile ? { length } : propertiesOf(file);
    const leaf = { ...properties, 'pieces root': length > 0 ? piecesRoot : undefined };
    addLeaf(root, exactPathOf(file), leaf);
  }
  for (const symlink of symlinks) addLeaf(root, exactPathOf(symlink), linkProperties(symlink));
  return root as ReadonlyMap<string, Encodable>;
}

function addLeaf(root: Folder, path: readonly string[], leaf: Encodable): void {
  let folder = root;
  for (const part of path.slice(0, -1)) {
    const key = keyOf(part);
    const next = folder.get(key) ?? new Map<string, Encodable>();
    folder.set(key, next);
    folder = next as Folder;
  }
  folder.set(keyOf(path.at(-1)!), { '': leaf });
}

/** Makes the key of a name, whose characters stand for the bytes of the name. */
function keyOf(name: string): string {
  const [raw] = rawNamesOf([name]);
  return typeof raw === 'string' ? textToKey(raw) : latin1(raw!);
}
