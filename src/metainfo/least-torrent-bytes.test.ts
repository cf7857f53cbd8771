import { expect, test } from 'vitest';
import { createMetainfo, encodeMetainfo } from './encode.ts';
import { leastTorrentBytes, requireNotTooLong } from './least-torrent-bytes.ts';
import { MAX_METAINFO_BYTES } from './limits.ts';
import { pieceLayerRoot } from './merkle.ts';

const PIECE_LENGTH = 16_384;

test.each(['v1', 'v2', 'hybrid'] as const)(
  'leastTorrentBytes() is at most the length of a %s torrent, and at least half of it',
  (version) => {
    const files = Array.from({ length: 300 }, (_, at) => ({
      path: [`folder ${Math.floor(at / 100)}`, `${String(at).padStart(4, '0')}-ä-${'x'.repeat(at % 50)}`],
      // Each file has whole pieces, so that no version has pads.
      length: (at % 3) * PIECE_LENGTH,
    }));
    const total = files.reduce((sum, { length }) => sum + length, 0);
    const metainfo = createMetainfo({
      version,
      name: 'made',
      isSingleFile: false,
      pieceLength: PIECE_LENGTH,
      files: files.map((file, at) => ({
        ...file,
        sha256: new Uint8Array(32),
        ...(version !== 'v1' && file.length > 0 && merkleOf(file.length, at)),
      })),
      ...(version !== 'v2' && { pieces: new Uint8Array((total / PIECE_LENGTH) * 20) }),
    });
    const actual = encodeMetainfo(metainfo).length;
    const least = leastTorrentBytes({ files, version, pieceLength: PIECE_LENGTH, sha256: true });
    expect(least).toBeLessThanOrEqual(actual);
    expect(least).toBeGreaterThan(actual / 2);
  },
);

function merkleOf(length: number, at: number) {
  const pieceLayer = new Uint8Array((length / PIECE_LENGTH) * 32).fill((at % 250) + 1);
  return { pieceLayer, piecesRoot: pieceLayerRoot(pieceLayer, PIECE_LENGTH) };
}

test('requireNotTooLong() refuses what is longer than a .torrent may be', () => {
  expect(() => requireNotTooLong(MAX_METAINFO_BYTES)).not.toThrow();
  expect(() => requireNotTooLong(MAX_METAINFO_BYTES + 1)).toThrow('would have at least 64 MiB');
});
