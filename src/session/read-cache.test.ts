import { describe, expect, test } from 'vitest';
import { ReadCache } from './read-cache.ts';
import { READ_RUN_BYTES, type Run } from './run.ts';

const PIECE = { index: 10, offset: 10 * READ_RUN_BYTES, length: 2 * READ_RUN_BYTES + 5 };

/** A disk whose bytes are the numbers of their runs. It notes each read, and fails while `isBroken`. */
class Disk {
  reads: number[] = [];
  isBroken = false;

  readonly read = async (offset: number, into: readonly Uint8Array[]): Promise<void> => {
    this.reads.push(offset);
    if (this.isBroken) throw new Error('broken');
    for (const block of into) block.fill(Math.floor(offset / READ_RUN_BYTES));
  };
}

const isAll = ({ buffer }: Run, value: number): boolean =>
  buffer.blocks.every((block) => block.every((byte) => byte === value));

describe('ReadCache', () => {
  test('runAt() reads a run once for all calls, also for those while it is being read', async () => {
    const [cache, disk] = [new ReadCache(), new Disk()];
    const run = cache.runAt('a', PIECE, 5, disk.read);
    expect(cache.runAt('a', PIECE, 500, disk.read)).toBe(run);
    await run.loading;
    expect(run.loading).toBeUndefined();
    expect(isAll(run, 10)).toBe(true);
    expect(disk.reads).toEqual([PIECE.offset]);
  });

  test('runAt() ends the last run of a piece where the piece ends', () => {
    const [cache, disk] = [new ReadCache(), new Disk()];
    expect(cache.runAt('a', PIECE, 2 * READ_RUN_BYTES, disk.read).buffer.length).toBe(5);
    expect(cache.size).toBe(5);
  });

  test('runAt() drops the least recently used run, and uses its memory again', async () => {
    const [cache, disk] = [new ReadCache(2 * READ_RUN_BYTES), new Disk()];
    const runs = [];
    for (const begin of [0, READ_RUN_BYTES]) {
      const run = cache.runAt('a', PIECE, begin, disk.read);
      await run.loading;
      runs.push(run);
    }
    cache.runAt('a', PIECE, 0, disk.read);
    await cache.runAt('b', PIECE, 0, disk.read).loading;
    expect(cache.size).toBe(2 * READ_RUN_BYTES);
    expect(cache.runAt('a', PIECE, 0, disk.read), 'it was used last').toBe(runs[0]);
    expect(cache.runAt('c', PIECE, 0, disk.read).buffer).toBe(runs[1]!.buffer);
  });

  test('runAt() does not use the memory of a dropped run again while it is retained', async () => {
    const [cache, disk] = [new ReadCache(1), new Disk()];
    const run = cache.runAt('a', PIECE, 0, disk.read);
    run.retain();
    await run.loading;
    for (const owner of ['b', 'c', 'd']) await cache.runAt(owner, PIECE, READ_RUN_BYTES, disk.read).loading;
    expect(isAll(run, 10)).toBe(true);
    run.release();
  });

  test('runAt() reads a run again that could not be read', async () => {
    const [cache, disk] = [new ReadCache(), new Disk()];
    disk.isBroken = true;
    await expect(cache.runAt('a', PIECE, 0, disk.read).loading).rejects.toThrow('broken');
    expect(cache.size).toBe(0);
    disk.isBroken = false;
    const run = cache.runAt('a', PIECE, 0, disk.read);
    await run.loading;
    expect(isAll(run, 10)).toBe(true);
  });

  test('drop() drops the runs of one torrent', () => {
    const [cache, disk] = [new ReadCache(), new Disk()];
    cache.runAt('a', PIECE, 0, disk.read);
    cache.runAt('ab', PIECE, 0, disk.read);
    cache.drop('a');
    expect(cache.size).toBe(READ_RUN_BYTES);
    cache.runAt('ab', PIECE, 0, disk.read);
    expect(disk.reads).toHaveLength(2);
  });
});
