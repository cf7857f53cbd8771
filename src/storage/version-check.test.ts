import { type BigIntStats, statSync } from 'node:fs';
import { expect, test } from 'vitest';
import { fileVersion } from '../util/index.ts';
import type { StatCalls } from './stat-calls.ts';
import { VersionCheck } from './version-check.ts';

const STATS = statSync(import.meta.filename, { bigint: true });
const CHANGED = statsWith({ mtimeNs: STATS.mtimeNs + 1n });

function statsWith(fields: Partial<BigIntStats>): BigIntStats {
  return Object.assign(Object.create(STATS), fields);
}

const PATH = 'a.bin';
const HANDLE = { fd: 3 };

/** A file system that answers when it is told to, and counts what it was asked. */
class Disk implements StatCalls {
  opensSeen = 0;
  pathsSeen = 0;
  open = STATS;
  isLocal = false;
  readonly #asked: { answer(stats: BigIntStats): void; fail(error: Error): void }[] = [];

  readonly ofOpen = async () => {
    this.opensSeen += 1;
    return this.open;
  };

  readonly ofOpenNow = () => {
    if (!this.isLocal) throw new Error('This call could hang');
    return this.open;
  };

  readonly isInMemory = async () => this.isLocal;

  readonly ofPath = () => {
    this.pathsSeen += 1;
    return new Promise<BigIntStats>((answer, fail) => this.#asked.push({ answer, fail }));
  };

  /** Answers what was asked so far. @returns once all who wait for the answers know them */
  async answer(outcome: BigIntStats | Error = STATS): Promise<void> {
    await settled();
    for (const asked of this.#asked.splice(0)) {
      if (outcome instanceof Error) asked.fail(outcome);
      else asked.answer(outcome);
    }
    await settled();
  }
}

/** Resolves when all promises that do not wait for the disk are settled. */
const settled = () => new Promise(setImmediate);

const start = () => {
  const disk = new Disk();
  return { disk, check: new VersionCheck(PATH, fileVersion(STATS), disk) };
};

test('holdsFor() looks at the path twice and at the open file once for many reads that finish together', async () => {
  const { disk, check } = start();
  const reads = Array.from({ length: 100 }, () => check.holdsFor(HANDLE));
  await disk.answer();
  expect(disk.pathsSeen).toBe(2);
  await disk.answer();
  expect(await Promise.all(reads)).toEqual(new Array(100).fill(true));
  expect([disk.opensSeen, disk.pathsSeen]).toEqual([1, 2]);
});

test('holdsFor() is false for a read that finished during a check, when the file changed after that check', async () => {
  const { disk, check } = start();
  const first = check.holdsFor(HANDLE);
  await settled();
  const second = check.holdsFor(HANDLE);
  await disk.answer(STATS);
  await disk.answer(CHANGED);
  expect(await first).toBe(true);
  expect(await second).toBe(false);
});

test('holdsFor() never runs two checks of a file at once', async () => {
  const { disk, check } = start();
  const reads = [];
  for (let at = 1; at <= 5; at += 1) {
    reads.push(check.holdsFor(HANDLE), check.holdsFor(HANDLE));
    await settled();
    expect(disk.pathsSeen, 'one for each answer so far, and the one under way').toBe(at);
    await disk.answer();
  }
  await disk.answer();
  expect(await Promise.all(reads)).toEqual(new Array(10).fill(true));
});

test('holdsFor() looks at the path again for each read that finishes after the last check', async () => {
  const { disk, check } = start();
  for (const outcome of [STATS, CHANGED, STATS]) {
    const read = check.holdsFor(HANDLE);
    await disk.answer(outcome);
    expect(await read).toBe(outcome === STATS);
  }
  expect(disk.pathsSeen).toBe(3);
});

test('holdsFor() is false when the open file is not the one that was hashed, even if the path leads to that one', async () => {
  const { disk, check } = start();
  disk.open = CHANGED;
  const read = check.holdsFor(HANDLE);
  await disk.answer();
  expect(await read).toBe(false);

  disk.open = STATS;
  const later = check.holdsFor(HANDLE);
  await disk.answer();
  expect(await later, 'it is looked at again').toBe(true);
});

test('holdsFor() throws the error of the file system, and still makes the next check for the reads that wait', async () => {
  const { disk, check } = start();
  const first = check.holdsFor(HANDLE);
  await settled();
  const second = check.holdsFor(HANDLE);
  await Promise.all([disk.answer(new Error('gone')), expect(first).rejects.toThrow('gone')]);
  await disk.answer();
  expect(await second).toBe(true);
});

test.each<[what: string, change: Partial<BigIntStats>]>([
  ['written to', { mtimeNs: STATS.mtimeNs + 1n }],
  ['deleted', { nlink: STATS.nlink - 1n }],
  ['renamed', { ctimeNs: STATS.ctimeNs + 1n }],
])('holdsFor() does not look again at the path of an open local file until it is %s', async (_, change) => {
  const { disk, check } = start();
  disk.isLocal = true;
  const first = check.holdsFor(HANDLE);
  await disk.answer();
  expect(await first).toBe(true);
  for (let at = 0; at < 10; at += 1) expect(await check.holdsFor(HANDLE)).toBe(true);
  expect(disk.pathsSeen).toBe(1);

  disk.open = statsWith(change);
  const later = check.holdsFor(HANDLE);
  await Promise.all([disk.answer(new Error('gone')), expect(later).rejects.toThrow('gone')]);
  expect(disk.pathsSeen).toBe(2);
});

test('holdsFor() looks at the path of a file exactly once more after a hard link to it was made', async () => {
  const { disk, check } = start();
  disk.isLocal = true;
  for (const nlink of [1n, 2n]) {
    disk.open = statsWith({ nlink });
    const first = check.holdsFor(HANDLE);
    await disk.answer();
    expect(await first).toBe(true);
    expect(await check.holdsFor(HANDLE)).toBe(true);
    expect(disk.pathsSeen).toBe(Number(nlink));
  }
});
