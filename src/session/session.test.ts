import { createHash } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { MemoryStorage } from '../../test/support/index.ts';
import { createMetainfo, expectedPieceHash, type Metainfo } from '../metainfo/index.ts';
import { tcpNetwork } from '../net/index.ts';
import { makePeerId } from '../swarm/index.ts';
import { Bitfield, equalBytes, seededRandom, systemClock } from '../util/index.ts';
import { type Completion, type MakeTrees, Session } from './index.ts';

const PIECE_LENGTH = 64 * 1024;
const failOnReport = (error: Error, context: string) => {
  throw new Error(`Reported: ${context}`, { cause: error });
};
const open: Session[] = [];
afterEach(async () => {
  for (const session of open.splice(0)) await session.close();
});

function sha1(bytes: Uint8Array): Uint8Array {
  return createHash('sha1').update(bytes).digest();
}

/** Makes no trees, because the torrents of these tests have none. */
const makeTrees: MakeTrees = {
  treeOfPiece: () => Promise.reject(new Error('not of v2')),
  treeOver: () => Promise.reject(new Error('not of v2')),
};

function makeTorrent(length: number, seed: number): { metainfo: Metainfo; content: Uint8Array } {
  const random = seededRandom(seed);
  const content = Uint8Array.from({ length }, () => random.next() * 256);
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < length; at += PIECE_LENGTH)
    pieces.push(sha1(content.subarray(at, at + PIECE_LENGTH)));
  const metainfo = createMetainfo({
    version: 'v1',
    name: 'content',
    pieceLength: PIECE_LENGTH,
    isSingleFile: true,
    files: [{ path: ['content'], length }],
    pieces: Buffer.concat(pieces),
  });
  return { metainfo, content };
}

async function openSession(): Promise<Session> {
  const session = await Session.open({
    network: tcpNetwork({ report: failOnReport }),
    clock: systemClock,
    random: seededRandom(1),
    report: failOnReport,
    makeTrees,
    peerId: makePeerId(),
    host: '127.0.0.1',
    port: 0,
  });
  open.push(session);
  return session;
}

async function seed(metainfo: Metainfo, content: Uint8Array): Promise<Session> {
  const session = await openSession();
  const storage = new MemoryStorage(metainfo.files);
  await storage.write(0, content);
  session.add({ metainfo, storage });
  return session;
}

async function download(
  metainfo: Metainfo,
  from: Session[],
): Promise<{ content: Uint8Array; session: Session }> {
  const session = await openSession();
  const storage = new MemoryStorage(metainfo.files);
  await new Promise<void>((onComplete, onFailed) => {
    const completion: Completion = {
      have: new Bitfield(metainfo.pieceCount),
      async storePiece(index, bytes) {
        await storage.write(index * PIECE_LENGTH, bytes);
        return equalBytes(sha1(bytes), expectedPieceHash(metainfo, index).sha1!);
      },
    };
    const torrent = session.add({ metainfo, storage, completion, onComplete, onFailed });
    torrent.addPeers(from.map((seeder) => seeder.address));
  });
  return { content: storage.contentOf(0), session };
}

describe('Session', () => {
  test.each([1, 16_384, PIECE_LENGTH + 1, 20 * PIECE_LENGTH + 12_345])(
    'add() downloads a torrent of %i bytes from another session',
    async (length) => {
      const { metainfo, content } = makeTorrent(length, length);
      const result = await download(metainfo, [await seed(metainfo, content)]);
      expect(equalBytes(result.content, content)).toBe(true);
    },
  );

  test('add() downloads from several sessions at once, and then uploads to another', async () => {
    const { metainfo, content } = makeTorrent(100 * PIECE_LENGTH, 7);
    const seeders = [await seed(metainfo, content), await seed(metainfo, content)];
    const first = await download(metainfo, seeders);
    const second = await download(metainfo, [first.session]);
    expect(equalBytes(second.content, content)).toBe(true);
  });
});
