import { isUtf8 } from 'node:buffer';
import { latin1 } from '../util/index.ts';
import { MetainfoError } from './errors.ts';
import { MAX_PATH_DEPTH, MAX_TEXT_BYTES } from './limits.ts';

/**
 * Matches runs of valid UTF-8 without `%`, in a text whose characters stand for bytes, and otherwise a `%` or a byte
 * that is not UTF-8.
 */
const UTF8_RUN =
  /((?:[^%\x80-\xff]|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2})+)|[%\x80-\xff]/g;

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
  const latin1 = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  return latin1.replaceAll(UTF8_RUN, (found: string, run: string | undefined) =>
    run === undefined ? percent(found.charCodeAt(0)) : Buffer.from(run, 'latin1').toString('utf8'),
  );
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
 * A reader of the names in a torrent. It mends names that no file system can hold: `/`, NUL, `.` and `..` are escaped as
 * in {@link nameFromBytes}, so that no path leads outside. Everything else stays as it is; `diskPathsOf()` decides where
 * a file goes on a certain system.
 */
export class NameReader {
  /** The number of names and paths that are not, byte for byte, what the torrent says. */
  #mended = 0;
  readonly #examples: string[] = [];
  /** The path that was read last. Its texts are used again, as most files lie in the same folders. */
  #lastBytes: readonly Uint8Array[] = [];
  #lastNames: readonly { readonly name: string; readonly isMended: boolean }[] = [];

  /** Reads the name of the torrent, or a key of a file tree. An empty one becomes `_`. */
  name(bytes: Uint8Array): string {
    checkNameLength(bytes);
    const { name, isMended } = read(bytes);
    if (isMended) this.#note(name);
    return name;
  }

  /**
   * Reads the path of a file. Empty names and `.` are left out, as long as another one remains.
   *
   * @param names its names; one that is the very same array as in the path before is not read again
   */
  path(names: readonly Uint8Array[]): string[] {
    const kept = names.filter((name) => name.length > 0 && !(name.length === 1 && name[0] === DOT));
    let isMended = kept.length !== names.length;
    const found = kept.map((bytes, depth) =>
      bytes === this.#lastBytes[depth] ? this.#lastNames[depth]! : read(bytes),
    );
    this.#lastBytes = kept;
    this.#lastNames = found;
    isMended ||= found.some((one) => one.isMended);
    const path = found.map(({ name }) => name);
    if (path.length === 0) path.push('_');
    if (isMended) this.#note(path.join('/'));
    return path;
  }

  /** Reads the target of a symbolic link, which is only shown. */
  target(names: readonly Uint8Array[]): string[] {
    return names.map(nameFromBytes);
  }

  /** Tells how many names were mended, in one text. @returns an empty list when none was */
  get warnings(): string[] {
    if (this.#mended === 0) return [];
    const examples = this.#examples.map((name) => JSON.stringify(name)).join(', ');
    const [names, are] = this.#mended === 1 ? ['name', 'is'] : ['names', 'are'];
    const more = this.#mended > this.#examples.length ? ', …' : '';
    return [
      `${this.#mended} ${names} in the torrent cannot be used as written (not UTF-8, empty, or leading outside), and ${are} read as: ${examples}${more}`,
    ];
  }

  #note(text: string): void {
    this.#mended += 1;
    if (this.#examples.length < EXAMPLES) this.#examples.push(text.slice(0, EXAMPLE_LENGTH));
  }
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

/** The number of names in a warning, and of the characters that it shows of each. */
const EXAMPLES = 3;
const EXAMPLE_LENGTH = 200;
const DOT = 0x2e;
const SLASH = 0x2f;

function read(bytes: Uint8Array): { readonly name: string; readonly isMended: boolean } {
  // Most names are plain, and there may be a million of them.
  if (isPlain(bytes)) return { name: latin1(bytes), isMended: false };
  const text = readUtf8(bytes);
  const name = mendName(text ?? escapeStrays(bytes));
  return { name, isMended: name !== text };
}

/**
 * Tells whether a name is ASCII without a `/` or a control character, and does not begin with a dot, so that nothing
 * needs to be mended.
 */
function isPlain(bytes: Uint8Array): boolean {
  for (const byte of bytes) if (byte < 0x20 || byte >= 0x7f || byte === SLASH) return false;
  return bytes.length > 0 && bytes[0] !== DOT;
}

/** The characters and halves of characters that no name of a file can have. */
const UNUSABLE = /[/\0]|\p{Cs}/u;

/** Makes a text the name of a file or folder: it escapes the characters that no file system can hold in one. */
export function mendName(text: string): string {
  if (text === '') return '_';
  if (text === '.' || text === '..') return escapeCharacters(text);
  return UNUSABLE.test(text) ? text.replaceAll(new RegExp(UNUSABLE, 'gu'), escapeCharacters) : text;
}

/**
 * Checks a name for a new torrent: it must be the name of a file or folder, and must not lead to another place.
 *
 * @throws {MetainfoError} `BAD_NAME`
 */
export function checkFileName(name: string): void {
  const fault = faultOf(name);
  if (fault === undefined) return;
  throw new MetainfoError(
    'BAD_NAME',
    `Cannot make a torrent with the name ${JSON.stringify(name.slice(0, EXAMPLE_LENGTH))}: it ${fault}`,
  );
}

function faultOf(name: string): string | undefined {
  if (name === '') return 'is empty';
  if (name === '.' || name === '..') return 'is no name but a way to another folder';
  if (name.includes('/')) return 'has a path separator in it';
  if (name.includes('\0')) return 'has a NUL in it, which ends a name';
  if (/\p{Cs}/u.test(name)) return 'has half a surrogate pair in it, which UTF-8 cannot hold';
  return undefined;
}

/**
 * Checks the paths of the files for a new torrent: each name by {@link checkFileName}, that no two files have one path,
 * and that no file is where the folder of another must be.
 *
 * @throws {MetainfoError} `BAD_NAME`, `DUPLICATE_PATH`, `TOO_LARGE`
 */
export function checkPaths(paths: Iterable<readonly string[]>): void {
  const files = new Set<string>();
  const folders = new Set<string>();
  for (const path of paths) {
    if (path.length === 0) checkFileName('');
    for (const name of path) checkFileName(name);
    const place = path.join('/');
    if (path.length > MAX_PATH_DEPTH) {
      throw new MetainfoError(
        'TOO_LARGE',
        `Cannot make a torrent with ${JSON.stringify(place)}: it has ${path.length} names, at most ${MAX_PATH_DEPTH} are taken`,
      );
    }
    if (files.has(place)) throw duplicate(place, 'is the path of two files');
    files.add(place);
    addFoldersOf(place, folders);
  }
  for (const file of files)
    if (folders.has(file)) throw duplicate(file, 'is the path of a file and of a folder');
}

/** Adds the folders that a path lies in to a set. */
function addFoldersOf(path: string, folders: Set<string>): void {
  for (let end = path.lastIndexOf('/'); end >= 0; end = path.lastIndexOf('/', end - 1)) {
    const folder = path.slice(0, end);
    // The folders above it were added together with it.
    if (folders.has(folder)) return;
    folders.add(folder);
  }
}

function duplicate(path: string, how: string): MetainfoError {
  const quoted = JSON.stringify(path.slice(0, EXAMPLE_LENGTH));
  return new MetainfoError('DUPLICATE_PATH', `Cannot make a torrent: in it, ${quoted} ${how}`);
}
