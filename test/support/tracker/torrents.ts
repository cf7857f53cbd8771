import { createHash } from 'node:crypto';
import { createMetainfo, encodeMetainfo, leafHashes, merkleRoot } from '../../../src/metainfo/index.ts';
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
