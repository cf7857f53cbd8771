import { MetainfoError } from './errors.ts';
import { MAX_METAINFO_BYTES } from './limits.ts';
import { MERKLE_HASH_BYTES } from './merkle.ts';
import type { EntryPath, MetainfoVersion } from './metainfo.ts';
import { PIECE_HASH_BYTES } from './piece.ts';

/** The bytes of `d6:lengthi0e4:pathlee`, an entry of v1 without its path, and of a string in it besides its text. */
const V1_FILE_BYTES = 20;
const STRING_BYTES = 2;
/** The bytes of `6:sha25632:` with the SHA-256. */
const SHA256_BYTES = 11 + 32;
/** The bytes of `0:d6:lengthi0ee` with the dictionary around it, an entry of v2 without its name. */
const V2_FILE_BYTES = 17;
/** The bytes of `11:pieces root32:` with the root. */
const ROOT_BYTES = 17 + MERKLE_HASH_BYTES;

/** The plan of a torrent of a folder, as far as it decides how long the `.torrent` will be. */
export interface TorrentPlan {
  readonly files: readonly (EntryPath & { readonly length: number })[];
  readonly version: MetainfoVersion;
  readonly pieceLength: number;
  /** Whether the SHA-256 of each file will be in it. */
  readonly sha256: boolean;
}

/**
 * Estimates how long the `.torrent` of a folder will be, before its files are read. It will have at least as many bytes, and
 * seldom many more.
 */
export function leastTorrentBytes({ files, version, pieceLength, sha256 }: TorrentPlan): number {
  let bytes = 0;
  let total = 0;
  for (const { path, length } of files) {
    const name = path.at(-1)!.length;
    total += length;
    if (sha256) bytes += SHA256_BYTES;
    if (version !== 'v2') {
      bytes += V1_FILE_BYTES + path.reduce((sum, part) => sum + STRING_BYTES + part.length, 0);
    }
    if (version !== 'v1') {
      // Piece layers are not counted, because files with equal content share one.
      bytes += V2_FILE_BYTES + STRING_BYTES + name + (length > 0 ? ROOT_BYTES : 0);
    }
  }
  const pieces = version === 'v2' ? 0 : Math.ceil(total / pieceLength) * PIECE_HASH_BYTES;
  return bytes + pieces;
}

/** Checks the length that a `.torrent` will have at least. @throws {MetainfoError} `TOO_LARGE` */
export function requireNotTooLong(bytes: number): void {
  if (bytes <= MAX_METAINFO_BYTES) return;
  const [mib, most] = [bytes, MAX_METAINFO_BYTES].map((count) => Math.floor(count / 2 ** 20));
  throw new MetainfoError(
    'TOO_LARGE',
    `Cannot make a torrent: with this number of files, the .torrent would have at least ${mib} MiB, and ${most} MiB are allowed. Make one of each folder in it`,
  );
}
