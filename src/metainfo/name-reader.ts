import { diskPathFromBytes, latin1 } from '../util/index.ts';
import { exactPathOf } from './entry-path.ts';
import { QUOTED_LENGTH } from './errors.ts';
import { checkNameLength, exactNameFromBytes, mendName, nameFromBytes, readUtf8 } from './file-name.ts';
import type { EntryPath, MetainfoSymlink } from './metainfo.ts';

/**
 * A reader of the names in a torrent. It mends names that no file system can hold: `/`, NUL, `.` and `..` are escaped as
 * in {@link nameFromBytes}, so that no path leads outside. Everything else stays as it is; `diskPathsOf()` decides where
 * a file goes on a certain system. Of a name that is not UTF-8 it also gives the very bytes, as `exactPath`.
 */
export class NameReader {
  /** The number of names and paths that are not, byte for byte, what the torrent says. */
  #mended = 0;
  readonly #examples: string[] = [];
  /** The path that was read last. Its texts are used again, as most files lie in the same folders. */
  #lastBytes: readonly Uint8Array[] = [];
  #lastNames: readonly ReadName[] = [];

  /** Reads the name of the torrent. An empty one becomes `_`. */
  name(bytes: Uint8Array): string {
    checkNameLength(bytes);
    const { name, exact, isMended } = read(bytes);
    if (isMended || exact !== undefined) this.#note(name);
    return name;
  }

  /** Reads the path of a file of a file tree. @param folder the path of its folder @param bytes its key */
  pathIn(folder: EntryPath, bytes: Uint8Array): EntryPath {
    checkNameLength(bytes);
    const { name, exact, isMended } = read(bytes);
    if (isMended) this.#note(name);
    const path = [...folder.path, name];
    if (exact === undefined && folder.exactPath === undefined) return { path };
    return { path, exactPath: [...exactPathOf(folder), exact ?? name] };
  }

  /**
   * Reads the path of a file. Empty names and `.` are left out, as long as another one remains.
   *
   * @param names its names; one that is the very same array as in the path before is not read again
   */
  path(names: readonly Uint8Array[]): EntryPath {
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
    if (found.every(({ exact }) => exact === undefined)) return { path };
    return { path, exactPath: found.map(({ name, exact }) => exact ?? name) };
  }

  /** Reads a symbolic link. Its target is not mended: `linkTargetOf()` decides whether it can be used. @param at its path */
  symlink(at: EntryPath, { symlinkPath, linkTarget }: SymlinkBytes): MetainfoSymlink {
    return {
      ...at,
      target: symlinkPath.map(diskPathFromBytes),
      ...(linkTarget !== undefined && { linkText: diskPathFromBytes(linkTarget) }),
    };
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
    if (this.#examples.length < EXAMPLES) this.#examples.push(text.slice(0, QUOTED_LENGTH));
  }
}

/** The bytes of a torrent about the target of a symbolic link. */
interface SymlinkBytes {
  readonly symlinkPath: readonly Uint8Array[];
  readonly linkTarget: Uint8Array | undefined;
}

/** The number of names in a warning. */
const EXAMPLES = 3;
const DOT = 0x2e;
const SLASH = 0x2f;

interface ReadName {
  readonly name: string;
  /** The name with its very bytes; `undefined` when it is UTF-8. */
  readonly exact: string | undefined;
  /** Whether the name cannot be that of a file on any disk. */
  readonly isMended: boolean;
}

function read(bytes: Uint8Array): ReadName {
  // Most names are plain, and there may be a million of them.
  if (isPlain(bytes)) return { name: latin1(bytes), exact: undefined, isMended: false };
  const text = readUtf8(bytes);
  if (text === undefined) {
    const exact = exactNameFromBytes(bytes);
    return {
      name: mendName(nameFromBytes(bytes)),
      exact,
      isMended: bytes.includes(SLASH) || bytes.includes(0),
    };
  }
  const name = mendName(text);
  return { name, exact: undefined, isMended: name !== text };
}

/**
 * Tells whether a name is ASCII without a `/` or a control character, and does not begin with a dot, so that nothing
 * needs to be mended.
 */
function isPlain(bytes: Uint8Array): boolean {
  for (const byte of bytes) if (byte < 0x20 || byte >= 0x7f || byte === SLASH) return false;
  return bytes.length > 0 && bytes[0] !== DOT;
}
