import { readFile, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { encodeMetainfo, parseMetainfo } from '../../src/metainfo/index.ts';
import { filesIn, makeFile, requirePeers, startLibtorrent, tempFolder } from '../support/index.ts';
import { KIB, startSeeder } from './shoal.ts';
import { withoutPads } from './trees.ts';

// Hashes asked of each other, as one that has a torrent without its piece layers has to do. BEP 52.

/** Files whose trees are of all kinds; a piece has 32 KiB. */
const FILES: Readonly<Record<string, number>> = {
  'one-block.bin': 100,
  'one-piece.bin': 32 * KIB,
  'two-pieces.bin': 32 * KIB + 1,
  'odd.bin': 37 * 32 * KIB + 20 * KIB,
  'as-many-as-are-asked-for-at-once.bin': 512 * 32 * KIB,
  'one-more.bin': 513 * 32 * KIB,
  'more-than-that.bin': 700 * 32 * KIB - 5,
};

/** Writes the torrent again, without what stands outside `info`. */
async function stripLayers(from: string, to: string): Promise<void> {
  const { infoBytes } = parseMetainfo(await readFile(from));
  await writeFile(to, encodeMetainfo({ infoBytes }, {}));
}

describe('libtorrent, which has no piece layers,', () => {
  test.for(['v2', 'hybrid'] as const)(
    'gets those of a %s torrent from createSeeder()',
    async (version, context) => {
      requirePeers(context, 'libtorrent');
      await using folder = await tempFolder();
      for (const [path, size] of Object.entries(FILES)) await makeFile(folder.join('tree', path), size, path);
      const files = await filesIn(folder.join('tree'));
      await using libtorrent = await startLibtorrent();
      const torrentFile = folder.join('tree.torrent');
      await libtorrent.create(folder.join('tree'), torrentFile, { version, pieceLength: 32 * KIB });
      await stripLayers(torrentFile, folder.join('stripped.torrent'));
      await using seeder = await startSeeder({
        torrents: [{ torrent: await readFile(torrentFile), data: folder.path }],
      });

      const torrent = await libtorrent.add(folder.join('stripped.torrent'), { folder: folder.join('down') });
      await torrent.connect('127.0.0.1', seeder.address.port);
      await torrent.finished();

      expect(withoutPads(await filesIn(folder.join('down/tree')))).toEqual(files);
      expect((await torrent.status()).failedBytes).toBe(0);
    },
  );
});
