import { latin1 } from './bytes.ts';

/**
 * The code unit to which a byte that is not UTF-8 is added, 0x80 to 0xff. The sum is the character that stands for the
 * byte.
 */
const FIRST_STRAY = 0xdc00;
/** Matches a character that stands for a byte that is not UTF-8. */
const STRAY = /[\udc80-\udcff]/u;

/**
 * Writes a path on this disk as a text, so that it can be joined, compared and used as a key. On Linux a path may be
 * any bytes: those that are not UTF-8 become halves of surrogate pairs, U+DC80 to U+DCFF, as in PEP 383 of Python.
 */
export function diskPathFromBytes(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
  if (!text.includes('\ufffd')) return text;
  return readWithStrays(
    bytes,
    (part) => part,
    (byte) => String.fromCharCode(FIRST_STRAY + byte),
  );
}

/** Matches runs of valid UTF-8 in a text whose characters stand for bytes, and otherwise a byte that is not UTF-8. */
const UTF8_RUN =
  /((?:[^\x80-\xff]|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2})+)|[\x80-\xff]/g;

/**
 * Reads bytes as UTF-8, and each byte that belongs to no character of UTF-8 by itself.
 *
 * @param ofText gives what stands in the result for a run of UTF-8
 * @param ofStray gives what stands in the result for a byte that is not UTF-8, 0x80 to 0xff
 */
export function readWithStrays(
  bytes: Uint8Array,
  ofText: (text: string) => string,
  ofStray: (byte: number) => string,
): string {
  return latin1(bytes).replaceAll(UTF8_RUN, (found: string, run: string | undefined) =>
    run === undefined ? ofStray(found.charCodeAt(0)) : ofText(Buffer.from(run, 'latin1').toString('utf8')),
  );
}

/** Gives back the bytes of a path that {@link diskPathFromBytes} wrote. */
export function diskPathToBytes(path: string): Buffer {
  if (!STRAY.test(path)) return Buffer.from(path);
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
  return STRAY.test(path) ? diskPathToBytes(path) : path;
}
