import { Bencoded, type Encodable, encode, textToKey } from '../bencode/index.ts';
import { checkArgument, fromHex, oneOf, toHex, type ValueRule, valueRules } from '../util/index.ts';
import { MetainfoError } from './errors.ts';
import { checkFileName, checkPaths } from './file-name.ts';
import { layOutFiles } from './layout.ts';
import type { Metainfo, MetainfoVersion, OutsideInfo } from './metainfo.ts';
import { parseMetainfo } from './parse.ts';

/** A file of a new torrent, with its hashes. */
export interface HashedFile {
  /** The path, as in `MetainfoFile`. */
  readonly path: readonly string[];
  /** Bytes. */
  readonly length: number;
  /** The root of the file's merkle tree, 32 bytes. A v2 or hybrid torrent needs it for each file that is not empty. */
  readonly piecesRoot?: Uint8Array;
  /** The roots of the file's pieces, 32 bytes each, one after the other. A file of more than one piece needs them in v2. */
  readonly pieceLayer?: Uint8Array;
}

/** The part of a `.torrent` outside `info`: it may change, and the info-hash stays the same. */
export type MetainfoExtras = Partial<OutsideInfo>;

/** A torrent to be made by {@link createMetainfo}. */
export interface NewMetainfo extends MetainfoExtras {
  readonly version: MetainfoVersion;
  readonly name: string;
  /** Whether the torrent is one file; then the path of that file is `[name]`. */
  readonly isSingleFile: boolean;
  readonly pieceLength: number;
  /** The files: in any order in v1; in v2 and hybrid sorted by `compareFilePaths()`, which is the order of the file tree. */
  readonly files: readonly HashedFile[];
  /**
   * The SHA-1 of each piece, 20 bytes each, one after the other. A v1 or hybrid torrent needs them. In a hybrid each file
   * starts with a piece, the gaps between files count as zeros, and the last piece ends with the last file.
   */
  readonly pieces?: Uint8Array;
  readonly isPrivate?: boolean;
}

const NEW_METAINFO_RULES: readonly (readonly [keyof NewMetainfo, ValueRule])[] = [
  ['version', oneOf('v1', 'v2', 'hybrid')],
  ['name', valueRules.text],
  ['isSingleFile', valueRules.flag],
  ['pieceLength', valueRules.count],
  ['files', { wants: 'an array of files', takes: Array.isArray }],
];

/**
 * Makes a metainfo. What goes into `info` is a function of the arguments alone: the same files and name give the same
 * info-hash everywhere.
 *
 * @param torrent the files with their hashes, and what the `.torrent` says about them
 * @returns the metainfo; `encodeMetainfo()` writes it as a `.torrent`
 * @throws {MetainfoError} when the parts do not fit together, by the checks of `parseMetainfo()`
 * @throws {ArgumentError} when an argument has the wrong type
 * @see BEP 3, BEP 47, BEP 52
 */
export function createMetainfo(torrent: NewMetainfo): Metainfo {
  checkArgument('createMetainfo()', 'torrent', torrent, valueRules.object);
  for (const [name, rule] of NEW_METAINFO_RULES) checkArgument('createMetainfo()', name, torrent[name], rule);
  const infoBytes = encode(infoOf(torrent));
  const pieceLayers = new Map<string, Uint8Array>();
  for (const { piecesRoot, pieceLayer, length } of torrent.files) {
    if (piecesRoot && pieceLayer && length > torrent.pieceLength)
      pieceLayers.set(toHex(piecesRoot), pieceLayer);
  }
  return parseMetainfo(
    encodeMetainfo({ infoBytes, ...(torrent.version !== 'v1' && { pieceLayers }) }, torrent),
    { strict: true },
  );
}

/**
 * Writes a `.torrent`: the `info` dictionary byte for byte as it was read or made, and the `extras` around it. Keys
 * outside `info` that `OutsideInfo` does not have are not written.
 *
 * @param extras by default the metainfo's own
 * @returns new bytes, which the caller owns
 */
