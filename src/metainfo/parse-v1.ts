import { BencodeDictionary, bytesToText } from '../bencode/index.ts';
import { badField, MetainfoError } from './errors.ts';
import type { MetainfoFile } from './metainfo.ts';
import { PIECE_HASH_BYTES } from './piece.ts';

/** The v1 half of an `info` dictionary. */
export interface InfoV1 {
  readonly isSingleFile: boolean;
  /** Without pad files, at the offsets they have with them. */
  readonly files: readonly MetainfoFile[];
  readonly streamLength: number;
  readonly pieces: Uint8Array;
}

/** @throws {MetainfoError} @see BEP 3 `info dictionary`, BEP 47 */
export function parseInfoV1(info: BencodeDictionary, name: string, pieceLength: number): InfoV1 {
  const isSingleFile = !info.has('files');
  if (!isSingleFile && info.has('length')) throw badField('files', 'stands beside `length`: one must go');
  const { files, streamLength } = isSingleFile ? singleFile(info, name) : severalFiles(info);
  const pieces = info.getBytes('pieces');
  const pieceCount = Math.ceil(streamLength / pieceLength);
  if (pieces?.length !== pieceCount * PIECE_HASH_BYTES) {
    throw new MetainfoError(
      'BAD_PIECES',
      `Cannot use this torrent: ${pieceCount} pieces of ${pieceLength} bytes need ${pieceCount * PIECE_HASH_BYTES} ` +
        `bytes of hashes, \`pieces\` has ${pieces?.length ?? 'none'}`,
      { field: 'pieces' },
    );
  }
  return { isSingleFile, files, streamLength, pieces };
}

interface Files {
  readonly files: readonly MetainfoFile[];
  readonly streamLength: number;
}

function singleFile(info: BencodeDictionary, name: string): Files {
  refuseSymlink(info, name);
  const length = lengthOf(info);
  return { files: [{ path: [name], length, offset: 0 }], streamLength: length };
}

function severalFiles(info: BencodeDictionary): Files {
  const files: MetainfoFile[] = [];
  let offset = 0;
  for (const entry of info.getList('files') ?? []) {
    if (!(entry instanceof BencodeDictionary)) throw badField('files', 'has an entry that is no dictionary');
    const length = lengthOf(entry);
    if (!hasAttribute(entry, 'p')) {
      const path = pathOf(entry);
      refuseSymlink(entry, path.join('/'));
      files.push({ path, length, offset });
    }
    offset += length;
    if (!Number.isSafeInteger(offset)) throw badField('length', 'of all files is more than 2^53 bytes');
  }
  if (files.length === 0) throw badField('files', 'must be a list of at least one file');
  return { files, streamLength: offset };
}

function pathOf(entry: BencodeDictionary): string[] {
  const list = entry.getList('path.utf-8') ?? entry.getList('path') ?? [];
  if (list.length === 0) throw badField('path', 'must be a list of at least one name');
  return list.map((part) => {
    if (!(part instanceof Uint8Array)) throw badField('path', 'has a part that is no string');
    return bytesToText(part);
  });
}

/** The `length` of a file in either half. */
export function lengthOf(entry: BencodeDictionary): number {
  const length = entry.getInteger('length');
  if (length === undefined || length < 0)
    throw badField('length', 'must be a number of bytes from 0 to 2^53');
  return length;
}

export function hasAttribute(entry: BencodeDictionary, attribute: string): boolean {
  return entry.getText('attr')?.includes(attribute) ?? false;
}

export function refuseSymlink(entry: BencodeDictionary, path: string): void {
  if (hasAttribute(entry, 'l')) {
    throw new MetainfoError(
      'SYMLINK',
      `Cannot use this torrent: ${JSON.stringify(path)} is a symbolic link`,
      {
        field: 'attr',
      },
    );
  }
}
