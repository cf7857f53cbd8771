import { equalBytes } from '../util/index.ts';
import { compareFilePaths, exactPathOf } from './entry-path.ts';
import { MetainfoError } from './errors.ts';
import type { MetainfoFile, MetainfoSymlink } from './metainfo.ts';
import type { InfoV1 } from './parse-v1.ts';
import type { InfoV2 } from './parse-v2.ts';

/**
 * Checks that the two halves of a hybrid put the same bytes of the same files into the same pieces, and have the same links,
 * executable files and SHA-256s, so that it makes no difference which half a program reads.
 *
 * @throws {MetainfoError} `HYBRID_MISMATCH`
 * @see BEP 52, `upgrade path`
 */
export function checkSameEntries(v1: InfoV1, v2: InfoV2, pieceLength: number): void {
  const isSame =
    v1.files.length === v2.files.length &&
    v1.files.every((file, index) => isSameFile(file, v2.files[index]!, v1.isSingleFile)) &&
    Math.ceil(v1.streamLength / pieceLength) === Math.ceil(v2.streamLength / pieceLength);
  if (!isSame) throw mismatch('files');
  if (!hasSameLinks(v1.symlinks, v2.symlinks)) throw mismatch('symbolic links');
}

function isSameFile(a: MetainfoFile, b: MetainfoFile, isSingleFile: boolean): boolean {
  if (a.length !== b.length || (a.length > 0 && a.offset !== b.offset)) return false;
  if (!isSamePath(a.path, b.path)) return false;
  // The properties of a single file stand in `info` itself, where not all of them are read.
  if (isSingleFile) return true;
  if (isExecutable(a) !== isExecutable(b)) return false;
  return a.sha256 && b.sha256 ? equalBytes(a.sha256, b.sha256) : a.sha256 === b.sha256;
}

function isExecutable({ attr }: MetainfoFile): boolean {
  return attr?.includes('x') === true;
}

function hasSameLinks(a: readonly MetainfoSymlink[], b: readonly MetainfoSymlink[]): boolean {
  if (a.length !== b.length) return false;
  const others = sortedByPath(b);
  return sortedByPath(a).every((link, index) => {
    const other = others[index]!;
    return (
      isSamePath(exactPathOf(link), exactPathOf(other)) &&
      isSamePath(link.target, other.target) &&
      link.linkText === other.linkText
    );
  });
}

/** Sorts links by their paths. In a hybrid they may be in another order in each half. */
function sortedByPath(symlinks: readonly MetainfoSymlink[]): MetainfoSymlink[] {
  return symlinks.toSorted((a, b) => compareFilePaths(exactPathOf(a), exactPathOf(b)));
}

function isSamePath(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, depth) => name === b[depth]);
}

function mismatch(what: string): MetainfoError {
  return new MetainfoError(
    'HYBRID_MISMATCH',
    `Cannot use this torrent: its v1 and v2 halves describe different ${what}`,
  );
}
