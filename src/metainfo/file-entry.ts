import type { BencodeCursor, BencodeDictionary } from '../bencode/index.ts';
import { latin1 } from '../util/index.ts';
import { badField, tooDeep } from './errors.ts';
import { checkNameLength, readUtf8 } from './file-name.ts';
import { MAX_PATH_NAMES } from './limits.ts';
import type { MetainfoFile } from './metainfo.ts';

/** The properties of a file in a torrent: an entry of the v1 list, or of the v2 tree. */
export interface FileEntry {
  readonly length: number | undefined;
  /**
   * The path, from `path.utf-8` if that is UTF-8, or else from `path`. In v2 the path is not here, but in the keys of
   * the tree.
   */
  readonly path: readonly Uint8Array[] | undefined;
  readonly piecesRoot: Uint8Array | undefined;
  /** The letters of its attributes. @see BEP 47 */
  readonly attr: string;
  /** @see BEP 47, `symlink path` */
  readonly symlinkPath: readonly Uint8Array[];
  /** The exact text of a symbolic link, from `link target`, a key of Shoal. */
  readonly linkTarget: Uint8Array | undefined;
  /** The SHA-256 of the file, 32 bytes, from `sha256`, a key of Shoal beside the `sha1` of BEP 47. */
  readonly sha256: Uint8Array | undefined;
  /** The names in all paths that were read for it. */
  readonly nameCount: number;
  /** The number of those names that the file before does not have at the same depth. */
  readonly newNameCount: number;
}

/** The number of letters of an `attr` that are read: BEP 47 has four. */
const ATTRIBUTES = 16;

/** The bytes of a SHA-256. One of another length is ignored. */
const SHA256_BYTES = 32;

/** The start of the names of BitComet's pad files, which have no attribute. */
const BITCOMET_PAD = Buffer.from('_____padding_file_');

/**
 * Reads the properties of one file. Unknown keys are passed. When a key stands twice, the first one counts.
 *
 * @param before the file before it, whose names are used again where the two paths agree
 * @returns `undefined` if no dictionary is next
 * @throws {MetainfoError}
 */
export function readFileEntry(cursor: BencodeCursor, before?: FileEntry): FileEntry | undefined {
  if (!cursor.enterDictionary()) return undefined;
  let length: number | undefined;
  let path: readonly Uint8Array[] | undefined;
  let pathUtf8: readonly Uint8Array[] | undefined;
  let piecesRoot: Uint8Array | undefined;
  let attr: Uint8Array | undefined;
  let symlinkPath: readonly Uint8Array[] | undefined;
  let linkTarget: Uint8Array | undefined;
  let sha256: Uint8Array | undefined;
  while (cursor.hasMore()) {
    const key = cursor.readKey();
    if (key === 'length' && length === undefined) length = cursor.readInteger();
    else if (key === 'path' && path === undefined) path = readPath(cursor, key, before?.path);
    else if (key === 'path.utf-8' && pathUtf8 === undefined) {
      pathUtf8 = readPath(cursor, key, path ?? before?.path);
    } else if (key === 'pieces root' && piecesRoot === undefined) piecesRoot = cursor.readBytes();
    else if (key === 'attr' && attr === undefined) attr = cursor.readBytes();
    else if (key === 'symlink path' && symlinkPath === undefined) symlinkPath = readPath(cursor, key);
    else if (key === 'link target' && linkTarget === undefined) linkTarget = cursor.readBytes();
    else if (key === 'sha256' && sha256 === undefined) sha256 = cursor.readBytes();
    else cursor.skip();
  }
  if (linkTarget !== undefined) checkNameLength(linkTarget);
  return {
    length,
    path: pathUtf8 !== undefined && isUtf8(pathUtf8) ? pathUtf8 : path,
    piecesRoot,
    attr: attributesOf(attr),
    symlinkPath: symlinkPath ?? [],
    linkTarget,
    sha256: sha256?.length === SHA256_BYTES ? sha256 : undefined,
    nameCount: (path?.length ?? 0) + (pathUtf8?.length ?? 0) + (symlinkPath?.length ?? 0),
    newNameCount: countNew(path, before?.path) + countNew(pathUtf8, path ?? before?.path),
  };
}

/** Reads the properties of the one file of a v1 torrent, which stand in `info` itself. */
export function singleFileEntry(info: BencodeDictionary): FileEntry {
  const cursor = info.cursorAt('symlink path');
  const symlinkPath = (cursor && readPath(cursor, 'symlink path')) ?? [];
  return {
    length: info.getInteger('length'),
    path: undefined,
    piecesRoot: undefined,
    attr: attributesOf(info.getBytes('attr')),
    symlinkPath,
    linkTarget: undefined,
    sha256: undefined,
    nameCount: symlinkPath.length,
    newNameCount: 0,
  };
}

/** Gets the length of a file, which must be there. @throws {MetainfoError} */
export function requireLength({ length }: FileEntry): number {
  if (length === undefined || length < 0)
    throw badField('length', 'must be a number of bytes from 0 to 2^53');
  return length;
}

export function isSymlink({ attr }: FileEntry): boolean {
  return attr.includes('l');
}

/** Tells whether an entry of the v1 list only fills the gap up to the next file. */
export function isPad({ attr, path }: FileEntry): boolean {
  return attr.includes('p') || isBitCometPad(path?.at(-1));
}

/** Picks the attributes and the SHA-256 that a `MetainfoFile` has. Most files of other programs have none. */
export function extrasOf({ attr, sha256 }: FileEntry): Pick<MetainfoFile, 'attr' | 'sha256'> {
  if (attr === '' && sha256 === undefined) return {};
  const kept = ['x', 'h'].filter((letter) => attr.includes(letter)).join('');
  return { ...(kept !== '' && { attr: kept }), ...(sha256 && { sha256 }) };
}

function attributesOf(attr: Uint8Array | undefined): string {
  return attr === undefined ? '' : latin1(attr, 0, Math.min(attr.length, ATTRIBUTES));
}

/**
 * Reads a path: a list of names.
 *
 * @param before names to take instead of equal ones at the same depth
 * @returns `undefined` if no list is next
 */
export function readPath(
  cursor: BencodeCursor,
  field: string,
  before: readonly Uint8Array[] = [],
): readonly Uint8Array[] | undefined {
  if (!cursor.enterList()) return undefined;
  const path: Uint8Array[] = [];
  while (cursor.hasMore()) {
    const name = cursor.readBytes(before[path.length]);
    if (name === undefined) throw badField(field, 'has a part that is no string');
    checkNameLength(name);
    if (path.length === MAX_PATH_NAMES) throw tooDeep();
    path.push(name);
  }
  return path;
}

/** Counts the names of a path that {@link readPath} did not find in the path before. */
export function countNew(path: readonly Uint8Array[] = [], before: readonly Uint8Array[] = []): number {
  let count = 0;
  for (const [depth, name] of path.entries()) if (name !== before[depth]) count += 1;
  return count;
}

function isUtf8(path: readonly Uint8Array[]): boolean {
  return path.length > 0 && path.every((name) => readUtf8(name) !== undefined);
}

function isBitCometPad(name: Uint8Array | undefined): boolean {
  return name !== undefined && BITCOMET_PAD.equals(name.subarray(0, BITCOMET_PAD.length));
}
