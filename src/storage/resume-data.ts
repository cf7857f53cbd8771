import { createHash } from 'node:crypto';
import { Bitfield, equalBytes, INFO_HASH_BYTES, type InfoHash, infoHashToBytes } from '../util/index.ts';
import type { FileState } from './file-state.ts';

/** The first bytes of resume data, which name the version of its format. */
const MAGIC = Buffer.from('shoalRD1', 'latin1');
const FIXED_BYTES = MAGIC.length + INFO_HASH_BYTES + 8;
const FILE_BYTES = 16;
const CHECKSUM_BYTES = 32;

/** The torrent that resume data belongs to. */
export interface ResumeSubject {
  readonly infoHash: InfoHash;
  readonly pieceCount: number;
  readonly fileCount: number;
}

/**
 * The record of an unfinished download. A file that still has its state in `files` holds the pieces in `have` and no
 * others. A file that was written to since may hold anything.
 */
export interface ResumeData {
  readonly infoHash: InfoHash;
  /** The pieces that were checked and were on disk before this record was written. */
  readonly have: Bitfield;
  /** The state of each file, in the order of the metainfo; `undefined` for one that was missing or is unknown. */
  readonly files: readonly (FileState | undefined)[];
}

/** Counts the bytes that {@link encodeResumeData} makes for a torrent, which its pieces and files alone decide. */
export function resumeDataBytes({ pieceCount, fileCount }: Omit<ResumeSubject, 'infoHash'>): number {
  return FIXED_BYTES + fileCount * FILE_BYTES + Math.ceil(pieceCount / 8) + CHECKSUM_BYTES;
}

/**
 * Writes resume data as bytes, with all integers big endian: 8 bytes that name the format; the info-hash; the number of
 * pieces and the number of files, 4 bytes each; for each file its size and its time, 8 bytes each, or -1 for both if it has
 * no state; the bitfield; and the SHA-256 of all these.
 */
export function encodeResumeData({ infoHash, have, files }: ResumeData): Uint8Array {
  const bytes = Buffer.alloc(resumeDataBytes({ pieceCount: have.length, fileCount: files.length }));
  MAGIC.copy(bytes);
  bytes.set(infoHashToBytes(infoHash), MAGIC.length);
  let at = bytes.writeUInt32BE(have.length, MAGIC.length + INFO_HASH_BYTES);
  at = bytes.writeUInt32BE(files.length, at);
  for (const file of files) {
    at = bytes.writeBigInt64BE(BigInt(file?.size ?? -1), at);
    at = bytes.writeBigInt64BE(file?.modified ?? -1n, at);
  }
  bytes.set(have.bytes, at);
  bytes.set(checksumOf(bytes), bytes.length - CHECKSUM_BYTES);
  return bytes;
}

/** Reads resume data. @returns `undefined` when it belongs to another torrent, or is cut off or damaged */
export function decodeResumeData(data: Uint8Array, subject: ResumeSubject): ResumeData | undefined {
  const { infoHash, pieceCount, fileCount } = subject;
  if (data.length !== resumeDataBytes(subject)) return undefined;
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.length);
  if (!equalBytes(bytes.subarray(-CHECKSUM_BYTES), checksumOf(bytes))) return undefined;
  const countsAt = MAGIC.length + INFO_HASH_BYTES;
  const isOfIt =
    equalBytes(bytes.subarray(0, MAGIC.length), MAGIC) &&
    equalBytes(bytes.subarray(MAGIC.length, countsAt), infoHashToBytes(infoHash)) &&
    bytes.readUInt32BE(countsAt) === pieceCount &&
    bytes.readUInt32BE(countsAt + 4) === fileCount;
  if (!isOfIt) return undefined;
  const files = Array.from({ length: fileCount }, (_, file): FileState | undefined => {
    const at = FIXED_BYTES + file * FILE_BYTES;
    const size = Number(bytes.readBigInt64BE(at));
    return size < 0 || !Number.isSafeInteger(size)
      ? undefined
      : { size, modified: bytes.readBigInt64BE(at + 8) };
  });
  const have = Bitfield.fromBytes(
    bytes.subarray(FIXED_BYTES + fileCount * FILE_BYTES, -CHECKSUM_BYTES),
    pieceCount,
  );
  return have && { infoHash, have, files };
}

function checksumOf(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes.subarray(0, -CHECKSUM_BYTES)).digest();
}
