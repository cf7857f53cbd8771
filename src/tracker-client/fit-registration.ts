import {
  type AnnouncedTorrent,
  MAX_INLINE_METAINFO_BYTES,
  MAX_OPEN_REGISTRATION_BYTES,
  MAX_REGISTRATION_BYTES,
  type Registration,
} from '../tracker-protocol/index.ts';

/** A torrent that a seeder holds, with the bytes of its `.torrent`. */
export interface TorrentToAnnounce extends Omit<AnnouncedTorrent, 'metainfo'> {
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
  offered: readonly TorrentToAnnounce[],
  maxBytes: number = MAX_REGISTRATION_BYTES,
): Registration {
  const torrents: AnnouncedTorrent[] = offered.map((torrent) => ({ ...torrent, metainfo: undefined }));
  let room = maxBytes - Buffer.byteLength(JSON.stringify({ ...seeder, torrents }));
  const smallestFirst = [...offered.entries()].sort(([, a], [, b]) => a.metainfo.length - b.metainfo.length);
  for (const [at, { metainfo }] of smallestFirst) {
    room -= ',"metainfo":""'.length + 4 * Math.ceil(metainfo.length / 3);
    if (room < 0 || metainfo.length > MAX_INLINE_METAINFO_BYTES) break;
    torrents[at] = { ...torrents[at]!, metainfo: Buffer.from(metainfo).toString('base64') };
  }
  return { ...seeder, torrents };
}

/**
 * Puts as many of the torrents into a first registration as one without an access token may have.
 *
 * @returns `isWhole`: whether it says all that {@link fitRegistration} would; where it does not, the registration is to be
 * renewed with the whole list
 */
export function fitFirstRegistration(
  seeder: Omit<Registration, 'torrents'>,
  offered: readonly TorrentToAnnounce[],
  maxBytes: number = MAX_OPEN_REGISTRATION_BYTES,
): { readonly registration: Registration; readonly isWhole: boolean } {
  let room = maxBytes - Buffer.byteLength(JSON.stringify({ ...seeder, torrents: [] }));
  let count = 0;
  for (const torrent of offered) {
    room -= Buffer.byteLength(JSON.stringify({ ...torrent, metainfo: undefined })) + ','.length;
    if (room < 0) break;
    count += 1;
  }
  const registration = fitRegistration(seeder, offered.slice(0, count), maxBytes);
  const isWhole =
    count === offered.length &&
    registration.torrents.every(
      ({ metainfo }, at) =>
        metainfo !== undefined || offered[at]!.metainfo.length > MAX_INLINE_METAINFO_BYTES,
    );
  return { registration, isWhole };
}
