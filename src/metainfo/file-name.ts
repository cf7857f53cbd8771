import { isUtf8 } from 'node:buffer';
import { diskPathFromBytes, readWithStrays } from '../util/index.ts';
import { MetainfoError } from './errors.ts';
import { MAX_TEXT_BYTES } from './limits.ts';

/** Reads bytes as UTF-8. @returns `undefined` when they are not UTF-8 */
export function readUtf8(bytes: Uint8Array): string | undefined {
  if (!isUtf8(bytes)) return undefined;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
}

/**
 * Reads a name as text. In a name that is not UTF-8 each byte that does not belong to a character of UTF-8 becomes `%`
 * and two hex digits, and so does each `%`. The text is the same every time, and {@link nameToBytes} turns it back into
 * the bytes.
 */
export function nameFromBytes(bytes: Uint8Array): string {
  return readUtf8(bytes) ?? escapeStrays(bytes);
}

function escapeStrays(bytes: Uint8Array): string {
  return readWithStrays(bytes, (text) => text.replaceAll('%', '%25'), percent);
}

/**
 * Reads a name that is not UTF-8 as a Linux disk may hold it: the bytes as in `diskPathFromBytes()`, but a `/` and a NUL are
 * escaped.
 */
export function exactNameFromBytes(bytes: Uint8Array): string {
  return diskPathFromBytes(bytes).replaceAll(/[/\0]/g, escapeCharacters);
}

/**
 * Turns a text of {@link nameFromBytes} back into the bytes of the name.
 *
 * @returns `undefined` when the bytes of the name are the UTF-8 of the text
 */
export function nameToBytes(name: string): Uint8Array | undefined {
  if (!/%[0-9A-F]{2}/.test(name)) return undefined;
  const latin1 = Buffer.from(name).toString('latin1');
  const bytes = Buffer.from(
    latin1.replaceAll(/%([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  );
  return readUtf8(bytes) === undefined && nameFromBytes(bytes) === name ? bytes : undefined;
}

/** Writes characters as `%` and two hex digits for each byte of their UTF-8. */
export function escapeCharacters(text: string): string {
  return [...Buffer.from(text)].map(percent).join('');
}

function percent(byte: number): string {
  return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}

/**
 * Checks that a name in a torrent is not so long that reading it takes a while.
 *
 * @throws {MetainfoError} `TOO_LARGE`
 */
export function checkNameLength({ length }: Uint8Array): void {
  if (length <= MAX_TEXT_BYTES) return;
  throw new MetainfoError(
    'TOO_LARGE',
    `Cannot use this torrent: a name in it has ${length} bytes, at most ${MAX_TEXT_BYTES} are taken`,
  );
}

/** The characters and halves of characters that no name of a file can have. */
const UNUSABLE = /[/\0]|\p{Cs}/u;

/** Makes a text the name of a file or folder: it escapes the characters that no file system can hold in one. */
export function mendName(text: string): string {
  if (text === '') return '_';
  if (text === '.' || text === '..') return escapeCharacters(text);
  return UNUSABLE.test(text) ? text.replaceAll(new RegExp(UNUSABLE, 'gu'), escapeCharacters) : text;
}
