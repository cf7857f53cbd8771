import {
  type HashKey,
  INFO_HASH_BYTES,
  type InfoHash,
  infoHashFromBytes,
  keyedHash,
} from '../../../../util/index.ts';
import type { StoredTorrent } from '../catalog.ts';
import type { StoredBytes } from './byte-store.ts';

/*
 * The bytes of a description of a torrent, without its info-hash: a byte of flags; the size, a float64; the second info-hash
 * and the SHA-256, if there are any; and the name. Equal descriptions have equal bytes.
 */
const HAS_INFO_HASH_V2 = 1;
const HAS_SHA256 = 2;
/** The flag of a name in UTF-16, because UTF-8 cannot encode a lone surrogate. */
const IS_UTF16 = 4;
const LONE_SURROGATE = /\p{Surrogate}/u;
const SIZE_AT = 1;
const SIZE_BYTES = 8;
const HEAD_BYTES = SIZE_AT + SIZE_BYTES;
const SHA256_BYTES = 32;

export function encodeDescription({ infoHashV2, name, size, sha256 }: StoredTorrent): Buffer {
  const isUtf8 = !LONE_SURROGATE.test(name);
  let end = HEAD_BYTES;
  const infoHashV2At = end;
  if (infoHashV2 !== undefined) end += INFO_HASH_BYTES;
  const sha256At = end;
  if (sha256 !== undefined) end += SHA256_BYTES;
  const bytes = Buffer.allocUnsafe(end + (isUtf8 ? Buffer.byteLength(name) : name.length * 2));
  bytes[0] =
    (infoHashV2 === undefined ? 0 : HAS_INFO_HASH_V2) |
    (sha256 === undefined ? 0 : HAS_SHA256) |
    (isUtf8 ? 0 : IS_UTF16);
  bytes.writeDoubleLE(size, SIZE_AT);
  if (infoHashV2 !== undefined) bytes.write(infoHashV2, infoHashV2At, 'hex');
  if (sha256 !== undefined) bytes.write(sha256, sha256At, 'hex');
  bytes.write(name, end, isUtf8 ? 'utf8' : 'utf16le');
  return bytes;
}

/** Reverses {@link encodeDescription}. */
export function decodeDescription(infoHash: InfoHash, stored: StoredBytes): StoredTorrent {
  const { page, start, end } = stored;
  const flags = page[start]!;
  const infoHashV2At = start + HEAD_BYTES;
  const nameAt = nameStart(stored);
  return {
    infoHash,
    ...((flags & HAS_INFO_HASH_V2) !== 0 && {
      infoHashV2: infoHashFromBytes(page.subarray(infoHashV2At, infoHashV2At + INFO_HASH_BYTES)),
    }),
    name: page.toString((flags & IS_UTF16) === 0 ? 'utf8' : 'utf16le', nameAt, end),
    size: sizeIn(stored),
    ...((flags & HAS_SHA256) !== 0 && { sha256: page.toString('hex', nameAt - SHA256_BYTES, nameAt) }),
  };
}

export function sizeIn({ page, start }: StoredBytes): number {
  return page.readDoubleLE(start + SIZE_AT);
}

export function hasSha256({ page, start }: StoredBytes): boolean {
  return (page[start]! & HAS_SHA256) !== 0;
}

/** @returns the 32 bytes of the SHA-256 in a description that has one: a view */
export function sha256In(stored: StoredBytes): Buffer {
  const end = nameStart(stored);
  return stored.page.subarray(end - SHA256_BYTES, end);
}

/** Reads a SHA-256 to look for. @returns `undefined` for a text that is no SHA-256 */
export function sha256Bytes(text: string): Buffer | undefined {
  return /^[0-9a-f]{64}$/.test(text) ? Buffer.from(text, 'hex') : undefined;
}

/** @returns a number of 32 bits, the first of the SHA-256 in a description that has one */
export function sha256KeyIn(stored: StoredBytes): number {
  return stored.page.readUInt32LE(nameStart(stored) - SHA256_BYTES);
}

/** Hashes the name in a description as {@link keyedHash} does its bytes. */
export function nameKeyIn(hashKey: HashKey, stored: StoredBytes): number {
  const start = nameStart(stored);
  return keyedHash(hashKey, stored.page, start, stored.end - start);
}

/** @returns the bytes of the name and their encoding: a view */
export function nameIn(stored: StoredBytes): NameBytes {
  const { page, start, end } = stored;
  return { isUtf16: (page[start]! & IS_UTF16) !== 0, bytes: page.subarray(nameStart(stored), end) };
}

/** The name in a description. */
export interface NameBytes {
  readonly isUtf16: boolean;
  readonly bytes: Buffer;
}

export function nameBytes(name: string): NameBytes {
  const isUtf16 = LONE_SURROGATE.test(name);
  return { isUtf16, bytes: Buffer.from(name, isUtf16 ? 'utf16le' : 'utf8') };
}

/** Compares the name in a description with another one, in an order without meaning. @returns 0 when they are equal */
export function compareName(stored: StoredBytes, { isUtf16, bytes }: NameBytes): number {
  const { page, start, end } = stored;
  const found = (page[start]! & IS_UTF16) !== 0;
  if (found !== isUtf16) return isUtf16 ? -1 : 1;
  return page.compare(bytes, 0, bytes.length, nameStart(stored), end);
}

/**
 * Compares the SHA-256 in a description with another one; a description without one comes first.
 *
 * @returns 0 when they are equal
 */
export function compareSha256(stored: StoredBytes, sha256: Buffer): number {
  if (!hasSha256(stored)) return -1;
  const end = nameStart(stored);
  return stored.page.compare(sha256, 0, SHA256_BYTES, end - SHA256_BYTES, end);
}

function nameStart({ page, start }: StoredBytes): number {
  const flags = page[start]!;
  let at = start + HEAD_BYTES;
  if ((flags & HAS_INFO_HASH_V2) !== 0) at += INFO_HASH_BYTES;
  if ((flags & HAS_SHA256) !== 0) at += SHA256_BYTES;
  return at;
}
