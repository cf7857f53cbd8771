import { diskPathFromBytes, diskPathToBytes } from '../util/index.ts';
import { exactPathOf } from './entry-path.ts';
import { MetainfoError, QUOTED_LENGTH } from './errors.ts';
import { MAX_FILES, MAX_PATH_DEPTH } from './limits.ts';
import type { EntryPath } from './metainfo.ts';

/**
 * Checks a name for a new torrent: it must be the name of a file or folder, and must not lead to another place.
 *
 * @throws {MetainfoError} `BAD_NAME`
 */
export function checkFileName(name: string): void {
  refuse(name, faultOf(name) ?? surrogateFault(/\p{Cs}/u.test(name)));
}

/** Checks a name that may have bytes that are not UTF-8, in the form of `diskPathFromBytes()`. @throws {MetainfoError} */
function checkExactName(name: string): void {
  const isExact = !/\p{Cs}/u.test(name) || diskPathFromBytes(diskPathToBytes(name)) === name;
  refuse(name, faultOf(name) ?? surrogateFault(!isExact));
}

function refuse(name: string, fault: string | undefined): void {
  if (fault === undefined) return;
  throw new MetainfoError(
    'BAD_NAME',
    `Cannot make a torrent with the name ${JSON.stringify(name.slice(0, QUOTED_LENGTH))}: it ${fault}`,
  );
}

function faultOf(name: string): string | undefined {
  if (name === '') return 'is empty';
  if (name === '.' || name === '..') return 'is no name but a way to another folder';
  if (name.includes('/')) return 'has a path separator in it';
  if (name.includes('\0')) return 'has a NUL in it, which ends a name';
  return undefined;
}

function surrogateFault(isThere: boolean): string | undefined {
  return isThere ? 'has half a surrogate pair in it, which UTF-8 cannot hold' : undefined;
}

/** The entries of a new torrent's folder, for {@link checkPaths}. */
interface EntriesToCheck {
  readonly files: Iterable<EntryPath>;
  readonly symlinks?: Iterable<EntryPath> | undefined;
  readonly emptyFolders?: Iterable<EntryPath> | undefined;
}

/**
 * Checks the paths of the files, links and empty folders for a new torrent: each name by the rules of {@link checkFileName},
 * that no two of them have one path, and that none is where the folder of another must be, so that no path leads through a
 * link. Names that are not UTF-8 are those of `exactPath`.
 *
 * @throws {MetainfoError} `BAD_NAME`, `DUPLICATE_PATH`, `TOO_LARGE`
 */
export function checkPaths({ files, symlinks = [], emptyFolders = [] }: EntriesToCheck): void {
  const places = new Map<string, Kind>();
  const folders = new Set<string>();
  for (const entry of files) addPlace(entry, 'file', places, folders);
  for (const entry of symlinks) addPlace(entry, 'link', places, folders);
  for (const entry of emptyFolders) addPlace(entry, 'empty folder', places, folders);
  if (places.size > MAX_FILES) {
    throw new MetainfoError(
      'TOO_LARGE',
      `Cannot make a torrent of ${places.size} files, links and empty folders: at most ${MAX_FILES} are taken`,
    );
  }
  for (const [place, kind] of places)
    if (folders.has(place)) throw duplicate(place, `is the path of ${ARTICLES[kind]} and of a folder`);
}

type Kind = 'file' | 'link' | 'empty folder';
const ARTICLES: Readonly<Record<Kind, string>> = {
  file: 'a file',
  link: 'a link',
  'empty folder': 'an empty folder',
};

function addPlace(entry: EntryPath, kind: Kind, places: Map<string, Kind>, folders: Set<string>): void {
  const path = exactPathOf(entry);
  if (path.length === 0) checkFileName('');
  for (const name of path) checkExactName(name);
  const place = path.join('/');
  if (path.length > MAX_PATH_DEPTH) {
    throw new MetainfoError(
      'TOO_LARGE',
      `Cannot make a torrent with ${JSON.stringify(place)}: it has ${path.length} names, at most ${MAX_PATH_DEPTH} are taken`,
    );
  }
  const other = places.get(place);
  if (other !== undefined) {
    const both = other === kind ? `two ${kind}s` : `${ARTICLES[other]} and of ${ARTICLES[kind]}`;
    throw duplicate(place, `is the path of ${both}`);
  }
  places.set(place, kind);
  addFoldersOf(place, folders);
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
  const quoted = JSON.stringify(path.slice(0, QUOTED_LENGTH));
  return new MetainfoError('DUPLICATE_PATH', `Cannot make a torrent: in it, ${quoted} ${how}`);
}
