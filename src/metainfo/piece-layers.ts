import type { BencodeCursor } from '../bencode/index.ts';
import { toHex } from '../util/index.ts';
import { MetainfoError, quotedPath } from './errors.ts';
import { MERKLE_HASH_BYTES, pieceLayerRoot } from './merkle.ts';
import type { MetainfoFile } from './metainfo.ts';

/**
 * Reads the piece layers of the files that need one, which are those of more than one piece, and proves each by its root.
 * Layers that belong to no file are passed over.
 *
 * @param dictionary a cursor on `piece layers`; `undefined` if the torrent has none
 * @returns the layers by their roots in hex
 * @throws {MetainfoError} `BAD_PIECE_LAYERS`
 * @see BEP 52, `piece layers`
 */
export function readPieceLayers(
  files: readonly MetainfoFile[],
  dictionary: BencodeCursor | undefined,
  pieceLength: number,
): ReadonlyMap<string, Uint8Array> {
  const withLayer = files.filter((file) => file.length > pieceLength);
  const given = readLayers(dictionary, new Set(withLayer.map(rootOf)));
  const checked = new Map<string, Uint8Array>();
  for (const file of withLayer) {
    const { path, length } = file;
    const root = rootOf(file);
    const layer = given.get(root);
    const size = Math.ceil(length / pieceLength) * MERKLE_HASH_BYTES;
    const name = quotedPath(path);
    if (layer === undefined) throw badLayer(`the hashes of the pieces of ${name} are missing`);
    if (layer.length !== size)
      throw badLayer(`that of ${name} must have ${size} bytes, found ${layer.length}`);
    // Equal files have equal roots and share one layer.
    if (!checked.has(root) && toHex(pieceLayerRoot(layer, pieceLength)) !== root) {
      throw badLayer(`that of ${name} does not hash to its pieces root`);
    }
    checked.set(root, layer);
  }
  return checked;
}

function readLayers(
  dictionary: BencodeCursor | undefined,
  roots: ReadonlySet<string>,
): ReadonlyMap<string, Uint8Array> {
  const layers = new Map<string, Uint8Array>();
  if (!dictionary?.enterDictionary()) return layers;
  while (dictionary.hasMore()) {
    const root = Buffer.from(dictionary.readKey(), 'latin1').toString('hex');
    const layer = dictionary.readBytes();
    if (layer !== undefined && roots.has(root) && !layers.has(root)) layers.set(root, layer);
  }
  return layers;
}

function rootOf({ piecesRoot }: MetainfoFile): string {
  return toHex(piecesRoot!);
}

function badLayer(found: string): MetainfoError {
  return new MetainfoError('BAD_PIECE_LAYERS', `Cannot use this torrent's \`piece layers\`: ${found}`, {
    field: 'piece layers',
  });
}
