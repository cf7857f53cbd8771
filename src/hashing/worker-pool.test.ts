import { describe, expect, test } from 'vitest';
import { HashingError } from './errors.ts';
import { HashWorker } from './hash-worker.ts';
import type { HashTask, SharedBytes } from './tasks.ts';
import { WorkerPool } from './worker-pool.ts';

const slot: SharedBytes = new Uint8Array(new SharedArrayBuffer(16));
const digest: HashTask = { kind: 'digest', digest: 1, data: slot, isLast: true };
/** A task of the right shape that ends in an exception within the worker. */
const impossible: HashTask = {
  kind: 'pieces',
  data: slot,
  pieceLength: Number.NaN,
  v1: true,
  parts: undefined,
};

describe('WorkerPool', () => {
  test('run() rejects with WORKER_FAILED when a task throws in the worker, which goes on', async () => {
    const pool = new WorkerPool(1);
    await expect(pool.run(impossible, 16)).rejects.toMatchObject({
      code: 'WORKER_FAILED',
      cause: expect.any(RangeError),
    });
    expect(await pool.run(digest, 16)).toMatch(/^[0-9a-f]{64}$/);
    await pool.close();
  });
});

describe('HashWorker', () => {
  test.each([
    ['ends', 'process.exit(3)', /ended with exit code 3/],
    ['throws', "throw new Error('on the way')", /failed: on the way/],
  ])('run() rejects with WORKER_FAILED when the thread %s, then and later', async (_, source, message) => {
    const worker = new HashWorker(new URL(`data:text/javascript,${encodeURIComponent(source)}`));
    const first = worker.run(digest, 16);
    await expect(first).rejects.toMatchObject({
      code: 'WORKER_FAILED',
      message: expect.stringMatching(message),
    });
    expect(worker.isAlive).toBe(false);
    await expect(worker.run(digest, 16)).rejects.toThrow(message);
  });

  test('run() rejects a task that cannot be posted, and the worker goes on', async () => {
    const worker = new HashWorker();
    const unpostable = { ...digest, data: (() => slot) as never };
    await expect(worker.run(unpostable, 16)).rejects.toThrow(/could not be cloned/);
    expect(worker.pendingCount).toBe(0);
    expect(await worker.run(digest, 16)).toMatch(/^[0-9a-f]{64}$/);
    expect(worker.pendingBytes).toBe(0);
    await worker.terminate(new HashingError('POOL_CLOSED', 'the test is done'));
  });
});
