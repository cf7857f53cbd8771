import { createHash } from 'node:crypto';
import {
  contentIdOf,
  createMetainfo,
  encodeMetainfo,
  leafHashes,
  merkleRoot,
} from '../../../src/metainfo/index.ts';
import type { AnnouncedTorrent } from '../../../src/tracker-protocol/index.ts';

const PIECE_LENGTH = 16 * 1024;

/** A torrent of one file of one piece: as it is registered, and its `.torrent`. */
export interface TestTorrent {
  readonly registered: AnnouncedTorrent;
  readonly metainfo: Uint8Array;
}

export function testTorrent(name: string, version: 'v1' | 'hybrid' = 'v1'): TestTorrent {
  const content = Buffer.from(`The content of ${name}`);
  const torrent = createMetainfo({
    version,
    name,
    isSingleFile: true,
    pieceLength: PIECE_LENGTH,
    files: [{ path: [name], length: content.length, piecesRoot: merkleRoot(leafHashes(content), 1) }],
    pieces: createHash('sha1').update(content).digest(),
  });
  return {
    registered: {
      infoHash: torrent.infoHash,
      ...(version === 'hybrid' && { infoHashV2: torrent.infoHashV2!.slice(0, 40) }),
      name,
      size: content.length,
      sha256: createHash('sha256').update(content).digest('hex'),
    },
    metainfo: encodeMetainfo(torrent),
  };
}

/** A torrent of a folder, as it is registered, with its `.torrent`. */
export interface TestFolder extends TestTorrent {
  readonly contentId: string;
}

/**
 * Makes a v1 torrent of a folder.
 *
 * @param files the content of each file, by its path with `/`
 * @param hasId whether it has the SHA-256 of each file, so that the folder has a content id
 */
export function testFolder(name: string, files: Readonly<Record<string, string>>, hasId = true): TestFolder {
  const contents = Object.entries(files).map(([path, text]) => ({ path, bytes: Buffer.from(text) }));
  const stream = Buffer.concat(contents.map(({ bytes }) => bytes));
  const pieces = Array.from({ length: Math.ceil(stream.length / PIECE_LENGTH) }, (_, at) =>
    createHash('sha1')
      .update(stream.subarray(at * PIECE_LENGTH, (at + 1) * PIECE_LENGTH))
      .digest(),
  );
  const torrent = createMetainfo({
    version: 'v1',
    name,
    isSingleFile: false,
    pieceLength: PIECE_LENGTH,
    files: contents.map(({ path, bytes }) => ({
      path: path.split('/'),
      length: bytes.length,
      ...(hasId && { sha256: createHash('sha256').update(bytes).digest() }),
    })),
    pieces: Buffer.concat(pieces),
  });
  const contentId = contentIdOf(
    contents.map(({ path, bytes }) => ({
      kind: 'file',
      path: path.split('/'),
      sha256: createHash('sha256').update(bytes).digest('hex'),
    })),
  );
  return {
    registered: { infoHash: torrent.infoHash, name, size: stream.length },
    metainfo: encodeMetainfo(torrent),
    contentId,
  };
}

/** A torrent whose metainfo has 200 KB: too much for a registration, and to be checked at once. */
export function largeTorrent(): TestTorrent {
  const [name, pieces] = ['large', 10_000];
  const torrent = createMetainfo({
    version: 'v1',
    name,
    isSingleFile: true,
    pieceLength: PIECE_LENGTH,
    files: [{ path: [name], length: pieces * PIECE_LENGTH }],
    pieces: new Uint8Array(20 * pieces),
  });
  return {
    registered: { infoHash: torrent.infoHash, name, size: pieces * PIECE_LENGTH },
    metainfo: encodeMetainfo(torrent),
  };
}

/** Adds the metainfo to a torrent. */
export function withMetainfo({ registered, metainfo }: TestTorrent): AnnouncedTorrent {
  return { ...registered, metainfo: Buffer.from(metainfo).toString('base64') };
}
