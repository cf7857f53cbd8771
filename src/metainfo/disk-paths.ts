import { createHash } from 'node:crypto';
import { addFoldersOf, escapeCharacters, mendName } from './file-name.ts';
import { MAX_NAME_BYTES, MAX_PATH_BYTES, MAX_PATH_DEPTH } from './limits.ts';

/** The systems that differ in the names a disk can hold. Every other one is like Linux. */
export type DiskPlatform = 'linux' | 'darwin' | 'win32';

/** The rules of a system for names on its disks. */
interface DiskRules {
  /** Escapes what cannot be in a name. */
  mend(name: string): string;
  /** Gives the same text for all names and paths that may be one place. */
  fold(path: string): string;
  /** The size of a name or path in the unit in which the system limits it. */
  sizeOf(text: string): number;
  readonly maxPath: number;
}

/** The names that Windows gives to devices, with any extension. */
const WINDOWS_DEVICE = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³]) *(?:\.|$)/i;

const RULES: Readonly<Record<DiskPlatform, DiskRules>> = {
  linux: {
    mend: (name) => name,
    fold: (path) => path,
    sizeOf: (text) => Buffer.byteLength(text),
    maxPath: MAX_PATH_BYTES,
  },
  darwin: {
    mend: (name) => name,
    fold: (path) => foldCase(path),
    sizeOf: (text) => Buffer.byteLength(text),
    // On macOS a whole path may have 1,024 bytes.
    maxPath: MAX_PATH_BYTES / 4,
  },
  win32: {
    mend: mendForWindows,
    fold: (path) => foldCase(path),
    sizeOf: (text) => text.length,
    maxPath: MAX_PATH_BYTES,
  },
};

/**
 * Says where the files of a torrent go below its folder on a system's disks. A path stays as it is where the system can
 * hold it. Otherwise:
 *
 * - what Windows cannot have in a name is escaped as `%` and two hex digits, and the name of a device gets a `_`;
 * - a name that is too long is cut, and a path that is too deep or too long loses folders: `~` and a hash of the whole
 *   path stand before the extension then;
 * - of files that would be one place on this system, which may depend on letter case and Unicode normalization, one
 *   keeps its name, and the others get `~` and a hash of their path; so does a file where a folder must be.
 *
 * The result is a function of the arguments alone, no two files of it are one place, all of them are below the folder,
 * and the paths of the result would stay as they are.
 *
 * @param paths of `Metainfo.files`
 * @returns in the order given
 */
export function diskPathsOf(
  paths: readonly (readonly string[])[],
  platform: DiskPlatform,
): readonly (readonly string[])[] {
  const rules = RULES[platform];
  const placed = paths.map((path) => fitPath(path, rules));
  const keys = placed.map((path) => rules.fold(textOf(path)));
  const folders = new Set<string>();
  for (const key of keys) addFoldersOf(key, folders);

  const keepers = new Map<string, number>();
  const others: number[] = [];
  for (const [index, key] of keys.entries()) {
    const before = keepers.get(key);
    if (folders.has(key)) others.push(index);
    else if (before === undefined) keepers.set(key, index);
    else {
      const isBetter = isNearer(index, before, paths, placed);
      keepers.set(key, isBetter ? index : before);
      others.push(isBetter ? before : index);
    }
  }
  const seen = new Map<string, number>();
  const inOrder = others.sort((a, b) => compareTexts(textOf(paths[a]!), textOf(paths[b]!)) || a - b);
  for (const index of inOrder) {
    const text = textOf(paths[index]!);
    const wanted = placed[index]!;
    // Another file may have just that name, or the same path.
    for (let nth = seen.get(text) ?? 0; ; nth += 1) {
      const name = withHash(wanted.at(-1)!, nth === 0 ? text : `${text}\0${nth}`, rules);
      const path = fitPath(wanted.with(-1, name), rules);
      const key = rules.fold(textOf(path));
      if (keepers.has(key) || folders.has(key)) continue;
      placed[index] = path;
      keepers.set(key, index);
      seen.set(text, nth + 1);
      break;
    }
  }
  return placed;
}

