import { checkedValue, withDigest } from './checked-value.ts';
import { decodeStoredHead } from './seeder-record.ts';

/** The key of the entry that names the format of all others. */
export const FORMAT_KEY = 'format';
/** The key of the entry that names the format again, with a digest, so that a newer format is told from a flipped bit. */
export const CHECKED_FORMAT_KEY = 'checked-format';
/** The name of the format; its number rises with each change. */
export const FORMAT = 'shoal catalog 1';
/** The start of the keys of seeders, which end with their ids. The keys of metainfo end with info-hashes. */
export const SEEDER = 'seeder/';
export const METAINFO = 'checked-metainfo/';
/**
 * The start of the keys of metainfo that earlier versions wrote without a digest: it is dropped, and seeders bring it again.
 */
export const UNCHECKED_METAINFO = 'metainfo/';
export const KNOWN_KEY = new RegExp(`^(?:(?:${FORMAT_KEY}|${CHECKED_FORMAT_KEY})$|${SEEDER}|${METAINFO})`);

const NEWER_FORMAT = /^shoal catalog (?!0|1$)\d+$/;

/** Makes the entries of a new file. */
export function formatEntries(): Map<string, Uint8Array> {
  const format = Buffer.from(FORMAT);
  return new Map([
    [FORMAT_KEY, format],
    [CHECKED_FORMAT_KEY, withDigest(CHECKED_FORMAT_KEY, format)],
  ]);
}

/** Says whether a seeder or a metainfo is as it was written under the key, by the digest in it. */
export function isSoundEntry(key: string, value: Uint8Array): boolean {
  if (key.startsWith(SEEDER)) return decodeStoredHead(value)?.id === key.slice(SEEDER.length);
  return key.startsWith(METAINFO) && checkedValue(key, value) !== undefined;
}

/** Says whether a format is that of a newer version of this program. */
export function isNewerFormat(format: Uint8Array | undefined): boolean {
  return format !== undefined && NEWER_FORMAT.test(Buffer.from(format).toString());
}
