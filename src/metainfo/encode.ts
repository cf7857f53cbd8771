import { Bencoded, type Encodable, encode } from '../bencode/index.ts';
import { checkArgument, fromHex, oneOf, toHex, type ValueRule, valueRules } from '../util/index.ts';
import { encodableInfo } from './encode-info.ts';
import type { Metainfo } from './metainfo.ts';
import type { MetainfoExtras, NewMetainfo } from './new-metainfo.ts';
import { parseMetainfo } from './parse.ts';

const LIST: ValueRule = { wants: 'an array', takes: Array.isArray };
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
  for (const name of ['symlinks', 'emptyFolders'] as const)
    checkArgument('createMetainfo()', name, torrent[name] ?? [], LIST);
  const infoBytes = encode(encodableInfo(torrent));
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
