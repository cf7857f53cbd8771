import { execFile } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { HashingError } from './errors.ts';
import { HashWorker } from './hash-worker.ts';
import type { HashTask } from './tasks.ts';
import { WorkerPool } from './worker-pool.ts';

const task = { kind: 'dropDigest', digest: 1 } as const;
/** A task of the right shape that ends in an exception within the worker. */
const impossible: HashTask = {
  kind: 'range',
  length: -1,
  pieceLength: 1,
  v1: false,
  v2: true,
  parts: [],
};

describe('WorkerPool', () => {
  test('run() rejects with WORKER_FAILED when a task throws, and the worker still takes tasks', async () => {
    const pool = new WorkerPool(1);
    await expect(pool.run(impossible, 16)).rejects.toMatchObject({
      code: 'WORKER_FAILED',
      cause: expect.any(RangeError),
    });
    expect(await pool.run(task, 16)).toBeUndefined();
    await pool.close();
  });
});

describe('HashWorker', () => {
  test.each([
    ['ends', 'process.exit(3)', /ended with exit code 3/],
    ['throws', "throw new Error('on the way')", /failed: on the way/],
  ])(
    'run() rejects with WORKER_FAILED when the thread %s, for this task and all later ones',
    async (_, source, message) => {
      const worker = new HashWorker(new URL(`data:text/javascript,${encodeURIComponent(source)}`));
      const first = worker.run(task, 16);
      await expect(first).rejects.toMatchObject({
        code: 'WORKER_FAILED',
        message: expect.stringMatching(message),
      });
      expect(worker.isAlive).toBe(false);
      await expect(worker.run(task, 16)).rejects.toThrow(message);
    },
  );

  test('run() rejects a task that cannot be posted, and the worker still takes tasks', async () => {
    const worker = new HashWorker();
    const unpostable = { ...task, digest: (() => 1) as never };
    await expect(worker.run(unpostable, 16)).rejects.toThrow(/could not be cloned/);
    expect(worker.pendingBytes).toBe(0);
    expect(await worker.run(task, 16)).toBeUndefined();
    expect(worker.pendingBytes).toBe(0);
    await worker.terminate(new HashingError('POOL_CLOSED', 'the test is done'));
  });

  test('run() does its task even if no file descriptor is free for the thread at first', async () => {
    // The script runs in a process of its own with a low limit of descriptors, of which the thread needs one for each file that
    // it imports.
    const script = `
      import { closeSync, openSync } from 'node:fs';
      import { HashWorker } from ${JSON.stringify(new URL('./hash-worker.js', import.meta.url).href)};
      const held = [];
      try {
        for (;;) held.push(openSync('/dev/null'));
      } catch {}
      setTimeout(() => held.forEach((fd) => closeSync(fd)), 400);
      await new HashWorker().run(${JSON.stringify(task)}, 16);
      process.exit(held.length > 0 ? 7 : 1);
    `;
    const args = ['-c', 'ulimit -n 160 && exec "$0" --input-type=module -e "$1"', process.execPath, script];
    const code = await new Promise((resolve) => {
      execFile('sh', args, (error) => resolve(error?.code ?? 0));
    });
    expect(code).toBe(7);
  });
});
