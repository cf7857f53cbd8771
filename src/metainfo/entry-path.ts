import { diskPathToBytes, fsPath } from '../util/index.ts';
import type { EntryPath } from './metainfo.ts';

/**
 * Gets the names of a file, link or empty folder as a Linux disk holds them: in the form of `diskPathFromBytes()`, with
 * the very bytes of a name that is not UTF-8.
 */
export function exactPathOf({ path, exactPath }: EntryPath): readonly string[] {
  return exactPath ?? path;
}

/** Makes names fit for bencode: as bytes where they are not UTF-8. */
export function rawNamesOf(names: readonly string[]): (string | Uint8Array)[] {
  return names.map(fsPath);
}

/**
 * Compares paths name by name, names by their bytes: the order of files in a v2 torrent. Bytes that are not UTF-8 are as in
 * `MetainfoFile.exactPath`.
 *
 * @see BEP 52
 */
export function compareFilePaths(a: readonly string[], b: readonly string[]): number {
  for (let depth = 0; depth < a.length && depth < b.length; depth += 1) {
    const order = compareNames(a[depth]!, b[depth]!);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** Matches text whose UTF-16 units may be in another order than its bytes. */
const SURROGATES_OR_ABOVE = /[\ud800-\uffff]/;

function compareNames(a: string, b: string): number {
  if (a === b) return 0;
  if (!SURROGATES_OR_ABOVE.test(a) && !SURROGATES_OR_ABOVE.test(b)) return a < b ? -1 : 1;
  return Buffer.compare(diskPathToBytes(a), diskPathToBytes(b));
}
