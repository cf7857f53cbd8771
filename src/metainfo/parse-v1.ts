import type { BencodeCursor, BencodeDictionary } from '../bencode/index.ts';
import { badField, MetainfoError, noFiles, tooManyFiles } from './errors.ts';
import {
  extrasOf,
  type FileEntry,
  isPad,
  isSymlink,
  readFileEntry,
  requireLength,
  singleFileEntry,
} from './file-entry.ts';
import { MAX_FILES } from './limits.ts';
import type { MetainfoFile, MetainfoSymlink } from './metainfo.ts';
import { NameCount } from './name-count.ts';
import type { NameReader } from './name-reader.ts';
import { PIECE_HASH_BYTES } from './piece.ts';

/** The v1 half of an `info` dictionary. */
export interface InfoV1 {
  readonly isSingleFile: boolean;
  /** The files without pad files. Their offsets count the pad files. */
  readonly files: readonly MetainfoFile[];
  readonly symlinks: readonly MetainfoSymlink[];
  readonly streamLength: number;
  readonly pieces: Uint8Array;
}

/**
 * Reads the v1 half. A torrent with a list of `files` is a folder, even if a `length` stands beside the list.
 *
 * @throws {MetainfoError}
 * @see BEP 3 `info dictionary`, BEP 47
 */
export function parseInfoV1(
  info: BencodeDictionary,
  name: string,
  pieceLength: number,
  names: NameReader,
): InfoV1 {
  const list = info.cursorAt('files');
  const half = list?.enterList() ? severalFiles(list, names) : singleFile(info, name, names);
  if (half.files.length === 0) throw noFiles(half.symlinks.length > 0);
  const pieces = info.getBytes('pieces');
  const pieceCount = Math.ceil(half.streamLength / pieceLength);
  if (pieces?.length !== pieceCount * PIECE_HASH_BYTES) {
    throw new MetainfoError(
      'BAD_PIECES',
      `Cannot use this torrent: ${pieceCount} pieces of ${pieceLength} bytes need ${pieceCount * PIECE_HASH_BYTES} ` +
        `bytes of hashes, \`pieces\` has ${pieces?.length ?? 'none'}`,
      { field: 'pieces' },
    );
  }
  return { ...half, pieces };
}

type Files = Omit<InfoV1, 'pieces'>;

function singleFile(info: BencodeDictionary, name: string, names: NameReader): Files {
  const entry = singleFileEntry(info);
  if (isSymlink(entry)) {
    return {
      isSingleFile: true,
      files: [],
      symlinks: [names.symlink({ path: [name] }, entry)],
      streamLength: 0,
    };
  }
  const length = requireLength(entry);
  return {
    isSingleFile: true,
    files: [{ path: [name], length, offset: 0, ...extrasOf(entry) }],
    symlinks: [],
    streamLength: length,
  };
}

/** Reads the list of files. @param list a cursor on the first entry of the list */
function severalFiles(list: BencodeCursor, names: NameReader): Files {
  const files: MetainfoFile[] = [];
  const symlinks: MetainfoSymlink[] = [];
  let offset = 0;
  const count = new NameCount();
  let before: FileEntry | undefined;
  while (list.hasMore()) {
    const entry = readFileEntry(list, before);
    if (entry === undefined) throw badField('files', 'has an entry that is no dictionary');
    count.add(1 + entry.nameCount, entry.newNameCount);
    const isEmpty = entry.path === undefined || entry.path.length === 0;
    if (isEmpty && !isPad(entry)) throw badField('path', 'must be a list of at least one name');
    if (isSymlink(entry)) {
      // A link takes no bytes of the stream, whatever its length says.
      before = entry;
      symlinks.push(names.symlink(names.path(entry.path ?? []), entry));
      if (files.length + symlinks.length > MAX_FILES) throw tooManyFiles();
      continue;
    }
    const length = requireLength(entry);
    if (!isPad(entry)) {
      before = entry;
      files.push({ ...names.path(entry.path ?? []), length, offset, ...extrasOf(entry) });
      if (files.length + symlinks.length > MAX_FILES) throw tooManyFiles();
    }
    offset += length;
    if (!Number.isSafeInteger(offset)) throw badField('length', 'of all files is more than 2^53 bytes');
  }
  return { isSingleFile: false, files, symlinks, streamLength: offset };
}
