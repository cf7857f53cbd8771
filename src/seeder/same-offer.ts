import type { Offer } from './offer.ts';

/** Tells whether two offers are of the same torrent, with the same files in the same states, so that one can stand for the other. */
export function isSameOffer(one: Offer, other: Offer): boolean {
  return (
    one.metainfo.infoHash === other.metainfo.infoHash &&
    one.files.length === other.files.length &&
    one.files.every(({ path, realPath, version }, at) => {
      const file = other.files[at]!;
      return path === file.path && realPath === file.realPath && version === file.version;
    })
  );
}
