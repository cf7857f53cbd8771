import { ShoalError } from './errors.ts';

declare const infoHashBrand: unique symbol;

/**
 * The name of a torrent on the wire and at trackers: 20 bytes as 40 lower-case hex digits. It is the SHA-1 of a v1
 * `info` dictionary, or the first 20 bytes of the SHA-256 of a v2 one.
 *
 * @see BEP 3, BEP 52
 */
export type InfoHash = string & { readonly [infoHashBrand]: true };

/** The number of bytes in an info-hash as it stands in a handshake or an announce. */
export const INFO_HASH_BYTES = 20;

/** The error for a text that should be an info-hash or a digest and is not. */
export class HexError extends ShoalError<'BAD_HEX'> {}

/** Reads 40 hex digits of either case. @throws {HexError} */
export function parseInfoHash(text: string): InfoHash {
  if (!/^[0-9a-f]{40}$/i.test(text)) {
    throw new HexError(
      'BAD_HEX',
      `Cannot read an info-hash: expected 40 hex digits, found ${JSON.stringify(text.slice(0, 80))}`,
    );
  }
  return text.toLowerCase() as InfoHash;
}

/** Makes an info-hash of its bytes. @param bytes exactly 20 bytes; they are copied */
export function infoHashFromBytes(bytes: Uint8Array): InfoHash {
  if (bytes.length !== INFO_HASH_BYTES) {
    throw new HexError(
      'BAD_HEX',
      `Cannot read an info-hash: expected ${INFO_HASH_BYTES} bytes, found ${bytes.length}`,
    );
  }
  const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return buffer.toString('hex') as InfoHash;
}

/** Gives the 20 bytes of an info-hash, as a handshake carries them. */
export function infoHashToBytes(infoHash: InfoHash): Uint8Array {
  return Buffer.from(infoHash, 'hex');
}
