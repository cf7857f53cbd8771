import {
  MAX_REGISTERED_METAINFO_BYTES,
  MAX_REGISTRATION_BYTES,
  type RegisteredTorrent,
  type Registration,
} from '../tracker-protocol/index.ts';

/** A torrent that a seeder holds, with the bytes of its `.torrent`. */
export interface OfferedTorrent extends Omit<RegisteredTorrent, 'metainfo'> {
  readonly metainfo: Uint8Array;
}

/**
 * Puts a whole list of torrents into one registration. When it would get too large, the largest metainfos are left
 * out: the tracker names those it misses, and they are uploaded one by one.
 *
 * @param maxBytes of the registration as JSON
 */
export function fitRegistration(
  seeder: Omit<Registration, 'torrents'>,
  offered: readonly OfferedTorrent[],
  maxBytes: number = MAX_REGISTRATION_BYTES,
): Registration {
  const torrents: RegisteredTorrent[] = offered.map((torrent) => ({ ...torrent, metainfo: undefined }));
  let room = maxBytes - Buffer.byteLength(JSON.stringify({ ...seeder, torrents }));
  const smallestFirst = [...offered.entries()].sort(([, a], [, b]) => a.metainfo.length - b.metainfo.length);
  for (const [at, { metainfo }] of smallestFirst) {
    room -= ',"metainfo":""'.length + 4 * Math.ceil(metainfo.length / 3);
    if (room < 0 || metainfo.length > MAX_REGISTERED_METAINFO_BYTES) break;
    torrents[at] = { ...torrents[at]!, metainfo: Buffer.from(metainfo).toString('base64') };
  }
  return { ...seeder, torrents };
}
