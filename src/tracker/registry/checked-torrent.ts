import { diskNameOf, type Metainfo, MetainfoError, parseMetainfo } from '../../metainfo/index.ts';
import { type AnnouncedTorrent, MAX_REGISTERED_METAINFO_BYTES } from '../../tracker-protocol/index.ts';
import { type InfoHash, parseInfoHash } from '../../util/index.ts';
import { RegistryError } from '../errors/index.ts';
import { type ProvenContent, type StoredTorrent, withContent } from './catalog/index.ts';
import { provenContent } from './prove-content.ts';
import { vouchedMetainfo } from './vouched-metainfo.ts';

/** An announced torrent that was checked: what is stored of it, with its metainfo if that came with it. */
export interface CheckedTorrent {
  readonly torrent: StoredTorrent;
  /** The metainfo as {@link vouchedMetainfo} gives it. */
  readonly metainfo?: Uint8Array;
  /** The content that the metainfo proves. */
  readonly content?: ProvenContent;
}

/** A registration of which every torrent is checked. */
export interface CheckedRegistration {
  /** The address that the seeder names, as in `Registration`. */
  readonly host?: string | undefined;
  readonly port: number;
  readonly peerId: string;
  /** The torrents by info-hash; of several with the same info-hash, the first. */
  readonly torrents: ReadonlyMap<InfoHash, CheckedTorrent>;
}

/**
 * Checks an announced torrent: the metainfo, if there is one, must have its info-hash and agree with its description. The
 * content id and the number of files of a folder are filled in. The SHA-256 of a file cannot be checked here.
 *
 * @param field the path of the torrent in the request
 * @throws {RegistryError} BAD_FIELD
 */
export function checkAnnouncedTorrent(registered: AnnouncedTorrent, field: string): CheckedTorrent {
  const { infoHashV2, name, size, sha256, contentId, files } = registered;
  if (sha256 !== undefined && (contentId !== undefined || files !== undefined))
    throw bad(
      `${field}.sha256`,
      'is of a file, but contentId or files, which are of a folder, are given, too',
    );
  const torrent: StoredTorrent = {
    infoHash: parseInfoHash(registered.infoHash),
    ...(infoHashV2 !== undefined && { infoHashV2: parseInfoHash(infoHashV2) }),
    name,
    size,
    ...(sha256 !== undefined && { sha256 }),
    ...(contentId !== undefined && { contentId }),
    ...(files !== undefined && { files }),
  };
  // An empty text stands for a metainfo that was too long to be read.
  if (registered.metainfo === undefined || registered.metainfo === '') return { torrent };
  const bytes = Buffer.from(registered.metainfo, 'base64');
  const metainfo = checkMetainfo(bytes, torrent.infoHash, `${field}.metainfo`);
  checkAgreement(torrent, metainfo, field);
  const content = provenContent(metainfo);
  checkContent(torrent, content, field);
  return { torrent: withContent(torrent, content), metainfo: vouchedMetainfo(metainfo), content };
}

/** Checks what a seeder says of the content. It may leave out what the metainfo says. */
function checkContent(torrent: StoredTorrent, content: ProvenContent, field: string): void {
  const { sha256, contentId, files } = torrent;
  if (sha256 !== undefined && content.files !== undefined)
    throw bad(`${field}.sha256`, `is given, but the metainfo is of a folder of ${content.files} files`);
  if (contentId !== undefined && contentId !== content.contentId)
    throw bad(
      `${field}.contentId`,
      `is not the content id in the metainfo, ${content.contentId ?? 'which has none'}`,
    );
  if (files !== undefined && files !== content.files)
    throw bad(
      `${field}.files`,
      `is not the number of files in the metainfo, ${content.files ?? 'which is of a single file'}`,
    );
}

/**
 * Checks that bytes are the metainfo of a torrent.
 *
 * @throws {RegistryError} BAD_FIELD
 */
export function checkMetainfo(bytes: Uint8Array, infoHash: string, field: string): Metainfo {
  if (bytes.length > MAX_REGISTERED_METAINFO_BYTES) {
    throw bad(field, `has ${bytes.length} bytes, at most ${MAX_REGISTERED_METAINFO_BYTES} are taken`);
  }
  let metainfo: Metainfo;
  try {
    metainfo = parseMetainfo(bytes);
  } catch (cause) {
    if (cause instanceof MetainfoError) throw bad(field, cause.message, cause);
    throw cause;
  }
  if (metainfo.infoHash === infoHash) return metainfo;
  throw ofAnother(metainfo.infoHash, infoHash, field);
}

/** @param field the path of the metainfo in the request */
export function ofAnother(found: string, expected: string, field: string): RegistryError {
  return bad(field, `is of another torrent: its info-hash is ${found}, expected ${expected}`);
}

function checkAgreement(torrent: StoredTorrent, metainfo: Metainfo, field: string): void {
  const { infoHashV2, name, size } = torrent;
  if (name !== metainfo.name && name !== diskNameOf(metainfo.name, 'linux'))
    throw bad(`${field}.name`, `is not the name in the metainfo, ${metainfo.name}`);
  if (size !== metainfo.length)
    throw bad(`${field}.size`, `is not the size in the metainfo, ${metainfo.length}`);
  const second = metainfo.version === 'hybrid' ? metainfo.infoHashV2?.slice(0, 40) : undefined;
  if (infoHashV2 === undefined || infoHashV2 === second) return;
  throw bad(
    `${field}.infoHashV2`,
    second === undefined ? 'is given, but the metainfo is of no hybrid' : `must be ${second}`,
  );
}

function bad(field: string, found: string, cause?: unknown): RegistryError {
  return new RegistryError('BAD_FIELD', found, { field, cause });
}
