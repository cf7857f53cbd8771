import { hash } from 'node:crypto';
import { diskPathToBytes } from '../util/index.ts';
import { escapeCharacters, mendName } from './file-name.ts';
import { MAX_NAME_BYTES, MAX_PATH_BYTES, MAX_PATH_DEPTH } from './limits.ts';
import { PathTree } from './path-tree.ts';

/** The systems that differ in the names a disk can hold. Every other one is like Linux. */
export type DiskPlatform = 'linux' | 'darwin' | 'win32';

/** The rules of a system for names on its disks. */
interface DiskRules {
  /** Escapes what cannot be in a name. */
  mend(name: string): string;
  /** Gives the same text for all names that may be one place. */
  fold(name: string): string;
  /** The size of a name or path in the unit in which the system limits it. */
  sizeOf(text: string): number;
  /** The size of one character in that unit. @param character its code point */
  sizeOfCharacter(character: number): number;
  readonly maxPath: number;
}

/** The last code point that is one UTF-16 unit. */
const LAST_OF_ONE_UNIT = 0xffff;

/** The names that Windows gives to devices, with any extension. */
const WINDOWS_DEVICE = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³]) *(?:\.|$)/i;

const RULES: Readonly<Record<DiskPlatform, DiskRules>> = {
  linux: {
    mend: mendForLinux,
    fold: (name) => name,
    sizeOf: sizeOnLinux,
    sizeOfCharacter: (character) => (isStray(character) ? 1 : bytesInUtf8(character)),
    maxPath: MAX_PATH_BYTES,
  },
  darwin: {
    mend: mendName,
    fold: (name) => foldCase(name),
    sizeOf: (text) => Buffer.byteLength(text),
    sizeOfCharacter: bytesInUtf8,
    // On macOS a whole path may have 1,024 bytes.
    maxPath: MAX_PATH_BYTES / 4,
  },
  win32: {
    mend: mendForWindows,
    fold: (name) => foldCase(name),
    sizeOf: (text) => text.length,
    sizeOfCharacter: (character) => (character > LAST_OF_ONE_UNIT ? 2 : 1),
    maxPath: MAX_PATH_BYTES,
  },
};

/**
 * Decides where the files of a torrent go below its folder on a system's disks. A path stays as it is if the system can
 * hold it. Otherwise:
 *
 * - what Windows cannot have in a name is escaped as `%` and two hex digits, and the name of a device gets a `_`;
 * - a name that is too long is cut, and a path that is too deep or too long loses folders: `~` and a hash of the whole
 *   path stand before the extension then;
 * - when several files would be in one place on this system, which may ignore letter case and Unicode normalization, one
 *   keeps its name, and the others get `~` and a hash of their path. A file in the place of a folder gets them, too.
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
  const fitter = new PathFitter(rules);
  const placed = paths.map((path) => fitter.fit(path));
  const tree = new PathTree((name) => rules.fold(name));
  const nodes = placed.map((path) => tree.add(path));
  const texts = new Array<string | undefined>(paths.length);
  const textAt = (index: number) => (texts[index] ??= textOf(paths[index]!));
  const isNearer = (a: number, b: number) => {
    // A path that can stay as it is, is placed as the very same list.
    const isSame = paths[a] === placed[a];
    if (isSame !== (paths[b] === placed[b])) return isSame;
    return compareTexts(textAt(a), textAt(b)) < 0;
  };
  /** The file that keeps each place, by the number of the place. */
  const keepers = new Int32Array(tree.size).fill(NOBODY);
  const others: number[] = [];
  for (const [index, node] of nodes.entries()) {
    const before = keepers[node]!;
    if (tree.isFolder(node)) others.push(index);
    else if (before === NOBODY) keepers[node] = index;
    else {
      // Several files want this path. A file that has exactly this path in the torrent keeps it, or else the first in order.
      const isBetter = isNearer(index, before);
      keepers[node] = isBetter ? index : before;
      others.push(isBetter ? before : index);
    }
  }
  const seen = new Map<string, number>();
  const inOrder = others.sort((a, b) => compareTexts(textAt(a), textAt(b)) || a - b);
  for (const index of inOrder) {
    const text = textAt(index);
    const wanted = placed[index]!;
    // Another file may have this very name, or the same path.
    for (let nth = seen.get(text) ?? 0; ; nth += 1) {
      const name = withHash(wanted.at(-1)!, nth === 0 ? text : `${text}\0${nth}`, rules);
      const path = fitter.fit(wanted.with(-1, name));
      const sizeBefore = tree.size;
      tree.add(path);
      if (tree.size === sizeBefore) continue;
      placed[index] = path;
      seen.set(text, nth + 1);
      break;
    }
  }
  return placed;
}

/** Decides which name a file or folder has on a system's disks, by the rules of {@link diskPathsOf}. */
export function diskNameOf(name: string, platform: DiskPlatform): string {
  return diskPathsOf([[name]], platform)[0]![0]!;
}

/**
 * Decides which name a torrent's file or folder has on disk when the user gives none. A name that begins with a dot would
 * be hidden, and programs may read it, such as `.bashrc`: the dot is escaped.
 */