/** Says under which name a file or folder goes on a system's disks, by the rules of {@link diskPathsOf}. */
export function diskNameOf(name: string, platform: DiskPlatform): string {
  return diskPathsOf([[name]], platform)[0]![0]!;
}

/**
 * Says under which name a torrent goes where nobody has named its file or folder. A name that begins with a dot would be
 * hidden, and may be one that programs read, such as `.bashrc`: the dot is escaped.
 */
export function deliveredNameOf(name: string, platform: DiskPlatform): string {
  return diskNameOf(name.startsWith('.') ? escapeCharacters('.') + name.slice(1) : name, platform);
}

function fitPath(path: readonly string[], rules: DiskRules): readonly string[] {
  const names = (path.length > 0 ? path : ['']).map((name) => fitName(name, rules));
  const size = names.reduce((sum, name) => sum + 1 + rules.sizeOf(name), -1);
  if (names.length <= MAX_PATH_DEPTH && size <= rules.maxPath) {
    return names.length === path.length && names.every((name, at) => name === path[at]) ? path : names;
  }
  const last = withHash(names.at(-1)!, textOf(path), rules);
  const folders: string[] = [];
  let left = rules.maxPath - rules.sizeOf(last);
  for (const name of names.slice(0, MAX_PATH_DEPTH - 1)) {
    left -= 1 + rules.sizeOf(name);
    if (left < 0) break;
    folders.push(name);
  }
  return [...folders, last];
}

function fitName(name: string, rules: DiskRules): string {
  const fitting = rules.mend(mendName(name));
  return rules.sizeOf(fitting) <= MAX_NAME_BYTES ? fitting : withHash(fitting, name, rules);
}

function mendForWindows(name: string): string {
  const allowed = name.replaceAll(/[<>:"|?*\\\p{Cc}]|[. ]$/gu, escapeCharacters);
  return WINDOWS_DEVICE.test(allowed) ? `_${allowed}` : allowed;
}

/** Puts a hash before the extension of a name, and cuts what is before it if the name is too long then. */
function withHash(name: string, hashed: string, rules: DiskRules): string {
  const extension = /(?<=.)\.[^.]{1,16}$/su.exec(name)?.[0] ?? '';
  const suffix = `~${createHash('sha256').update(hashed).digest('hex').slice(0, HASH_DIGITS)}${extension}`;
  let left = MAX_NAME_BYTES - rules.sizeOf(suffix);
  let stem = '';
  for (const character of name.slice(0, name.length - extension.length)) {
    left -= rules.sizeOf(character);
    if (left < 0) break;
    stem += character;
  }
  return stem + suffix;
}

const HASH_DIGITS = 8;

/**
 * Tells whether file `a` keeps its name rather than `b`. One whose name is as the torrent says comes first, then the
 * one sorted first.
 */
function isNearer(
  a: number,
  b: number,
  paths: readonly (readonly string[])[],
  placed: readonly (readonly string[])[],
): boolean {
  const isSame = (index: number) => textOf(paths[index]!) === textOf(placed[index]!);
  if (isSame(a) !== isSame(b)) return isSame(a);
  return compareTexts(textOf(paths[a]!), textOf(paths[b]!)) < 0;
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** Writes a path as a text. That is unique, as no name has a `/` in it. */
function textOf(path: readonly string[]): string {
  return path.join('/');
}

/**
 * Gives the same text for all names that some disk takes for the same, whatever their letter case, normalization and
 * invisible characters.
 */
function foldCase(path: string): string {
  return path
    .normalize('NFD')
    .replaceAll(/\p{Default_Ignorable_Code_Point}/gu, '')
    .toLowerCase()
    .toUpperCase()
    .normalize('NFC');
}
