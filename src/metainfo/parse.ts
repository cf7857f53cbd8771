import { createHash } from 'node:crypto';
import { BencodeDictionary, BencodeError, bytesToText, decode, decodePrefix } from '../bencode/index.ts';
import {
  checkArgument,
  INFO_HASH_BYTES,
  type InfoHash,
  infoHashFromBytes,
  toHex,
  valueRules,
} from '../util/index.ts';
import { readEmptyFolders } from './empty-folders.ts';
import { badField, MetainfoError, quotedPath, tooManyFiles } from './errors.ts';
import { readUtf8 } from './file-name.ts';
import { checkSameEntries } from './hybrid.ts';
import { MAX_FILES, MAX_LISTED, MAX_METAINFO_BYTES, MAX_METAINFO_DEPTH, MAX_PIECES } from './limits.ts';
import { linkTargetOf } from './link-target.ts';
import type { EntryPath, Metainfo, MetainfoFile, MetainfoSymlink } from './metainfo.ts';
import { NameReader } from './name-reader.ts';
import { OUTSIDE_INFO_KEYS, otherTrackersOf, readOutsideInfo, textOf, textsOf } from './outside-info.ts';
import { parseInfoV1 } from './parse-v1.ts';
import { type InfoV2, parseInfoV2 } from './parse-v2.ts';
import { readPieceLayers } from './piece-layers.ts';
import { pieceLengthFault } from './piece-length.ts';
import { resolveLinks } from './resolve-links.ts';

/** The options of {@link parseMetainfo}. */
export interface ParseMetainfoOptions {
  /**
   * Whether to refuse what BEP 3 and BEP 52 do not allow but other programs write: keys out of order or twice, leading
   * zeros, bytes behind the dictionary, hybrids without their piece layers. The default is `false`.
   */
  readonly strict?: boolean;
}

const ROOT_KEYS: ReadonlySet<string> = new Set([...OUTSIDE_INFO_KEYS, 'collections', 'info', 'similar']);

/** The keys of `info` that are read as a whole. The lists of files are read entry by entry. */
const INFO_KEYS: ReadonlySet<string> = new Set([
  'attr',
  'collections',
  'length',
  'meta version',
  'name',
  'name.utf-8',
  'piece length',
  'pieces',
  'private',
  'similar',
  'source',
  'source.utf-8',
]);

/**
 * Reads a `.torrent` of version 1, 2 or both and checks everything that can be checked without the files: sizes, counts,
 * names, that both halves of a hybrid describe the same folder, and in v2 that each piece layer hashes to its root. Symbolic
 * links are read as they stand: `folderFaultOf()` tells whether one leads outside, and the `warnings` say so.
 *
 * Byte arrays of the result are views into `bytes`, which must not be written to afterwards.
 *
 * @param bytes at most `MAX_METAINFO_BYTES`
 * @returns the metainfo, with the info-hashes
 * @throws {MetainfoError} when the torrent cannot be used; the `code` says why
 * @throws {ArgumentError} when `bytes` is no `Uint8Array`, but for example the name of a file
 * @see BEP 3, BEP 12, BEP 27, BEP 47, BEP 52
 *
 * @example
 * ```ts
 * import { readFile } from 'node:fs/promises';
 * import { parseMetainfo } from 'shoal/metainfo';
 *
 * const { name, length } = parseMetainfo(await readFile('linux.iso.torrent'));
 * console.log(`${name} has ${length} bytes`); // linux.iso has 5 bytes
 * ```
 */