export function deliveredNameOf(name: string, platform: DiskPlatform): string {
  return diskNameOf(name.startsWith('.') ? escapeCharacters('.') + name.slice(1) : name, platform);
}

/** A maker of paths that a system can hold. A name that the path before has at the same depth is not made fit again. */
class PathFitter {
  readonly #rules: DiskRules;
  #path: readonly string[] = [];
  /** The names of the path before this one, as the system can hold them, and their sizes. */
  readonly #names: string[] = [];
  readonly #sizes: number[] = [];

  constructor(rules: DiskRules) {
    this.#rules = rules;
  }

  /** Makes one path fit. @returns the same array when the path can stay as it is */
  fit(path: readonly string[]): readonly string[] {
    const { size, isSame } = this.#fitNames(path.length > 0 ? path : ['']);
    if (this.#names.length <= MAX_PATH_DEPTH && size <= this.#rules.maxPath) {
      return isSame && path.length > 0 ? path : [...this.#names];
    }
    const last = withHash(this.#names.at(-1)!, textOf(path), this.#rules);
    const folders: string[] = [];
    let left = this.#rules.maxPath - this.#rules.sizeOf(last);
    for (const [depth, name] of this.#names
      .slice(0, Math.min(this.#names.length, MAX_PATH_DEPTH) - 1)
      .entries()) {
      left -= 1 + this.#sizes[depth]!;
      if (left < 0) break;
      folders.push(name);
    }
    return [...folders, last];
  }

  #fitNames(path: readonly string[]): { readonly size: number; readonly isSame: boolean } {
    let size = -1;
    let isSame = true;
    for (const [depth, name] of path.entries()) {
      if (depth >= this.#names.length || name !== this.#path[depth]) {
        this.#names[depth] = fitName(name, this.#rules);
        this.#sizes[depth] = this.#rules.sizeOf(this.#names[depth]);
      }
      size += 1 + this.#sizes[depth]!;
      isSame &&= this.#names[depth] === name;
    }
    this.#names.length = path.length;
    this.#path = path;
    return { size, isSame };
  }
}

function fitName(name: string, rules: DiskRules): string {
  const fitting = rules.mend(name);
  return rules.sizeOf(fitting) <= MAX_NAME_BYTES ? fitting : withHash(fitting, name, rules);
}

/** Matches the characters that stand for bytes that are not UTF-8, see `diskPathFromBytes()`. */
const STRAY = /[\udc80-\udcff]/u;
/** Matches what no name on Linux can have in it: a name with bytes that are not UTF-8 may have those. */
const UNUSABLE_ON_LINUX = /[/\0]|(?![\udc80-\udcff])\p{Cs}/gu;

function mendForLinux(name: string): string {
  return STRAY.test(name) ? name.replaceAll(UNUSABLE_ON_LINUX, escapeCharacters) : mendName(name);
}

function sizeOnLinux(text: string): number {
  return STRAY.test(text) ? diskPathToBytes(text).length : Buffer.byteLength(text);
}

function isStray(character: number): boolean {
  return character >= 0xdc80 && character <= 0xdcff;
}

function mendForWindows(name: string): string {
  const allowed = mendName(name).replaceAll(/[<>:"|?*\\\p{Cc}]|[. ]$/gu, escapeCharacters);
  return WINDOWS_DEVICE.test(allowed) ? `_${allowed}` : allowed;
}

/** Puts a hash before the extension of a name, and cuts what is before it if the name is too long then. */
function withHash(name: string, hashed: string, rules: DiskRules): string {
  const extension = /(?<=.)\.[^.]{1,16}$/su.exec(name)?.[0] ?? '';
  const suffix = `~${hash('sha256', hashed, 'hex').slice(0, HASH_DIGITS)}${extension}`;
  let left = MAX_NAME_BYTES - rules.sizeOf(suffix);
  const stem = name.slice(0, name.length - extension.length);
  let end = 0;
  while (end < stem.length) {
    const character = stem.codePointAt(end)!;
    left -= rules.sizeOfCharacter(character);
    if (left < 0) break;
    end += character > LAST_OF_ONE_UNIT ? 2 : 1;
  }
  return stem.slice(0, end) + suffix;
}

const HASH_DIGITS = 8;

/** Stands for no file where the index of a file is expected. */
const NOBODY = -1;

function bytesInUtf8(character: number): number {
  if (character < 0x80) return 1;
  if (character < 0x800) return 2;
  return character > LAST_OF_ONE_UNIT ? 4 : 3;
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** Writes a path as a text. No two paths have one text, as no name has a `/` in it. */
function textOf(path: readonly string[]): string {
  return path.join('/');
}

/**
 * Gives the same text for all names that some disk takes for the same, whatever their letter case, normalization and
 * invisible characters.
 */
function foldCase(name: string): string {
  if (/^[ -~]*$/.test(name)) return name.toUpperCase();
  return name
    .normalize('NFD')
    .replaceAll(/\p{Default_Ignorable_Code_Point}/gu, '')
    .toLowerCase()
    .toUpperCase()
    .normalize('NFC');
}
