import { readFile, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { createHashPool } from '../../src/hashing/index.ts';
import { encodeMetainfo, expectedPieceHash, type Metainfo, parseMetainfo } from '../../src/metainfo/index.ts';
import { tcpNetwork } from '../../src/net/index.ts';
import { Session, type Torrent } from '../../src/session/index.ts';
import { makePeerId } from '../../src/swarm/index.ts';
import { type Address, Bitfield, systemClock, systemRandom } from '../../src/util/index.ts';
import {
  filesIn,
  MemoryStorage,
  makeFile,
  pollUntil,
  requirePeers,
  startLibtorrent,
  tempFolder,
} from '../support/index.ts';
import { KIB, MIB, startSeeder } from './shoal.ts';
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

/** A byte that is spoiled, and one in another block of the same piece. */
const [SPOILED_BYTE, MARKED_BYTE] = [40_000, 100_000];

/**
 * Downloads with a session of ours. The first whole piece is spoiled in one block as if a peer had sent it so. Once its
 * blocks are hashed, another block of it is marked: the mark is lost if more than the spoiled block is downloaded again.
 *
 * @returns also whether the mark was there when the piece was whole again
 */
async function downloadSpoiled(metainfo: Metainfo, peers: readonly Address[]) {
  const report = (error: Error) => console.warn(error);
  await using pool = createHashPool();
  let spoiled: number | undefined;
  let isMarked = false;
  let wasMarkKept = false;
  await using session = await Session.open({
    network: tcpNetwork({ report }),
    clock: systemClock,
    random: systemRandom,
    report,
    makeTrees: {
      treeOver: (...hashes) => pool.treeOver(...hashes),
      async treeOfPiece(bytes, leafCount) {
        const tree = await pool.treeOfPiece(bytes, leafCount);
        if (!isMarked) bytes[MARKED_BYTE]! ^= 1;
        isMarked = true;
        return tree;
      },
    },
    peerId: makePeerId(),
    host: '127.0.0.1',
    port: 0,
  });
  const storage = new MemoryStorage(metainfo.files);
  const badPeers: string[] = [];
  const torrent = await new Promise<Torrent>((resolve, reject) => {
    const added: Torrent = session.add({
      metainfo,
      storage,
      completion: {
        have: new Bitfield(metainfo.pieceCount),
        async storePiece(index, bytes) {
          // Not the last piece, which may be the first to come, and has 5 bytes.
          if (spoiled === undefined && bytes.length > MARKED_BYTE) {
            spoiled = index;
            bytes[SPOILED_BYTE]! ^= 1;
            // The peer that sent the piece is not asked for its hashes: the other one has to be there.
            await pollUntil(
              'both peers are connected',
              () => added.stats.seeds === peers.length || undefined,
            );
          } else if (spoiled === index && !wasMarkKept) {
            bytes[MARKED_BYTE]! ^= 1;
            wasMarkKept = await pool.checkPiece(bytes, expectedPieceHash(metainfo, index));
            if (!wasMarkKept) bytes[MARKED_BYTE]! ^= 1;
          }
          const isRight = await pool.checkPiece(bytes, expectedPieceHash(metainfo, index));
          if (isRight) await storage.write(index * metainfo.pieceLength, bytes);
          return isRight;
        },
      },
      onComplete: () => resolve(added),
      onFailed: reject,
      onBadPeer: (_, error) => badPeers.push(error.message),
    });
    added.addPeers(peers);
  });
  const { stats } = torrent;
  return { stats, badPeers, wasMarkKept, content: storage.contentOf(0) };
}

test.for(['v2', 'hybrid'] as const)(
  'a session finds the wrong block of a piece of a %s torrent by the hashes that libtorrent gives it',
  async (version, context) => {
    requirePeers(context, 'libtorrent');
    await using folder = await tempFolder();
    const size = 4 * MIB + 5;
    await makeFile(folder.join('a.bin'), size, 'a');
    const torrentFile = folder.join('a.torrent');
    // Slow, so that both are asked for blocks.
    const settings = { upload_rate_limit: 2 * MIB };
    await using one = await startLibtorrent({ settings });
    await using other = await startLibtorrent({ settings });
    await one.create(folder.join('a.bin'), torrentFile, { version, pieceLength: 512 * KIB });
    for (const peer of [one, other]) {
      await (await peer.add(torrentFile, { folder: folder.path })).finished();
    }

    const metainfo = parseMetainfo(await readFile(torrentFile));
    const { stats, badPeers, wasMarkKept, content } = await downloadSpoiled(metainfo, [one, other]);

    expect(Buffer.compare(content, await readFile(folder.join('a.bin')))).toBe(0);
    expect(stats.failedPieces).toBe(1);
    expect(wasMarkKept, 'only the wrong block is downloaded again').toBe(true);
    // Whether the peer that is blamed is still connected then depends on when it is done.
    const blamed = badPeers.filter((why) => /is not what belongs there/.test(why));
    expect(blamed.length).toBeLessThanOrEqual(1);
  },
);
