/**
 * The code unit to which a byte that is not UTF-8 is added, 0x80 to 0xff. The sum is the character that stands for the
 * byte.
 */
const FIRST_STRAY = 0xdc00;

/**
 * Writes a path on this disk as a text, so that it can be joined, compared and used as a key. On Linux a path may be
 * any bytes: those that are not UTF-8 become halves of surrogate pairs, U+DC80 to U+DCFF, as in PEP 383 of Python.
 */
export function diskPathFromBytes(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  let text = buffer.toString('utf8');
  if (!text.includes('\ufffd')) return text;
  text = '';
  for (let at = 0; at < buffer.length; ) {
    const length = [1, 2, 3, 4].find((size) => isOneCharacter(buffer.subarray(at, at + size)));
    text +=
      length === undefined
        ? String.fromCharCode(FIRST_STRAY + buffer[at]!)
        : buffer.toString('utf8', at, at + length);
    at += length ?? 1;
  }
  return text;
}

function isOneCharacter(bytes: Buffer): boolean {
  const text = bytes.toString('utf8');
  return /^.$/su.test(text) && Buffer.from(text).equals(bytes);
}

/** Gives back the bytes of a path that {@link diskPathFromBytes} wrote. */
export function diskPathToBytes(path: string): Buffer {
  return Buffer.concat(
    path.split(/([\udc80-\udcff])/u).map((part) => {
      const code = part.length === 1 ? part.charCodeAt(0) : 0;
      return code >= FIRST_STRAY + 0x80 && code <= FIRST_STRAY + 0xff
        ? Buffer.of(code - FIRST_STRAY)
        : Buffer.from(part);
    }),
  );
}

/** Gives a path in the form that `node:fs` needs: as bytes where it is not UTF-8, because a text would lose those. */
export function fsPath(path: string): string | Buffer {
  return /[\udc80-\udcff]/u.test(path) ? diskPathToBytes(path) : path;
}
