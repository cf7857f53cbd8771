import { createHash } from 'node:crypto';

/** The bytes at the begin of a segment. The number changes with the form of the entries, and with the rules by which torrents are made. */
const MAGIC = Buffer.from('shoal hashes 1\n');
const LENGTH_BYTES = 4;
const CHECK_BYTES = 16;
const HASH_BYTES = 32;
const TIME_BYTES = 8;
/** The bytes of an entry without its torrent: key, state, time, and the id behind a byte that tells whether there is one. */
const FIXED_BYTES = 2 * HASH_BYTES + TIME_BYTES + 1 + HASH_BYTES;

/** The result of hashing files in one state. */
export interface CacheEntry {
  /** The SHA-256 of what was asked for: the kind of offer, its options and its path. */
  readonly key: Uint8Array;
  /** The SHA-256 of the state in which the files were. */
  readonly state: Uint8Array;
  /** The time at which the entry was last used, in milliseconds since 1970. */
  readonly usedAt: number;
  /** The SHA-256 of a file, or the content id of a folder; `undefined` when there is none. */
  readonly id: Uint8Array | undefined;
  /** The bytes of the `.torrent` that was made; empty when it was made elsewhere. */
  readonly torrent: Uint8Array;
}

/** Tells how many bytes an entry takes in a segment. */
export function entryBytes({ torrent }: CacheEntry): number {
  return LENGTH_BYTES + CHECK_BYTES + FIXED_BYTES + torrent.length;
}

/** Writes entries as a segment. */
export function encodeSegment(entries: readonly CacheEntry[]): Uint8Array {
  return Buffer.concat([MAGIC, ...entries.flatMap(encodeEntry)]);
}

/**
 * Reads the entries of a segment. Entries that are damaged are left out, and all that stands behind a damaged length.
 *
 * @param bytes the segment. The entries are views of it
 * @param onDamage called once for each damaged entry, and once for bytes that are no segment
 */
export function decodeSegment(bytes: Uint8Array, onDamage: () => void): CacheEntry[] {
  const segment = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const entries: CacheEntry[] = [];
  if (!segment.subarray(0, MAGIC.length).equals(MAGIC)) {
    onDamage();
    return entries;
  }
  for (let at = MAGIC.length; at < segment.length; ) {
    const bodyAt = at + LENGTH_BYTES + CHECK_BYTES;
    const length = bodyAt <= segment.length ? segment.readUInt32BE(at) : 0;
    if (length < FIXED_BYTES || length > segment.length - bodyAt) {
      onDamage();
      break;
    }
    const body = segment.subarray(bodyAt, bodyAt + length);
    if (checkOf(body).equals(segment.subarray(at + LENGTH_BYTES, bodyAt))) entries.push(decodeBody(body));
    else onDamage();
    at = bodyAt + length;
  }
  return entries;
}

function encodeEntry({ key, state, usedAt, id, torrent }: CacheEntry): Uint8Array[] {
  const time = Buffer.alloc(TIME_BYTES);
  time.writeDoubleBE(usedAt);
  const flag = Buffer.of(id === undefined ? 0 : 1);
  const body = Buffer.concat([key, state, time, flag, id ?? Buffer.alloc(HASH_BYTES), torrent]);
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(body.length);
  return [length, checkOf(body), body];
}

function decodeBody(body: Buffer): CacheEntry {
  const idAt = FIXED_BYTES - HASH_BYTES;
  return {
    key: body.subarray(0, HASH_BYTES),
    state: body.subarray(HASH_BYTES, 2 * HASH_BYTES),
    usedAt: body.readDoubleBE(2 * HASH_BYTES),
    id: body[idAt - 1] === 1 ? body.subarray(idAt, FIXED_BYTES) : undefined,
    torrent: body.subarray(FIXED_BYTES),
  };
}

function checkOf(body: Uint8Array): Buffer {
  return createHash('sha256').update(body).digest().subarray(0, CHECK_BYTES);
}