export function parseMetainfo(bytes: Uint8Array, options: ParseMetainfoOptions = {}): Metainfo {
  checkArgument('parseMetainfo()', 'bytes', bytes, valueRules.bytes);
  checkArgument('parseMetainfo()', 'options', options, valueRules.object);
  const { strict = false } = options;
  const root = decodeMetainfo(bytes, strict);
  const info = root.getDictionary('info');
  if (info === undefined) throw badField('info', `must be a dictionary, ${foundAt(root, 'info')}`);
  const span = root.spanOf('info')!;
  const infoBytes = new Uint8Array(bytes.buffer, bytes.byteOffset + span.start, span.end - span.start);

  const hasV2 = checkMetaVersion(info);
  if (hasV2 && !strict) checkCanonical(infoBytes);
  const hasV1 = !hasV2 || info.has('pieces');
  const names = new NameReader();
  const name = nameOf(info, names);
  const pieceLength = info.getInteger('piece length');
  if (pieceLength === undefined)
    throw badField('piece length', `must be an integer, ${foundAt(info, 'piece length')}`);
  const fault = pieceLengthFault(pieceLength, hasV2);
  if (fault !== undefined) throw badField('piece length', fault);
  const v1 = hasV1 ? parseInfoV1(info, name, pieceLength, names) : undefined;
  const v2 = hasV2 ? parseInfoV2(info, pieceLength, names) : undefined;
  if (v1 && v2) checkSameEntries(v1, v2, pieceLength);
  const warnings: string[] = [];
  const layers = v2 && readLayers(v2, root, pieceLength, hasV1 && !strict ? warnings : undefined);

  const half = (layers ? v2 : v1)!;
  const { files, streamLength } = half;
  const isSingleFile = v1?.isSingleFile ?? isSingleFileTree(half, name, info);
  const emptyFolders = isSingleFile ? [] : emptyFoldersOf(info, names, half);
  const symlinks = resolveLinks(half.symlinks, [files, half.symlinks, emptyFolders]);
  warnings.push(...outsideLinks(symlinks), ...names.warnings);
  const pieceCount = Math.ceil(streamLength / pieceLength);
  if (pieceCount > MAX_PIECES) throw tooLarge(`it has ${pieceCount} pieces, at most ${MAX_PIECES} are taken`);
  const source = textOf(info, 'source');

  return {
    version: layers === undefined ? 'v1' : hasV1 ? 'hybrid' : 'v2',
    name,
    isSingleFile,
    pieceLength,
    pieceCount,
    length: files.reduce((sum, file) => sum + file.length, 0),
    streamLength: v1?.streamLength ?? streamLength,
    files,
    symlinks,
    emptyFolders,
    ...infoHashesOf(infoBytes, hasV1, layers !== undefined),
    ...(v1 && { pieces: v1.pieces }),
    ...(layers && { pieceLayers: layers }),
    isPrivate: isPrivate(info),
    ...(source !== undefined && { source }),
    similar: similarOf(root, info),
    collections: [...new Set([...textsOf(info.get('collections')), ...textsOf(root.get('collections'))])],
    ...readOutsideInfo(root),
    otherTrackers: otherTrackersOf(root),
    warnings,
    infoBytes,
  };
}

function decodeMetainfo(bytes: Uint8Array, strict: boolean): BencodeDictionary {
  const value = fromBencode(() => {
    const options = {
      lenient: !strict,
      maxBytes: MAX_METAINFO_BYTES,
      maxDepth: MAX_METAINFO_DEPTH,
      isWanted,
    };
    // Some programs write a new line or zeros behind the dictionary.
    return strict ? decode(bytes, options) : decodePrefix(bytes, options).value;
  });
  if (value instanceof BencodeDictionary) return value;
  throw badField('info', 'is missing: the file is bencode, but no dictionary');
}

/** Tells whether a value is read as a whole. All others are passed over, as they may be as large as the file. */
function isWanted(key: string, depth: number): boolean {
  return depth === 0 ? ROOT_KEYS.has(key) : INFO_KEYS.has(key);
}

/** Checks that the `info` of a v2 torrent is written in the one form that bencode has for it. @see BEP 52 */
function checkCanonical(infoBytes: Uint8Array): void {
  fromBencode(() =>
    decode(infoBytes, { maxBytes: MAX_METAINFO_BYTES, maxDepth: MAX_METAINFO_DEPTH, isWanted: () => false }),
  );
}

function fromBencode<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof BencodeError)) throw error;
    throw new MetainfoError('NOT_BENCODE', `Cannot read this torrent. ${error.message}`, { cause: error });
  }
}

/**
 * Reads the piece layers.
 *
 * @param warnings the list to add a warning to when the torrent can be used without its layers; `undefined` when it cannot
 * @returns `undefined` when the layers are missing or damaged and `warnings` is given
 */
function readLayers(
  { files }: InfoV2,
  root: BencodeDictionary,
  pieceLength: number,
  warnings: string[] | undefined,
): ReadonlyMap<string, Uint8Array> | undefined {
  try {
    return readPieceLayers(files, root.cursorAt('piece layers'), pieceLength);
  } catch (error) {
    if (warnings === undefined || !(error instanceof MetainfoError)) throw error;
    warnings.push(`Only the v1 half of this hybrid torrent is used. ${error.message}`);
    return undefined;
  }
}

/** Checks that the `meta version`, if there is one, is 2. @returns whether there is a v2 half */
function checkMetaVersion(info: BencodeDictionary): boolean {
  if (!info.has('meta version')) return false;
  const version = info.get('meta version');
  if (version === 2) return true;
  throw new MetainfoError(
    'UNSUPPORTED_VERSION',
    `Cannot use this torrent: its \`meta version\` is ${typeof version === 'object' ? 'no number' : version}, not 2`,
    { field: 'meta version' },
  );
}

