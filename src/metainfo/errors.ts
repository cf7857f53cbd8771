import { ShoalError } from '../util/index.ts';
import { MAX_FILES, MAX_PATH_NAMES } from './limits.ts';

/** The number of characters that a message shows of a path. */
export const QUOTED_LENGTH = 200;

/** The reasons why a `.torrent` is refused or cannot be made. */
export type MetainfoErrorCode =
  /** It is not bencode; `cause` is the `BencodeError`. */
  | 'NOT_BENCODE'
  /** A required key is missing, or a value is of another kind or outside its range; `field` names it. */
  | 'BAD_FIELD'
  /** It has a `meta version` that is not 2. */
  | 'UNSUPPORTED_VERSION'
  /** It has more files, pieces, nested folders or other things than a limit allows. */
  | 'TOO_LARGE'
  /** A name for a new torrent cannot be the name of a file or folder, or leads elsewhere. */
  | 'BAD_NAME'
  /** In a new torrent, two files or links have one path, or a file or link has the path of a folder. */
  | 'DUPLICATE_PATH'
  /** It has symbolic links (attribute `l`) and no file, or a new torrent has a link that leads out of its folder. */
  | 'SYMLINK'
  /** The number of hashes in `pieces` does not fit the files. */
  | 'BAD_PIECES'
  /** A piece layer is missing, has a wrong length, or does not hash to its root. */
  | 'BAD_PIECE_LAYERS'
  /** A part of the torrent is not used. This code is reported as a warning, and never thrown. */
  | 'PARTLY_USED'
  /** The two halves of a hybrid describe different files. */
  | 'HYBRID_MISMATCH';

/** The error for a `.torrent` that is refused, or that cannot be made as asked. */
export class MetainfoError extends ShoalError<MetainfoErrorCode> {
  /** The key at fault, as BEP 3 and BEP 52 spell it. */
  readonly field: string | undefined;

  constructor(code: MetainfoErrorCode, message: string, options?: { field?: string; cause?: unknown }) {
    super(code, message, options);
    this.field = options?.field;
  }
}

/** Quotes a path for a message. A long one is cut. */
export function quotedPath(path: readonly string[]): string {
  return JSON.stringify(path.join('/').slice(0, QUOTED_LENGTH));
}

export function tooDeep(): MetainfoError {
  return new MetainfoError(
    'TOO_LARGE',
    `Cannot use this torrent: a path in it has more than ${MAX_PATH_NAMES} names`,
  );
}

export function tooManyFiles(): MetainfoError {
  return new MetainfoError(
    'TOO_LARGE',
    `Cannot use this torrent: it has more than ${MAX_FILES} files, links and empty folders`,
  );
}

/** Makes the error for a torrent without a file. @param hasSymlinks whether it names symbolic links, which are no files */
export function noFiles(hasSymlinks: boolean): MetainfoError {
  if (!hasSymlinks) return badField('files', 'must have at least one file');
  return new MetainfoError('SYMLINK', 'Cannot use this torrent: it has no file, but symbolic links alone', {
    field: 'attr',
  });
}

/** Makes the error for a key that is missing or has a wrong value. @param found what is wrong with it, after "`field` " */
export function badField(field: string, found: string): MetainfoError {
  return new MetainfoError('BAD_FIELD', `Cannot use this torrent: \`${field}\` ${found}`, { field });
}
