import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Disk, OutputPlace, Watch } from '../../src/client/disk.ts';
import type { TorrentCandidate } from '../../src/client/find.ts';
import { createMetainfo } from '../../src/metainfo/index.ts';
import { contentOf } from '../support/index.ts';

const PIECE_LENGTH = 16 * 1024;
const LENGTH = 2 * PIECE_LENGTH + 100;
const CONTENT = Buffer.concat([...contentOf(LENGTH, 'disk')]);
const PIECES = [0, 1, 2].map((index) => CONTENT.subarray(index * PIECE_LENGTH, (index + 1) * PIECE_LENGTH));

/** A disk, and where on it the output goes. */
export interface DiskUnderTest extends AsyncDisposable {
  readonly disk: Disk;
  readonly output: string;
  /** Puts a file on the disk. @returns its path */
  put(name: string, bytes: Uint8Array): Promise<string>;
  /** @returns `undefined` while there is no such file */
  delivered(): Promise<Uint8Array | undefined>;
}

const candidate: TorrentCandidate = {
  metainfo: createMetainfo({
    version: 'v1',
    name: 'content.bin',
    isSingleFile: true,
    pieceLength: PIECE_LENGTH,
    files: [{ path: ['content.bin'], length: LENGTH }],
    pieces: Buffer.concat(PIECES.map((piece) => digest('sha1', piece))),
  }),
  tiers: [],
  ownTrackers: [],
  peers: [],
  sha256: digest('sha256', CONTENT).toString('hex'),
  others: [],
};

/** Describes the tests of the contract of {@link Disk}, run against an adapter. @param open makes an empty one */
export function describeDisk(name: string, open: () => Promise<DiskUnderTest>): void {
  describe(`${name} as a Disk`, () => {
    test('a part is stored piece by piece, and is the output after deliver()', async () => {
      await using used = await open();
      const output = await plan(used);
      expect((await output.look(watch())).isWhole).toBe(false);
      const locked = await output.lock();
      const part = await locked.open(watch(), fail);
      expect(part.completion.have.isEmpty).toBe(true);
      for (const [index, piece] of PIECES.entries()) {
        expect(await part.completion.storePiece(index, shared(piece))).toBe(true);
        part.completion.have.add(index);
        part.pieceLanded(index);
      }
      await part.storage.sync();
      expect(await part.checkWhole(watch())).toEqual([]);
      part.forget();
      await part.close(false);
      expect(await used.delivered()).toBeUndefined();
      expect(await locked.deliver(watch())).toEqual([]);
      await locked.release();
      expect(Buffer.compare((await used.delivered())!, CONTENT)).toBe(0);
      expect(await (await plan(used)).look(watch())).toMatchObject({ isWhole: true, extra: [] });
      const whole = output.openWhole(await output.versions());
      const read = new Uint8Array(LENGTH);
      await whole.read(0, read);
      await whole.close();
      expect(Buffer.compare(read, CONTENT), 'the bytes at their final place').toBe(0);
    });

    test('storePiece() refuses a piece with another hash, and writes nothing of it', async () => {
      await using used = await open();
      const locked = await (await plan(used)).lock();
      const part = await locked.open(watch(), fail);
      expect(await part.completion.storePiece(1, shared(Buffer.alloc(PIECE_LENGTH, 1)))).toBe(false);
      await part.close(true);
      await locked.release();
      expect(await used.delivered()).toBeUndefined();
    });

    test('open() finds the pieces that an earlier try left, unless they were of no use', async () => {
      await using used = await open();
      for (const isUseless of [false, true]) await leaveFirstPiece(used, isUseless);
      expect(await piecesThere(used)).toBe(0);
      await leaveFirstPiece(used, false);
      expect(await piecesThere(used)).toBe(1);
    });

    test('open() takes the pieces that are right from a file to reuse, and tells their bytes', async () => {
      await using used = await open();
      const older = Buffer.concat([PIECES[0]!, Buffer.alloc(PIECE_LENGTH, 1), PIECES[2]!, PIECES[2]!]);
      const reuse = [await used.put('older.bin', older)];
      const output = await used.disk.plan(candidate, { output: used.output, reuse }, watch());
      const locked = await output.lock();
      const part = await locked.open(watch(), fail);
      expect([0, 1, 2].filter((index) => part.completion.have.has(index))).toEqual([0, 2]);
      expect(part.reused).toBe(PIECE_LENGTH + PIECES[2]!.length);
      expect(await part.completion.storePiece(1, shared(PIECES[1]!))).toBe(true);
      part.completion.have.add(1);
      part.forget();
      await part.close(false);
      await locked.deliver(watch());
      await locked.release();
      expect(Buffer.compare((await used.delivered())!, CONTENT)).toBe(0);
    });

    test('lock() is refused while another has it', async () => {
      await using used = await open();
      const output = await plan(used);
      const locked = await output.lock();
      await expect(output.lock()).rejects.toMatchObject({ code: 'IN_USE' });
      await locked.release();
      await (await output.lock()).release();
    });
  });
}

function plan({ disk, output }: DiskUnderTest): Promise<OutputPlace> {
  return disk.plan(candidate, { output }, watch());
}

async function leaveFirstPiece(used: DiskUnderTest, isUseless: boolean): Promise<void> {
  const locked = await (await plan(used)).lock();
  const part = await locked.open(watch(), fail);
  await part.completion.storePiece(0, shared(PIECES[0]!));
  part.completion.have.add(0);
  part.pieceLanded(0);
  await part.close(isUseless);
  await locked.release();
}

async function piecesThere(used: DiskUnderTest): Promise<number> {
  const locked = await (await plan(used)).lock();
  const part = await locked.open(watch(), fail);
  const { count } = part.completion.have;
  await part.close(false);
  await locked.release();
  return count;
}

function watch(): Watch {
  return { signal: new AbortController().signal, tell: () => {} };
}

function fail(error: Error): void {
  throw error;
}

/** Puts bytes where threads can read them, too. */
function shared(bytes: Uint8Array): Uint8Array<SharedArrayBuffer> {
  const copy = new Uint8Array(new SharedArrayBuffer(bytes.length));
  copy.set(bytes);
  return copy;
}

function digest(algorithm: 'sha1' | 'sha256', bytes: Uint8Array): Buffer {
  return createHash(algorithm).update(bytes).digest();
}
