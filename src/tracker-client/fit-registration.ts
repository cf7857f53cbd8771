import {
  type AnnouncedTorrent,
  MAX_INLINE_METAINFO_BYTES,
  MAX_OPEN_REGISTRATION_BYTES,
  MAX_REGISTRATION_BYTES,
  type Registration,
} from '../tracker-protocol/index.ts';

/** A torrent of a seeder, with the bytes of its `.torrent`. */
export interface TorrentToAnnounce extends Omit<AnnouncedTorrent, 'metainfo'> {
  readonly metainfo: Uint8Array;
}

/**
 * Makes one registration of a whole list of torrents. If it gets too large, the largest metainfos are left out. The tracker
 * then names the ones that it lacks, and they are uploaded one by one.
 *
 * @param maxBytes the most bytes of the registration as JSON
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
 * Makes a first registration of as many torrents as a seeder without an access token may send.
 *
 * @returns `isWhole` tells whether it has everything that {@link fitRegistration} would give; if not, the registration must
 * be renewed with the whole list
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
