/** Writes bytes as lower-case hex digits, two for each byte. */
export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
}

/** Reads the bytes that {@link toHex} wrote. The caller has checked that `hex` holds hex digits only. */
export function fromHex(hex: string): Uint8Array {
  return Buffer.from(hex, 'hex');
}

/** Reads the bytes from `start` to `end` as a text of one character for each byte. */
export function latin1(bytes: Uint8Array, start = 0, end = bytes.length): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
}

/**
 * Tells whether `expected` stands at `start`. It compares byte by byte, which is fastest for the few bytes that hot
 * paths look for.
 */
export function standsAt(bytes: Uint8Array, start: number, expected: Uint8Array): boolean {
  if (start + expected.length > bytes.length) return false;
  for (let at = 0; at < expected.length; at += 1) if (bytes[start + at] !== expected[at]) return false;
  return true;
}

/**
 * Tells whether both hold the same bytes. The time it takes depends on the bytes, so that it must not be used for
 * secrets.
 */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0;
}

/**
 * Copies `source` into `target`, from `at` on; it must fit.
 *
 * `target.set(source, at)` does the same, and takes three times as long where the target is memory that threads share,
 * because V8 copies that word by word.
 */
export function copyBytes(source: Uint8Array, target: Uint8Array, at: number): void {
  if (at + source.length > target.length) {
    throw new RangeError(`Cannot copy ${source.length} bytes to ${at} of ${target.length}`);
  }
  // For a value that is no longer than the range, fill() is a memcpy().
  if (source.length > 0) Buffer.prototype.fill.call(target, source, at, at + source.length);
}
