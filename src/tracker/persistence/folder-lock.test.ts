import { once } from 'node:events';
import { chmod, chown, link, mkdir, readdir, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { type TempFolder, tempFolder } from '../../../test/support/index.ts';
import { closeAll } from '../../util/index.ts';
import { lockFolder } from './folder-lock.ts';

/** A socket at which nobody listens any more, as of a tracker that was killed. */
async function leaveSocket(folder: TempFolder, name: string): Promise<void> {
  const server = createServer().listen(folder.join('listens'));
  await once(server, 'listening');
  await link(folder.join('listens'), folder.join(name));
  server.close();
  await once(server, 'close');
}

test('lockFolder() takes over from trackers that were killed, and leaves nothing behind', async () => {
  await using folder = await tempFolder();
  await leaveSocket(folder, 'tracker.lock');
  await leaveSocket(folder, 'tracker.lock.0123abcd');
  const lock = await lockFolder(folder.path);
  expect(await readdir(folder.path)).toHaveLength(1);
  await expect(lockFolder(folder.path)).rejects.toMatchObject({ code: 'STATE_IN_USE' });
  await closeAll([lock]);
  expect(await readdir(folder.path)).toEqual([]);
});

test('lockFolder() gives a folder to one at most of those that want it at once', async () => {
  for (let round = 0; round < 20; round += 1) {
    await using folder = await tempFolder();
    await leaveSocket(folder, 'tracker.lock');
    const tries = await Promise.allSettled(Array.from({ length: 4 }, () => lockFolder(folder.path)));
    const locks = tries.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    const codes = tries.flatMap((each) => (each.status === 'rejected' ? [each.reason.code] : []));
    expect(locks.length).toBeLessThanOrEqual(1);
    expect(new Set(codes)).toEqual(new Set(['STATE_IN_USE']));
    await closeAll(locks);
    await closeAll([await lockFolder(folder.path)]);
  }
});

test('lockFolder() makes the folder for its user alone', async () => {
  await using folder = await tempFolder();
  const state = folder.join('new/state');
  const lock = await lockFolder(state);
  expect((await stat(state)).mode & 0o777).toBe(0o700);
  await closeAll([lock]);
});

test('lockFolder() refuses a folder that all may write to, and leaves nothing in it', async () => {
  await using folder = await tempFolder();
  for (const mode of [0o777, 0o1777]) {
    await chmod(folder.path, mode);
    await expect(lockFolder(folder.path)).rejects.toMatchObject({
      code: 'CANNOT_KEEP_STATE',
      message: expect.stringContaining('all users may write to it'),
    });
    expect(await readdir(folder.path)).toEqual([]);
  }
  await chmod(folder.path, 0o770);
  await closeAll([await lockFolder(folder.path)]);
});

test.runIf(process.getuid?.() === 0)('lockFolder() refuses a folder of another user', async () => {
  await using folder = await tempFolder();
  const state = folder.join('state');
  await mkdir(state);
  await chown(state, 12345, 0);
  await expect(lockFolder(state)).rejects.toMatchObject({
    code: 'CANNOT_KEEP_STATE',
    message: expect.stringContaining('belongs to another user (uid 12345)'),
  });
  expect(await readdir(state)).toEqual([]);
});

test('lockFolder() refuses a folder in which another listens, and leaves that one alone', async () => {
  await using folder = await tempFolder();
  const listening = createServer((socket) => socket.destroy()).listen(folder.join('tracker.lock.ffffffff'));
  await once(listening, 'listening');
  await expect(lockFolder(folder.path)).rejects.toMatchObject({ code: 'STATE_IN_USE' });
  expect(await readdir(folder.path)).toEqual(['tracker.lock.ffffffff']);
  listening.close();
  await once(listening, 'close');
  await closeAll([await lockFolder(folder.path)]);
});
