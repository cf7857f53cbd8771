import { createHash } from 'node:crypto';
import { BencodeDictionary, BencodeError, type BencodeValue, bytesToText, decode } from '../bencode/index.ts';
import { INFO_HASH_BYTES, infoHashFromBytes, toHex } from '../util/index.ts';
import { badField, MetainfoError } from './errors.ts';
import { checkFileName, checkPaths } from './file-name.ts';
import { MAX_FILES, MAX_METAINFO_BYTES, MAX_METAINFO_VALUES, MAX_PIECES, MAX_TRACKERS } from './limits.ts';
import type { Metainfo, MetainfoFile } from './metainfo.ts';
import { type InfoV1, parseInfoV1 } from './parse-v1.ts';
import { type InfoV2, parseInfoV2 } from './parse-v2.ts';
import { checkPieceLength } from './piece-length.ts';

export interface ParseMetainfoOptions {
  /** Refuses dictionaries whose keys are out of order, which some programs write. */
  readonly strict?: boolean;
}

/**
 * Reads a `.torrent` of version 1, 2 or both and checks all that can be checked without the files: sizes, counts,
 * names, and in v2 that each piece layer hashes to its root.
 *
 * Byte arrays of the result are views into `bytes`, which must not be written to afterwards.
 *
 * @throws {MetainfoError}
 * @see BEP 3, BEP 12, BEP 27, BEP 47, BEP 52
 *
 * @example
 * ```ts
 * const { infoHash, name, length } = parseMetainfo(await readFile('linux.iso.torrent'));
 * ```
 */
export function parseMetainfo(bytes: Uint8Array, options: ParseMetainfoOptions = {}): Metainfo {
  const root = decodeMetainfo(bytes, options);
  const info = root.getDictionary('info');
  if (info === undefined) throw badField('info', 'must be a dictionary');
  const span = root.spanOf('info')!;
  const infoBytes = new Uint8Array(bytes.buffer, bytes.byteOffset + span.start, span.end - span.start);

  const isV2 = checkMetaVersion(info);
  const isV1 = !isV2 || info.has('pieces');
  const name = nameOf(info);
  const pieceLength = info.getInteger('piece length') ?? 0;
  checkPieceLength(pieceLength, isV2);
  const v1 = isV1 ? parseInfoV1(info, name, pieceLength) : undefined;
  const v2 = isV2 ? parseInfoV2(info, root.getDictionary('piece layers'), pieceLength) : undefined;
  if (v1 && v2) checkSameFiles(v1, v2, pieceLength);

  const { files, streamLength } = (v2 ?? v1)!;
  if (files.length > MAX_FILES)
    throw tooLarge(`it has ${files.length} files, at most ${MAX_FILES} are taken`);
  checkPaths(files.map((file) => file.path));
  const pieceCount = Math.ceil(streamLength / pieceLength);
  if (pieceCount > MAX_PIECES) throw tooLarge(`it has ${pieceCount} pieces, at most ${MAX_PIECES} are taken`);

  return {
    version: v1 && v2 ? 'hybrid' : v1 ? 'v1' : 'v2',
    name,
    isSingleFile: v1?.isSingleFile ?? isSingleFileTree(files, name),
    pieceLength,
    pieceCount,
    length: files.reduce((sum, file) => sum + file.length, 0),
    streamLength: v1?.streamLength ?? streamLength,
    files,
    ...infoHashesOf(infoBytes, isV1, isV2),
    ...(v1 && { pieces: v1.pieces }),
    ...(v2 && { pieceLayers: v2.pieceLayers }),
    isPrivate: info.getInteger('private') === 1,
    announceList: announceListOf(root),
    ...describe(root),
    infoBytes,
  };
}

function decodeMetainfo(bytes: Uint8Array, { strict = false }: ParseMetainfoOptions): BencodeDictionary {
  let value: BencodeValue;
  try {
    value = decode(bytes, {
      lenient: !strict,
      maxBytes: MAX_METAINFO_BYTES,
      maxValues: MAX_METAINFO_VALUES,
    });
  } catch (error) {
    if (!(error instanceof BencodeError)) throw error;
    throw new MetainfoError('NOT_BENCODE', `Cannot read this torrent. ${error.message}`, { cause: error });
  }
  if (value instanceof BencodeDictionary) return value;
  throw badField('info', 'is missing: the file is bencode, but no dictionary');
}

/** @returns whether there is a v2 half */
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

function nameOf(info: BencodeDictionary): string {
  const name = info.getText('name.utf-8') ?? info.getText('name');
  if (name === undefined) throw badField('name', 'must be a string');
  checkFileName(name);
  return name;
}

/** The two halves must put the same bytes of the same files into the same pieces. @see BEP 52, `upgrade path` */
function checkSameFiles(v1: InfoV1, v2: InfoV2, pieceLength: number): void {
  const same =
    v1.files.length === v2.files.length &&
    v1.files.every((file, index) => isSameFile(file, v2.files[index]!)) &&
    Math.ceil(v1.streamLength / pieceLength) === Math.ceil(v2.streamLength / pieceLength);
  if (!same) {
    throw new MetainfoError(
      'HYBRID_MISMATCH',
      'Cannot use this torrent: its v1 and v2 halves describe different files',
    );
  }
}

function isSameFile(a: MetainfoFile, b: MetainfoFile): boolean {
  return (
    a.length === b.length &&
    (a.length === 0 || a.offset === b.offset) &&
    a.path.length === b.path.length &&
    a.path.every((name, depth) => name === b.path[depth])
  );
}

/**
 * A tree of one file that is called like the torrent is that file. With another name it is a folder of one file:
 * BEP 52 leaves this open, and so the folder survives.
 */
function isSingleFileTree(files: readonly MetainfoFile[], name: string): boolean {
  return files.length === 1 && files[0]!.path.length === 1 && files[0]!.path[0] === name;
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

/** Tiers without a tracker are left out. @see BEP 12 */
function announceListOf(root: BencodeDictionary): string[][] {
  const tiers = (root.getList('announce-list') ?? [])
    .map((tier) =>
      Array.isArray(tier) ? tier.filter((url) => url instanceof Uint8Array).map(bytesToText) : [],
    )
    .filter((tier) => tier.length > 0);
  if (tiers.reduce((sum, tier) => sum + tier.length, 0) > MAX_TRACKERS) {
    throw tooLarge(`it names more than ${MAX_TRACKERS} trackers`);
  }
  const announce = root.getText('announce');
  return tiers.length > 0 || !announce ? tiers : [[announce]];
}

function describe(root: BencodeDictionary): Pick<Metainfo, 'comment' | 'createdBy' | 'creationDate'> {
  const comment = root.getText('comment.utf-8') ?? root.getText('comment');
  const createdBy = root.getText('created by');
  const creationDate = root.getInteger('creation date');
  return {
    ...(comment !== undefined && { comment }),
    ...(createdBy !== undefined && { createdBy }),
    ...(creationDate !== undefined && { creationDate }),
  };
}

function tooLarge(found: string): MetainfoError {
  return new MetainfoError('TOO_LARGE', `Cannot use this torrent: ${found}`);
}
