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
 * The bytes of a description of a torrent, without its info-hash: a byte of flags; the size, a float64; the second info-hash,
 * the number of files, a uint32, and the id, which is a SHA-256 or a content id, if there are any; and the name. Equal
 * descriptions have equal bytes.
 */
const HAS_INFO_HASH_V2 = 1;
const HAS_SHA256 = 2;
/** The flag of a name in UTF-16, because UTF-8 cannot encode a lone surrogate. */
const IS_UTF16 = 4;
const HAS_CONTENT_ID = 8;
const HAS_FILES = 16;
const LONE_SURROGATE = /\p{Surrogate}/u;
const SIZE_AT = 1;
const SIZE_BYTES = 8;
const HEAD_BYTES = SIZE_AT + SIZE_BYTES;
const FILES_BYTES = 4;
const ID_BYTES = 32;

export function encodeDescription(torrent: StoredTorrent): Buffer {
  const { infoHashV2, name, size, sha256, contentId, files } = torrent;
  const id = sha256 ?? contentId;
  const isUtf8 = !LONE_SURROGATE.test(name);
  let end = HEAD_BYTES;
  const infoHashV2At = end;
  if (infoHashV2 !== undefined) end += INFO_HASH_BYTES;
  const filesAt = end;
  if (files !== undefined) end += FILES_BYTES;
  const idAt = end;
  if (id !== undefined) end += ID_BYTES;
  const bytes = Buffer.allocUnsafe(end + (isUtf8 ? Buffer.byteLength(name) : name.length * 2));
  bytes[0] =
    (infoHashV2 === undefined ? 0 : HAS_INFO_HASH_V2) |
    (id === undefined ? 0 : sha256 === undefined ? HAS_CONTENT_ID : HAS_SHA256) |
    (files === undefined ? 0 : HAS_FILES) |
    (isUtf8 ? 0 : IS_UTF16);
  bytes.writeDoubleLE(size, SIZE_AT);
  if (infoHashV2 !== undefined) bytes.write(infoHashV2, infoHashV2At, 'hex');
  if (files !== undefined) bytes.writeUInt32LE(files, filesAt);
  if (id !== undefined) bytes.write(id, idAt, 'hex');
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
    ...((flags & HAS_SHA256) !== 0 && { sha256: page.toString('hex', nameAt - ID_BYTES, nameAt) }),
    ...((flags & HAS_CONTENT_ID) !== 0 && { contentId: page.toString('hex', nameAt - ID_BYTES, nameAt) }),
    ...((flags & HAS_FILES) !== 0 && { files: page.readUInt32LE(filesStart(stored)) }),
  };
}

export function sizeIn({ page, start }: StoredBytes): number {
  return page.readDoubleLE(start + SIZE_AT);
}

/** @returns the 20 bytes of the second info-hash in a description: a view; `undefined` when it has none */
export function infoHashV2In({ page, start }: StoredBytes): Buffer | undefined {
  if ((page[start]! & HAS_INFO_HASH_V2) === 0) return undefined;
  return page.subarray(start + HEAD_BYTES, start + HEAD_BYTES + INFO_HASH_BYTES);
}

/** Reads a second info-hash to look for. @returns `undefined` for a text that is none */
export function infoHashBytes(text: string): Buffer | undefined {
  return /^[0-9a-f]{40}$/.test(text) ? Buffer.from(text, 'hex') : undefined;
}

/** The kind of id that a description has: the SHA-256 of a file, or the content id of a folder. */
export type IdKind = 'sha256' | 'contentId';

/** Finds out which kind of id a description has; `undefined` when it has none. */
export function idKindIn({ page, start }: StoredBytes): IdKind | undefined {
  const flags = page[start]!;
  if ((flags & HAS_SHA256) !== 0) return 'sha256';
  return (flags & HAS_CONTENT_ID) === 0 ? undefined : 'contentId';
}

/** @returns the 32 bytes of the id in a description that has one: a view */
export function idIn(stored: StoredBytes): Buffer {
  const end = nameStart(stored);
  return stored.page.subarray(end - ID_BYTES, end);
}

/** Reads an id to look for. @returns `undefined` for a text that is no id */
export function idBytes(text: string): Buffer | undefined {
  return /^[0-9a-f]{64}$/.test(text) ? Buffer.from(text, 'hex') : undefined;
}

/** @returns a number of 32 bits, the first of the id in a description that has one */
export function idKeyIn(stored: StoredBytes): number {
  return stored.page.readUInt32LE(nameStart(stored) - ID_BYTES);
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
 * Compares the id in a description with another one; a description without one of that kind comes first.
 *
 * @returns 0 when they are equal
 */
export function compareId(stored: StoredBytes, kind: IdKind, id: Buffer): number {
  if (idKindIn(stored) !== kind) return -1;
  const end = nameStart(stored);
  return stored.page.compare(id, 0, ID_BYTES, end - ID_BYTES, end);
}

function filesStart({ page, start }: StoredBytes): number {
  return start + HEAD_BYTES + ((page[start]! & HAS_INFO_HASH_V2) === 0 ? 0 : INFO_HASH_BYTES);
}

function nameStart(stored: StoredBytes): number {
  const flags = stored.page[stored.start]!;
  let at = filesStart(stored);
  if ((flags & HAS_FILES) !== 0) at += FILES_BYTES;
  if ((flags & (HAS_SHA256 | HAS_CONTENT_ID)) !== 0) at += ID_BYTES;
  return at;
}