export function encodeMetainfo(
  metainfo: Pick<Metainfo, 'infoBytes' | 'pieceLayers'> & MetainfoExtras,
  extras: MetainfoExtras = metainfo,
): Uint8Array {
  const tiers = extras.announceList?.filter((tier) => tier.length > 0) ?? [];
  const trackers = tiers.flat();
  return encode({
    announce: trackers[0],
    // A single tracker is named by `announce` alone.
    'announce-list': trackers.length > 1 ? tiers : undefined,
    comment: extras.comment,
    'created by': extras.createdBy,
    'creation date': extras.creationDate,
    encoding: extras.encoding,
    httpseeds: listOf(extras.httpSeeds),
    info: new Bencoded(metainfo.infoBytes),
    nodes: listOf(extras.nodes?.map(({ host, port }) => [host, port])),
    'piece layers': metainfo.pieceLayers && encodableLayers(metainfo.pieceLayers),
    publisher: extras.publisher,
    'publisher-url': extras.publisherUrl,
    'url-list': listOf(extras.urlList),
  });
}

/** Returns `undefined` for an empty list, which is not written. */
function listOf(items: readonly Encodable[] | undefined): readonly Encodable[] | undefined {
  return items?.length ? items : undefined;
}

function encodableLayers(layers: ReadonlyMap<string, Uint8Array>): Map<string, Encodable> {
  return new Map([...layers].map(([root, layer]) => [Buffer.from(fromHex(root)).toString('latin1'), layer]));
}

function infoOf(torrent: NewMetainfo): Encodable {
  const { version, name, files, pieceLength } = torrent;
  checkFileName(name);
  checkPaths(files.map((file) => file.path));
  const isV1 = version !== 'v2';
  const isV2 = version !== 'v1';
  if (torrent.isSingleFile && (files.length !== 1 || files[0]!.path.join('/') !== name)) {
    throw new MetainfoError(
      'BAD_NAME',
      `Cannot make a single-file torrent: its one file must be called ${name}`,
    );
  }
  return {
    'file tree': isV2 ? fileTreeOf(files) : undefined,
    files: isV1 && !torrent.isSingleFile ? fileListOf(files, isV2 ? pieceLength : undefined) : undefined,
    length: isV1 && torrent.isSingleFile ? files[0]!.length : undefined,
    'meta version': isV2 ? 2 : undefined,
    name,
    'piece length': pieceLength,
    pieces: isV1 ? torrent.pieces : undefined,
    private: torrent.isPrivate ? 1 : undefined,
  };
}

/**
 * Makes the list of `files` of a v1 torrent.
 *
 * @param pieceLength the bytes of a piece when pad files are to make each file start with a piece; `undefined` for no pads
 */
function fileListOf(files: readonly HashedFile[], pieceLength?: number): Encodable[] {
  const { offsets } = layOutFiles(
    files.map((file) => file.length),
    pieceLength,
  );
  const list: Encodable[] = [];
  let end = 0;
  for (const [index, { path, length }] of files.entries()) {
    // An empty file gets no padding, which would make the stream longer than what is hashed.
    const padding = length > 0 ? offsets[index]! - end : 0;
    if (padding > 0) list.push({ attr: 'p', length: padding, path: ['.pad', String(padding)] });
    list.push({ length, path });
    if (length > 0) end = offsets[index]! + length;
  }
  return list;
}

type Folder = Map<string, Folder | Encodable>;

function fileTreeOf(files: readonly HashedFile[]): Encodable {
  const root: Folder = new Map();
  for (const { path, length, piecesRoot } of files) {
    let folder = root;
    for (const part of path.slice(0, -1)) {
      const key = textToKey(part);
      const next = folder.get(key) ?? new Map<string, Encodable>();
      folder.set(key, next);
      folder = next as Folder;
    }
    folder.set(textToKey(path.at(-1)!), {
      '': { length, 'pieces root': length > 0 ? piecesRoot : undefined },
    });
  }
  return root as ReadonlyMap<string, Encodable>;
}

/** Compares paths name by name, names by their UTF-8 bytes: the order of files in a v2 torrent. @see BEP 52 */
export function compareFilePaths(a: readonly string[], b: readonly string[]): number {
  for (let depth = 0; depth < a.length && depth < b.length; depth += 1) {
    const order = Buffer.compare(Buffer.from(a[depth]!), Buffer.from(b[depth]!));
    if (order !== 0) return order;
  }
  return a.length - b.length;
}
