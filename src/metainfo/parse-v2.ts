import { BencodeDictionary, keyToText } from '../bencode/index.ts';
import { equalBytes, toHex } from '../util/index.ts';
import { badField, MetainfoError } from './errors.ts';
import { layOutFiles } from './layout.ts';
import { MAX_PATH_DEPTH } from './limits.ts';
import { MERKLE_HASH_BYTES, pieceLayerRoot } from './merkle.ts';
import type { MetainfoFile } from './metainfo.ts';
import { hasAttribute, lengthOf, refuseSymlink } from './parse-v1.ts';

/** The v2 half of an `info` dictionary, with the piece layers that stand beside it. */
export interface InfoV2 {
  readonly files: readonly MetainfoFile[];
  readonly streamLength: number;
  readonly pieceLayers: ReadonlyMap<string, Uint8Array>;
}

interface TreeFile {
  readonly path: readonly string[];
  readonly length: number;
  readonly piecesRoot?: Uint8Array;
}

/** @throws {MetainfoError} @see BEP 52 */
export function parseInfoV2(
  info: BencodeDictionary,
  layers: BencodeDictionary | undefined,
  pieceLength: number,
): InfoV2 {
  const tree = info.getDictionary('file tree');
  if (tree === undefined) throw badField('file tree', 'must be a dictionary');
  const found: TreeFile[] = [];
  readFolder(tree, [], found);
  if (found.length === 0) throw badField('file tree', 'must have at least one file');
  const { offsets, streamLength } = layOutFiles(
    found.map((file) => file.length),
    pieceLength,
  );
  if (!Number.isSafeInteger(streamLength)) throw badField('length', 'of all files is more than 2^53 bytes');
  const files = found.map((file, index) => ({ ...file, offset: offsets[index]! }));
  return { files, streamLength, pieceLayers: checkLayers(files, layers, pieceLength) };
}

function readFolder(folder: BencodeDictionary, path: readonly string[], into: TreeFile[]): void {
  if (path.length > MAX_PATH_DEPTH) {
    throw new MetainfoError(
      'TOO_LARGE',
      `Cannot use this torrent: folders nest more than ${MAX_PATH_DEPTH} deep`,
    );
  }
  let previous: string | undefined;
  for (const [key, entry] of folder) {
    // Even where key order is not insisted on: the order of the tree is the order of the pieces.
    if (previous !== undefined && key < previous) throw badField('file tree', 'is not sorted');
    previous = key;
    const entryPath = [...path, keyToText(key)];
    if (!(entry instanceof BencodeDictionary)) {
      throw badField(
        'file tree',
        `has an entry that is no dictionary: ${JSON.stringify(entryPath.join('/'))}`,
      );
    }
    if (key === '') throw badField('file tree', 'has a file without a name, or one that is also a folder');
    if (!entry.has('')) readFolder(entry, entryPath, into);
    else into.push(readFile(entry, entryPath));
  }
}

function readFile(entry: BencodeDictionary, path: readonly string[]): TreeFile {
  const name = JSON.stringify(path.join('/'));
  const properties = entry.getDictionary('');
  if (properties === undefined) throw badField('file tree', `has no dictionary for the file ${name}`);
  if (entry.size > 1) throw badField('file tree', `has ${name} both as a file and as a folder`);
  refuseSymlink(properties, path.join('/'));
  if (hasAttribute(properties, 'p'))
    throw badField('attr', `makes ${name} a pad file, which v2 has no use for`);
  const length = lengthOf(properties);
  if (length === 0) {
    if (properties.has('pieces root')) throw badField('pieces root', `is given for the empty file ${name}`);
    return { path, length };
  }
  const piecesRoot = properties.getBytes('pieces root');
  if (piecesRoot?.length !== MERKLE_HASH_BYTES) {
    throw badField('pieces root', `of ${name} must be ${MERKLE_HASH_BYTES} bytes`);
  }
  return { path, length, piecesRoot };
}

/** The layers of the files that need one, each proven by its root. */
function checkLayers(
  files: readonly MetainfoFile[],
  layers: BencodeDictionary | undefined,
  pieceLength: number,
): ReadonlyMap<string, Uint8Array> {
  const checked = new Map<string, Uint8Array>();
  for (const { path, length, piecesRoot } of files) {
    if (piecesRoot === undefined || length <= pieceLength) continue;
    const root = toHex(piecesRoot);
    const layer = layers?.getBytes(Buffer.from(piecesRoot).toString('latin1'));
    const size = Math.ceil(length / pieceLength) * MERKLE_HASH_BYTES;
    const name = JSON.stringify(path.join('/'));
    if (layer?.length !== size) {
      throw badLayer(`that of ${name} must have ${size} bytes, found ${layer?.length ?? 'none'}`);
    }
    // Equal files have equal roots and share one layer.
    if (!checked.has(root) && !equalBytes(pieceLayerRoot(layer, pieceLength), piecesRoot)) {
      throw badLayer(`that of ${name} does not hash to its pieces root`);
    }
    checked.set(root, layer);
  }
  return checked;
}

function badLayer(found: string): MetainfoError {
  return new MetainfoError('BAD_PIECE_LAYERS', `Cannot use this torrent's piece layers: ${found}`, {
    field: 'piece layers',
  });
}
