import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { requirePeers, smallDisk } from '../../test/support/index.ts';
import { systemClock } from '../util/index.ts';
import { planPart } from './part.ts';
import { lockPart, removeStaleLock } from './part-lock.ts';
import { identifySelf } from './process-identity.ts';

const folder = await mkdtemp(join(tmpdir(), 'shoal-lock-'));
afterAll(() => rm(folder, { recursive: true }));
const report = (error: Error) => {
  throw error;
};
const idle = { clock: { now: () => 0, setTimer: () => () => {} }, report };
let made = 0;
const freshPart = () => planPart(join(folder, 'new', `output-${made++}`), true, []);

describe('lockPart()', () => {
  test('refuses a second writer until the first releases the lock', async () => {
    const part = freshPart();
    const lock = await lockPart(part, { clock: systemClock, report });
    await expect(lockPart(part, idle)).rejects.toMatchObject({
      code: 'IN_USE',
      message: `Cannot download to ${part.output}: process ${process.pid} is downloading to it; if it is not, remove ${part.lockPath}`,
    });
    await lock.release();
    await (await lockPart(part, idle)).release();
    expect((await readdir(join(folder, 'new'))).filter((name) => part.lockPath.endsWith(name))).toEqual([]);
  });

  test('leaves no lock when the disk is full, so that the next try does not hold it for that of another', async (context) => {
    requirePeers(context, 'tmpfs');
    await using disk = await smallDisk(64 * 1024);
    await writeFile(disk.join('filler'), Buffer.alloc(128 * 1024)).catch(() => {});
    const part = planPart(disk.join('out'), true, []);
    for (let times = 0; times < 2; times += 1) {
      await expect(lockPart(part, idle)).rejects.toMatchObject({ code: 'DISK_FULL' });
    }
  });

  test('takes over the lock of a killed process', async () => {
    const part = freshPart();
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    await once(child, 'spawn');
    const lock = await lockPart(part, idle);
    const self = await identifySelf();
    await writeFile(part.lockPath, JSON.stringify({ ...self, pid: child.pid, startTime: '' }));
    await expect(lockPart(part, idle)).rejects.toMatchObject({ code: 'IN_USE' });
    child.kill('SIGKILL');
    await once(child, 'exit');
    await lockPart(part, idle);
    await lock.release();
  });

  test('takes over the lock of an earlier process that had the id of a running one', async (context) => {
    const self = await identifySelf();
    context.skip(self.startTime === '', 'this system does not tell when a process was started');
    const part = freshPart();
    const lock = await lockPart(part, idle);
    await writeFile(part.lockPath, JSON.stringify({ ...self, startTime: '1' }));
    await lockPart(part, idle);
    expect(JSON.parse(await readFile(part.lockPath, 'utf8'))).toEqual(self);
    await lock.release();
  });

  test.each([
    ['of another machine', JSON.stringify({ pid: 1, startTime: '1', machine: 'other' })],
    ['that is being written', ''],
  ])('takes over a lock %s only when it was not renewed for a long time', async (_, text) => {
    const part = freshPart();
    const lock = await lockPart(part, idle);
    await writeFile(part.lockPath, text);
    await expect(lockPart(part, idle)).rejects.toMatchObject({ code: 'IN_USE' });
    const longAgo = new Date(Date.now() - 60_000);
    await utimes(part.lockPath, longAgo, longAgo);
    await lockPart(part, idle);
    await lock.release();
  });

  test('renews the lock while it is held', async () => {
    const part = freshPart();
    const rearmed = new EventEmitter();
    const timers: (() => void)[] = [];
    const setTimer = (_: number, fire: () => void) => {
      timers.push(fire);
      rearmed.emit('timer');
      return () => {};
    };
    const lock = await lockPart(part, { clock: { now: () => 0, setTimer }, report });
    await writeFile(part.lockPath, JSON.stringify({ pid: 1, startTime: '1', machine: 'other' }));
    const longAgo = new Date(Date.now() - 60_000);
    await utimes(part.lockPath, longAgo, longAgo);
    const renewed = once(rearmed, 'timer');
    timers[0]!();
    await renewed;
    await expect(lockPart(part, idle)).rejects.toMatchObject({ code: 'IN_USE' });
    await lock.release();
  });

  test('gives the lock of a process that is gone to only one of many callers at once', async () => {
    const part = freshPart();
    const lock = await lockPart(part, idle);
    const gone = { ...(await identifySelf()), pid: 2 ** 30 };
    await writeFile(part.lockPath, JSON.stringify(gone));
    const asked = await Promise.allSettled(Array.from({ length: 8 }, () => lockPart(part, idle)));
    expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await lock.release();
  });
});

describe('removeStaleLock()', () => {
  test('removes the lock of a process that is gone, and no other one', async () => {
    const part = freshPart();
    const lock = await lockPart(part, idle);
    const self = await identifySelf();
    const isThere = async () => (await readFile(part.lockPath).catch(() => undefined)) !== undefined;
    await removeStaleLock(part);
    expect(await isThere(), 'of this process').toBe(true);
    await writeFile(part.lockPath, 'no lock');
    await removeStaleLock(part);
    expect(await isThere(), 'of nobody').toBe(true);
    const child = spawn(process.execPath, ['-e', '']);
    await once(child, 'exit');
    await writeFile(part.lockPath, JSON.stringify({ ...self, pid: child.pid }));
    await removeStaleLock(part);
    expect(await isThere()).toBe(false);
    await removeStaleLock(part);
    await lock.release();
  });
});
