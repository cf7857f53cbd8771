import { checkedValue, withDigest } from './checked-value.ts';
import { decodeStoredHead } from './seeder-record.ts';

/** The key under which the form of all others is named. */
export const FORMAT_KEY = 'format';
/** The key under which that is named again, with a digest: so a newer form is told from a bit that flipped. */
export const CHECKED_FORMAT_KEY = 'checked-format';
/** Rises with each change of what is written. */
export const FORMAT = 'shoal catalog 1';
/** Keys of seeders go on with their ids, of metainfo with info-hashes. */
export const SEEDER = 'seeder/';
export const METAINFO = 'checked-metainfo/';
/** Keys of metainfo as earlier versions wrote it, without a digest: it is dropped, and seeders bring it again. */
export const UNCHECKED_METAINFO = 'metainfo/';
export const KNOWN_KEY = new RegExp(`^(?:(?:${FORMAT_KEY}|${CHECKED_FORMAT_KEY})$|${SEEDER}|${METAINFO})`);

const NEWER_FORMAT = /^shoal catalog (?!0|1$)\d+$/;

/** The entries of a new file. */
export function formatEntries(): Map<string, Uint8Array> {
  const format = Buffer.from(FORMAT);
  return new Map([
    [FORMAT_KEY, format],
    [CHECKED_FORMAT_KEY, withDigest(CHECKED_FORMAT_KEY, format)],
  ]);
}

/** Tells whether a seeder or a metainfo is what was written under that key, by the digest in it. */
export function isSoundEntry(key: string, value: Uint8Array): boolean {
  if (key.startsWith(SEEDER)) return decodeStoredHead(value)?.id === key.slice(SEEDER.length);
  return key.startsWith(METAINFO) && checkedValue(key, value) !== undefined;
}

/** Tells whether a format is one that a newer version of this program writes. */
export function isNewerFormat(format: Uint8Array | undefined): boolean {
  return format !== undefined && NEWER_FORMAT.test(Buffer.from(format).toString());
}