/** Reads the name, from `name.utf-8` if that is UTF-8. No BEP has that key, but libtorrent prefers it as well. */
function nameOf(info: BencodeDictionary, names: NameReader): string {
  const inUtf8 = info.getBytes('name.utf-8');
  const isUsable = inUtf8 !== undefined && inUtf8.length > 0 && readUtf8(inUtf8) !== undefined;
  const name = isUsable ? inUtf8 : info.getBytes('name');
  if (name === undefined) throw badField('name', 'must be a string');
  return names.name(name);
}

/**
 * Tells whether a tree is a single file: it has one file, which is called like the torrent. With another name, the
 * torrent is a folder with one file. BEP 52 leaves this open; this rule keeps the folder. A torrent with links, or with a list
 * of `empty folders`, even an empty one, is a folder.
 */
function isSingleFileTree({ files, symlinks }: FolderHalf, name: string, info: BencodeDictionary): boolean {
  if (symlinks.length > 0 || info.cursorAt(EMPTY_FOLDERS) !== undefined) return false;
  return files.length === 1 && files[0]!.path.length === 1 && files[0]!.path[0] === name;
}

/** The files and links of one half of a torrent. */
interface FolderHalf {
  readonly files: readonly MetainfoFile[];
  readonly symlinks: readonly MetainfoSymlink[];
}

const EMPTY_FOLDERS = 'empty folders';

function emptyFoldersOf(
  info: BencodeDictionary,
  names: NameReader,
  { files, symlinks }: FolderHalf,
): readonly EntryPath[] {
  const most = MAX_FILES - files.length - symlinks.length;
  return readEmptyFolders(info.cursorAt(EMPTY_FOLDERS), names, most, tooManyFiles);
}

function infoHashesOf(
  infoBytes: Uint8Array,
  isV1: boolean,
  isV2: boolean,
): Pick<Metainfo, 'infoHash' | 'infoHashV1' | 'infoHashV2'> {
  const v1 = isV1 ? createHash('sha1').update(infoBytes).digest() : undefined;
  const v2 = isV2 ? createHash('sha256').update(infoBytes).digest() : undefined;
  return {
    infoHash: infoHashFromBytes(v1 ?? v2!.subarray(0, INFO_HASH_BYTES)),
    ...(v1 && { infoHashV1: infoHashFromBytes(v1) }),
    ...(v2 && { infoHashV2: toHex(v2) }),
  };
}

/** Tells whether a torrent is private. Some programs write a number other than 1, or a string. @see BEP 27 */
function isPrivate(info: BencodeDictionary): boolean {
  const value = info.get('private');
  return value instanceof Uint8Array ? bytesToText(value) === '1' : Number(value ?? 0) !== 0;
}

/** Reads the info-hashes of torrents that may have files in common with this one. @see BEP 38 */
function similarOf(root: BencodeDictionary, info: BencodeDictionary): InfoHash[] {
  const listed = [...(info.getList('similar') ?? []), ...(root.getList('similar') ?? [])];
  return listed
    .filter((item) => item instanceof Uint8Array && item.length === INFO_HASH_BYTES)
    .slice(0, MAX_LISTED)
    .map((item) => infoHashFromBytes(item as Uint8Array));
}

/** Warns of links that lead out of the torrent's folder, for which a download of it is refused. */
function outsideLinks(symlinks: readonly MetainfoSymlink[]): string[] {
  const outside = symlinks.filter((symlink) => linkTargetOf(symlink) === undefined);
  if (outside.length === 0) return [];
  const path = quotedPath(outside[0]!.path);
  return outside.length === 1
    ? [`The symbolic link ${path} leads out of the folder, or nowhere.`]
    : [`${outside.length} symbolic links lead out of the folder, or nowhere; ${path} is the first.`];
}

function tooLarge(found: string): MetainfoError {
  return new MetainfoError('TOO_LARGE', `Cannot use this torrent: ${found}`);
}

/** Describes the value that was found in place of one of the right type: `but it is missing`, `found a string`. */
function foundAt(dictionary: BencodeDictionary, key: string): string {
  const value = dictionary.get(key);
  if (value === undefined) return 'but it is missing';
  if (value instanceof Uint8Array) return 'found a string';
  if (Array.isArray(value)) return 'found a list';
  return value instanceof BencodeDictionary ? 'found a dictionary' : `found ${value}`;
}
