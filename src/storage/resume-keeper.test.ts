import { EventEmitter, once } from 'node:events';
import { appendFile, mkdtemp, readdir, readFile, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { manyFilesHere } from '../files/index.ts';
import { Bitfield, parseInfoHash, systemClock } from '../util/index.ts';
import { FileStorage } from './file-storage.ts';
import { OpenFiles } from './open-files.ts';
import { deliverPart, type Part, planPart, preparePart } from './part.ts';
import { readPartState } from './part-state.ts';
import { RESUME_SAVE_MS, ResumeKeeper, type ResumeKeeperOptions } from './resume-keeper.ts';
import type { Storage } from './storage.ts';

const folder = await mkdtemp(join(tmpdir(), 'shoal-resume-'));
afterAll(() => rm(folder, { recursive: true }));
const throwError = (error: Error) => {
  throw error;
};
const openFiles = new OpenFiles({ clock: systemClock, report: throwError });
let made = 0;

/** Pieces 0 and 1 in `a`, 2 in both, 3 and 4 in `b`. */
const torrent = {
  infoHash: parseInfoHash('0123456789'.repeat(4)),
  pieceCount: 5,
  pieceLength: 10,
  streamLength: 50,
};
const PIECE = Buffer.from('0123456789');

class Download {
  readonly part: Part;
  readonly storage: FileStorage;
  readonly have = new Bitfield(torrent.pieceCount);
  readonly timers: { delayMs: number; fire: () => void }[] = [];
  readonly armed = new EventEmitter();
  now = 0;
  readonly clock = {
    now: () => this.now,
    setTimer: (delayMs: number, fire: () => void) => {
      this.timers.push({ delayMs, fire });
      this.armed.emit('timer');
      return () => {};
    },
  };

  constructor() {
    const files = [
      { offset: 0, length: 25, path: ['a'] },
      { offset: 25, length: 25, path: ['b'] },
    ];
    this.part = planPart(join(folder, `output ${made++}.`), false, files);
    this.storage = new FileStorage({ files: this.part.files, mode: 'write', openFiles });
  }

  async prepare(): Promise<void> {
    const { found } = await readPartState(this.part, torrent, manyFilesHere);
    await preparePart(this.part, found, { preallocation: 'sparse' });
  }

  keep(options: Partial<ResumeKeeperOptions> = {}): ResumeKeeper {
    const { part, have, storage, clock } = this;
    const given = { part, torrent, have, storage, clock, report: throwError, onFailed: throwError };
    return new ResumeKeeper({ many: manyFilesHere, ...given, ...options });
  }

  async land(keeper: ResumeKeeper, index: number): Promise<void> {
    await this.storage.write(index * torrent.pieceLength, PIECE);
    this.have.add(index);
    keeper.pieceLanded(index);
  }

  async recall(): Promise<{ good: number[]; doubtful: number[] }> {
    const { good, doubtful } = await readPartState(this.part, torrent, manyFilesHere);
    return { good: indicesOf(good), doubtful: indicesOf(doubtful) };
  }

  file(index: number): string {
    return this.part.files[index]!.path;
  }
}

function withSync(storage: Storage, sync: () => Promise<void>): Storage {
  return {
    read: (offset, into) => storage.read(offset, into),
    write: (offset, data) => storage.write(offset, data),
    close: () => storage.close(),
    sync,
  };
}

function indicesOf(pieces: Bitfield): number[] {
  return Array.from({ length: pieces.length }, (_, index) => index).filter((index) => pieces.has(index));
}

/** Makes a download that was stopped after these pieces had landed. */
async function stopped(...pieces: number[]): Promise<Download> {
  const download = new Download();
  await download.prepare();
  const keeper = download.keep();
  for (const index of pieces) await download.land(keeper, index);
  await keeper.close();
  await download.storage.close();
  return download;
}

describe('readPartState()', () => {
  test('finds no pieces where there is no part', async () => {
    expect(await new Download().recall()).toEqual({ good: [], doubtful: [] });
  });

  test('rejects with the reason of a signal that has aborted', async () => {
    const reason = new Error('no time left');
    const { part } = new Download();
    await expect(readPartState(part, torrent, manyFilesHere, AbortSignal.abort(reason))).rejects.toBe(reason);
  });

  test('finds the pieces of a download that was stopped', async () => {
    const download = await stopped(0, 3);
    expect(await download.recall()).toEqual({ good: [0, 3], doubtful: [] });
    await download.prepare();
    expect(await download.recall()).toEqual({ good: [0, 3], doubtful: [] });
  });

  test('doubts the pieces of a file that was written to since, also those that are only partly in it', async () => {
    const download = await stopped(0, 2, 3);
    await openFiles.use({ path: download.file(1) }, 'write', (handle) => handle.write('x', 20));
    expect(await download.recall()).toEqual({ good: [0], doubtful: [2, 3, 4] });
  });

  test('doubts the pieces of a file of another size with the same time', async () => {
    const download = await stopped(0, 3);
    const at = new Date(0);
    await utimes(download.file(0), at, at);
    await download.keep({ have: download.have }).close();
    await truncate(download.file(0), 24);
    await utimes(download.file(0), at, at);
    expect(await download.recall()).toMatchObject({ good: [3], doubtful: [0, 1, 2] });
  });

  test('leaves out the pieces of a file that is gone', async () => {
    const download = await stopped(0, 2, 3);
    await rm(download.file(0));
    expect(await download.recall()).toEqual({ good: [3], doubtful: [] });
  });

  test.each([
    ['is missing', (path: string) => rm(path)],
    ['is cut off', (path: string) => truncate(path, 50)],
    ['goes on', (path: string) => appendFile(path, 'x')],
    ['is garbled', async (path: string) => writeFile(path, (await readFile(path)).fill(7, 60, 61))],
  ])('doubts all pieces when the resume data %s', async (_, spoil) => {
    const download = await stopped(0, 3);
    await spoil(download.part.resumePath);
    expect(await download.recall()).toEqual({ good: [], doubtful: [0, 1, 2, 3, 4] });
  });

  test('doubts all pieces when the resume data is of another torrent', async () => {
    const download = await stopped(0, 3);
    const other = { ...torrent, infoHash: parseInfoHash('f'.repeat(40)) };
    const { good, doubtful } = await readPartState(download.part, other, manyFilesHere);
    expect([good.count, doubtful.count]).toEqual([0, 5]);
  });
});

describe('ResumeKeeper', () => {
  test('saves a second after a piece has landed, once for all pieces that landed in that second', async () => {
    const download = new Download();
    await download.prepare();
    const keeper = download.keep();
    await download.land(keeper, 0);
    await download.land(keeper, 4);
    expect(download.timers.map(({ delayMs }) => delayMs)).toEqual([RESUME_SAVE_MS]);
    download.timers[0]!.fire();
    keeper.forget();
    await keeper.close();
    expect(await download.recall()).toEqual({ good: [0, 4], doubtful: [] });
  });

  test('waits ten times as long as the last save took', async () => {
    const download = new Download();
    await download.prepare();
    const slow = withSync(download.storage, async () => {
      download.now += 700;
      await download.land(keeper, 1);
    });
    const keeper = download.keep({ storage: slow });
    await download.land(keeper, 0);
    const rearmed = once(download.armed, 'timer');
    download.timers[0]!.fire();
    await rearmed;
    expect(download.timers.map(({ delayMs }) => delayMs)).toEqual([RESUME_SAVE_MS, 7000]);
    keeper.forget();
  });

  test('saves no piece that landed after it began to flush, and doubts the file that it was written to', async () => {
    const download = new Download();
    await download.prepare();
    const late = withSync(download.storage, () => download.land(keeper, 4));
    const keeper = download.keep({ storage: late });
    await download.land(keeper, 0);
    download.timers[0]!.fire();
    keeper.forget();
    await keeper.close();
    expect(await download.recall()).toEqual({ good: [0], doubtful: [2, 3, 4] });
  });

  test('saves no resume data when the flush fails, and reports the failure', async () => {
    const download = new Download();
    await download.prepare();
    const failures: Error[] = [];
    const error = new Error('EIO');
    const storage = withSync(download.storage, () => Promise.reject(error));
    const keeper = download.keep({ storage, onFailed: (failure) => failures.push(failure) });
    await download.land(keeper, 0);
    await expect(keeper.close()).rejects.toBe(error);
    expect(failures).toEqual([error]);
    await expect(readFile(download.part.resumePath)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('removes every file but the output when the part is delivered', async () => {
    const download = await stopped(0, 1, 2, 3, 4);
    await deliverPart(download.part, { mayReplace: true });
    const name = basename(download.part.output);
    expect((await readdir(folder)).filter((found) => found.startsWith(name))).toEqual([name]);
  });

  test('saves no resume data of a download without a piece', async () => {
    const download = await stopped();
    await expect(readFile(download.part.resumePath)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('handles 100,000 pieces beyond 4 GiB', async () => {
    const pieceLength = 64 * 1024;
    const pieceCount = 100_000;
    const streamLength = pieceCount * pieceLength;
    const large = { infoHash: torrent.infoHash, pieceCount, pieceLength, streamLength };
    const part = planPart(join(folder, 'large'), true, [
      { offset: 0, length: streamLength, path: ['large'] },
    ]);
    await preparePart(part, [undefined], { preallocation: 'sparse' });
    const storage = new FileStorage({ files: part.files, mode: 'write', openFiles });
    const have = new Bitfield(pieceCount);
    const options = { part, torrent: large, have, storage, clock: systemClock };
    const keeper = new ResumeKeeper({
      ...options,
      many: manyFilesHere,
      report: throwError,
      onFailed: throwError,
    });
    for (const index of [0, 70_000, pieceCount - 1]) await storage.write(index * pieceLength, PIECE);
    for (let index = 0; index < pieceCount; index += 1) if (have.add(index)) keeper.pieceLanded(index);
    await keeper.close();
    await storage.close();
    const { good, doubtful } = await readPartState(part, large, manyFilesHere);
    expect([good.isFull, doubtful.isEmpty]).toEqual([true, true]);
  });
});
