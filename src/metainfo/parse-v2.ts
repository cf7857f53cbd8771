import type { BencodeCursor, BencodeDictionary } from '../bencode/index.ts';
import { equalBytes } from '../util/index.ts';
import { badField, MetainfoError, noFiles, quotedPath, tooManyFiles } from './errors.ts';
import { extrasOf, isSymlink, readFileEntry, requireLength } from './file-entry.ts';
import { layOutFiles } from './layout.ts';
import { MAX_FILES, MAX_PATH_DEPTH } from './limits.ts';
import { MERKLE_HASH_BYTES } from './merkle.ts';
import type { EntryPath, MetainfoFile, MetainfoSymlink } from './metainfo.ts';
import { NameCount } from './name-count.ts';
import type { NameReader } from './name-reader.ts';

/** The v2 half of an `info` dictionary. */
export interface InfoV2 {
  readonly files: readonly MetainfoFile[];
  readonly symlinks: readonly MetainfoSymlink[];
  readonly streamLength: number;
}

/** A root of zeros, which some programs write for a missing one: no data hashes to zeros. */
const NO_ROOT = new Uint8Array(MERKLE_HASH_BYTES);

/** A file whose place in the stream is set when all files are known. */
type TreeFile = Omit<MetainfoFile, 'offset'> & { offset: number };

/**
 * Reads the v2 half of an `info` dictionary whose keys are sorted.
 *
 * @throws {MetainfoError}
 * @see BEP 52
 */
export function parseInfoV2(info: BencodeDictionary, pieceLength: number, names: NameReader): InfoV2 {
  const tree = info.cursorAt('file tree');
  if (!tree?.enterDictionary()) throw badField('file tree', 'must be a dictionary');
  const reader = new TreeReader(tree, names);
  while (tree.hasMore()) reader.readEntry({ path: [] }, tree.readKey());
  const { files, symlinks } = reader;
  if (files.length === 0) throw noFiles(symlinks.length > 0);
  const { offsets, streamLength } = layOutFiles(
    files.map((file) => file.length),
    pieceLength,
  );
  if (!Number.isSafeInteger(streamLength)) throw badField('length', 'of all files is more than 2^53 bytes');
  for (const [index, file] of files.entries()) file.offset = offsets[index]!;
  return { files, symlinks, streamLength };
}

/** A reader that collects the files of a file tree. */
class TreeReader {
  readonly files: TreeFile[] = [];
  readonly symlinks: MetainfoSymlink[] = [];
  readonly #cursor: BencodeCursor;
  readonly #names: NameReader;
  readonly #count = new NameCount();

  constructor(cursor: BencodeCursor, names: NameReader) {
    this.#cursor = cursor;
    this.#names = names;
  }

  /** Reads the file or folder whose key was read last. */
  readEntry(folder: EntryPath, key: string): void {
    if (key === '') throw badField('file tree', 'has a file without a name, or one that is also a folder');
    const place = this.#names.pathIn(folder, Buffer.from(key, 'latin1'));
    const { path } = place;
    if (path.length > MAX_PATH_DEPTH + 1) {
      throw new MetainfoError(
        'TOO_LARGE',
        `Cannot use this torrent: folders nest more than ${MAX_PATH_DEPTH} deep`,
      );
    }
    this.#count.add(path.length, 1);
    const cursor = this.#cursor;
    if (!cursor.enterDictionary()) {
      throw badField('file tree', `has an entry that is no dictionary: ${quotedPath(path)}`);
    }
    if (!cursor.hasMore()) return;
    // The empty key of a file is the first key, since keys are sorted.
    let child = cursor.readKey();
    if (child === '') {
      this.#readFile(place);
      if (cursor.hasMore())
        throw badField('file tree', `has ${quotedPath(path)} both as a file and as a folder`);
      return;
    }
    for (;;) {
      this.readEntry(place, child);
      if (!cursor.hasMore()) return;
      child = cursor.readKey();
    }
  }

  #readFile(place: EntryPath): void {
    const { path } = place;
    const entry = readFileEntry(this.#cursor);
    if (entry === undefined)
      throw badField('file tree', `has no dictionary for the file ${quotedPath(path)}`);
    if (entry.attr.includes('p')) {
      throw badField('attr', `makes ${quotedPath(path)} a pad file, which v2 has no use for`);
    }
    this.#count.add(entry.nameCount, 0);
    if (isSymlink(entry)) {
      this.symlinks.push(this.#names.symlink(place, entry));
      this.#checkCount();
      return;
    }
    const length = requireLength(entry);
    // Some programs write a root for an empty file, which means nothing.
    const root = length === 0 ? {} : { piecesRoot: checkRoot(entry.piecesRoot, path) };
    this.files.push({ ...place, length, offset: 0, ...root, ...extrasOf(entry) });
    this.#checkCount();
  }

  #checkCount(): void {
    if (this.files.length + this.symlinks.length > MAX_FILES) throw tooManyFiles();
  }
}

function checkRoot(root: Uint8Array | undefined, path: readonly string[]): Uint8Array {
  if (root?.length !== MERKLE_HASH_BYTES) {
    throw badField('pieces root', `of ${quotedPath(path)} must be ${MERKLE_HASH_BYTES} bytes`);
  }
  if (equalBytes(root, NO_ROOT)) throw badField('pieces root', `of ${quotedPath(path)} is all zeros`);
  return root;
}
