/** Lower-case hex digits, two a byte. */
export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
}

/** The inverse of {@link toHex}; the caller has checked that `hex` holds hex digits only. */
export function fromHex(hex: string): Uint8Array {
  return Buffer.from(hex, 'hex');
}

/** The bytes from `start` to `end` as text, one character a byte. */
export function latin1(bytes: Uint8Array, start = 0, end = bytes.length): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
}

/** Whether `expected` stands at `start`. Byte by byte: for a few of them, which is what hot paths look for. */
export function standsAt(bytes: Uint8Array, start: number, expected: Uint8Array): boolean {
  if (start + expected.length > bytes.length) return false;
  for (let at = 0; at < expected.length; at += 1) if (bytes[start + at] !== expected[at]) return false;
  return true;
}

/** Whether both hold the same bytes. Not constant-time: not for secrets. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0;
}

/**
 * Copies `source` to where `target` stands at `at`; it must fit.
 *
 * As `target.set(source, at)`, which takes three times as long where the target is memory that threads share: V8 goes
 * about it word by word.
 */
export function copyBytes(source: Uint8Array, target: Uint8Array, at: number): void {
  if (at + source.length > target.length) {
    throw new RangeError(`Cannot copy ${source.length} bytes to ${at} of ${target.length}`);
  }
  // Of a value that is no longer than the range, fill() is memcpy().
  if (source.length > 0) Buffer.prototype.fill.call(target, source, at, at + source.length);
}
