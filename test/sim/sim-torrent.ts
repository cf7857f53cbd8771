import { createHash } from 'node:crypto';
import { type Encodable, encode } from '../../src/bencode/index.ts';
import {
  createMetainfo,
  expectedPieceHash,
  type HashedFile,
  layOutFiles,
  leafHashes,
  leavesPerPiece,
  type Metainfo,
  type MetainfoVersion,
  merkleLayers,
  parseMetainfo,
  pieceLayerRoot,
  pieceRoot,
} from '../../src/metainfo/index.ts';
import type { Completion, MakeTrees } from '../../src/session/index.ts';
import type { Storage } from '../../src/storage/index.ts';
import { type Bitfield, equalBytes } from '../../src/util/index.ts';
import { contentOf } from '../support/index.ts';

export interface TorrentPlan {
  /** The size of each file in bytes. */
  readonly files: readonly number[];
  readonly pieceLength?: number;
  readonly version?: MetainfoVersion;
  /** The name of a torrent that is its one file; a folder unless given. */
  readonly name?: string;
  /** The word that the content is made from; the names of the files unless given. */
  readonly content?: string;
  /** The size of the pad file behind each file in v1, in bytes; there are none unless given. */
  readonly pads?: readonly number[];
  /** A piece whose SHA-1 is that of something else. */
  readonly wrongSha1?: number;
}

/** A torrent and what is in it. */
export interface SimTorrent {
  readonly metainfo: Metainfo;
  /** The stream of pieces, gaps between files included. */
  readonly stream: Uint8Array;
}

/** Makes a torrent with content that looks random and is always the same. */
export function makeTorrent(plan: TorrentPlan): SimTorrent {
  const { files, pieceLength = 256 * 1024, version = 'v1', wrongSha1 = -1, name, pads } = plan;
  if (pads !== undefined) return makePadded(files, pads, pieceLength);
  const { offsets, streamLength } = layOutFiles(files, version === 'v1' ? undefined : pieceLength);
  const stream = new Uint8Array(streamLength);
  const hashed: HashedFile[] = files.map((length, at) => {
    const path = [name ?? `${String(at).padStart(3, '0')}.bin`];
    const content = Buffer.concat([...contentOf(length, plan.content ?? path[0]!)]);
    if (length > 0) stream.set(content, offsets[at]);
    if (version === 'v1' || length === 0) return { path, length };
    const leafCount = leavesPerPiece(length, pieceLength);
    const pieceLayer = Buffer.concat(
      piecesOf(content, pieceLength).map((piece) => pieceRoot(piece, leafCount)),
    );
    return { path, length, pieceLayer, piecesRoot: pieceLayerRoot(pieceLayer, pieceLength) };
  });
  const sha1s = piecesOf(stream, pieceLength).map((piece, index) =>
    sha1(index === wrongSha1 ? stream : piece),
  );
  const pieces = Buffer.concat(sha1s);
  const metainfo = createMetainfo({
    version,
    name: name ?? 'simulated',
    isSingleFile: name !== undefined,
    pieceLength,
    files: hashed,
    ...(version !== 'v2' && { pieces }),
  });
  return { metainfo, stream };
}

/** Makes a v1 torrent with pad files wherever the plan wants some. @see BEP 47 */
function makePadded(files: readonly number[], pads: readonly number[], pieceLength: number): SimTorrent {
  const parts: Uint8Array[] = [];
  const list: Encodable[] = [];
  for (const [at, length] of files.entries()) {
    const path = [`${String(at).padStart(3, '0')}.bin`];
    parts.push(...contentOf(length, path[0]!), new Uint8Array(pads[at]!));
    list.push({ length, path }, { attr: 'p', length: pads[at]!, path: ['.pad', String(pads[at])] });
  }
  const stream = Buffer.concat(parts);
  const pieces = Buffer.concat(piecesOf(stream, pieceLength).map(sha1));
  const info = { files: list, name: 'padded', 'piece length': pieceLength, pieces };
  return { metainfo: parseMetainfo(encode({ info })), stream };
}

/**
 * Checks pieces as the hashing threads do, and writes them.
 *
 * @param whileChecking the time it takes
 */
export function completeIn(
  storage: Storage,
  { metainfo }: SimTorrent,
  have: Bitfield,
  whileChecking = async () => {},
): Completion {
  return { have, storePiece: storePieceIn(storage, metainfo, whileChecking) };
}

/** Checks pieces and writes them as the hashing threads do. @param whileChecking the time it takes */
export function storePieceIn(
  storage: Storage,
  metainfo: Metainfo,
  whileChecking: () => Promise<void>,
): Completion['storePiece'] {
  return async (index, bytes) => {
    await whileChecking();
    const isRight = isRightPiece(metainfo, index, bytes);
    if (isRight) await storage.write(index * metainfo.pieceLength, bytes);
    return isRight;
  };
}

/** Makes trees as the hashing threads do, but at once. */
export const makeTrees: MakeTrees = {
  treeOfPiece: async (data, leafCount) => merkleLayers(leafHashes(data), leafCount, new Uint8Array(32)),
  treeOver: async (hashes, width, padding) => merkleLayers(hashes, width, padding),
};

function isRightPiece(metainfo: Metainfo, index: number, bytes: Uint8Array): boolean {
  const { sha1: digest, root } = expectedPieceHash(metainfo, index);
  if (digest !== undefined && !equalBytes(sha1(bytes), digest)) return false;
  return (
    root === undefined || equalBytes(pieceRoot(bytes.subarray(0, root.dataLength), root.leafCount), root.hash)
  );
}

function sha1(bytes: Uint8Array): Uint8Array {
  return createHash('sha1').update(bytes).digest();
}

function piecesOf(bytes: Uint8Array, pieceLength: number): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += pieceLength) pieces.push(bytes.subarray(at, at + pieceLength));
  return pieces;
}
