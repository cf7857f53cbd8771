import { isFolderListing, LISTING_START_BYTES } from '../metainfo/index.ts';
import type { TorrentCandidate } from './candidate.ts';

/** Reads bytes of the candidate's single file into a buffer, which it fills. */
export type ReadBytesAt = (offset: number, into: Uint8Array) => Promise<void>;

/**
 * Decides whether a file that has the wanted id is not what is wanted: who asks for a folder by its content id must not get
 * the folder's listing, which is a file with that SHA-256 and may be offered by anybody.
 */
export async function isListingInPlaceOfFolder(
  { isById = false, metainfo }: TorrentCandidate,
  read: ReadBytesAt,
): Promise<boolean> {
  const { isSingleFile, length } = metainfo;
  if (!isById || !isSingleFile || length <= LISTING_START_BYTES) return false;
  const [start, last] = [new Uint8Array(LISTING_START_BYTES), new Uint8Array(1)];
  await read(0, start);
  await read(length - 1, last);
  return isFolderListing(start, last[0]!);
}
