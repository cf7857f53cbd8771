import { once } from 'node:events';
import { link, readdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { type TempFolder, tempFolder } from '../../test/support/index.ts';
import { closeAll } from '../util/index.ts';
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
