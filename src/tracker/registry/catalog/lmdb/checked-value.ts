import { createHash } from 'node:crypto';

const DIGEST_BYTES = 32;

/** Puts before a value the SHA-256 of its key and of itself, so that a bit that flips on the disk is noticed. */
export function withDigest(key: string, value: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(DIGEST_BYTES + value.length);
  bytes.set(digestOf(key, value));
  bytes.set(value, DIGEST_BYTES);
  return bytes;
}

/** Reverses {@link withDigest}. @returns `undefined` when the bytes or the key differ from those that were written */
export function checkedValue(key: string, bytes: Uint8Array): Uint8Array | undefined {
  if (bytes.length < DIGEST_BYTES) return undefined;
  const value = new Uint8Array(bytes.buffer, bytes.byteOffset + DIGEST_BYTES, bytes.length - DIGEST_BYTES);
  return digestOf(key, value).equals(bytes.subarray(0, DIGEST_BYTES)) ? value : undefined;
}

function digestOf(key: string, value: Uint8Array): Buffer {
  return createHash('sha256').update(key).update('\0').update(value).digest();
}
