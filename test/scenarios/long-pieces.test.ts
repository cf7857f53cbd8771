import { describe, expect, test } from 'vitest';
import { encode } from '../../src/bencode/index.ts';
import { parseMetainfo } from '../../src/metainfo/index.ts';
import { getAll, startLocalSwarm } from '../support/client/index.ts';
import { makeFile, sha256Of, tempFolder } from '../support/index.ts';

const MIB = 1024 * 1024;
/** The length of pieces that no download has memory for. */
const PIECE_LENGTH = 512 * MIB;

describe('get()', () => {
  test('get() refuses pieces that memory is not meant for, and names both sizes', async () => {
    await using folder = await tempFolder();
    const length = 300 * MIB;
    const info = { length, name: 'a.bin', 'piece length': 256 * MIB, pieces: new Uint8Array(40) };
    const torrent = encode({ info });
    const source = { torrent, metainfo: parseMetainfo(torrent), tracker: 'http://127.0.0.1:1' };
    await expect(getAll(source, folder.join('out'))).rejects.toMatchObject({
      code: 'BAD_TORRENT',
      message: expect.stringMatching(/pieces of 268435456 bytes.*of at most 134217728 bytes/),
    });
  });

  test('get() downloads a file that is shorter than a piece of 512 MiB, with memory for the file alone', async () => {
    await using folder = await tempFolder();
    const sha256 = await makeFile(folder.join('a.bin'), 3 * MIB + 1, 'a');
    for (const version of ['v1', 'v2', 'hybrid'] as const) {
      await using swarm = await startLocalSwarm(folder.join('a.bin'), { version, pieceLength: PIECE_LENGTH });
      const before = process.memoryUsage().arrayBuffers;
      await getAll(swarm, folder.join(version));
      expect(await sha256Of(folder.join(version))).toBe(sha256);
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(PIECE_LENGTH / 2);
    }
  });
});
