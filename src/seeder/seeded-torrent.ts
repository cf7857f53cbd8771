import type { Offer } from './offer.ts';
import type { SeededTorrent } from './seeder-options.ts';

/** Describes an offer for the user of a seeder. */
export function seededTorrentOf({ metainfo, path, sha256, contentId }: Offer): SeededTorrent {
  const { name, length: size, infoHash, isSingleFile, files } = metainfo;
  return {
    name,
    size,
    infoHash,
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(contentId === undefined ? {} : { contentId }),
    ...(isSingleFile ? {} : { files: files.length }),
    path,
  };
}
