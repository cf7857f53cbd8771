import { chown, link, mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { tempFolder } from '../../test/support/index.ts';
import { systemClock } from '../util/index.ts';
import { planPart } from './part.ts';
import { lockPart } from './part-lock.ts';

const report = (error: Error) => {
  throw error;
};

test.each(['out.part', 'out.part.resume', 'out.part.lock'])(
  'lockPart() refuses a hard link as %s',
  async (name) => {
    await using folder = await tempFolder();
    await writeFile(folder.join('precious'), 'keep');
    await link(folder.join('precious'), folder.join(name));
    const part = planPart(folder.join('out'), true, [{ offset: 0, length: 4, path: ['name'] }]);
    await expect(lockPart(part, { clock: systemClock, report })).rejects.toMatchObject({
      code: 'NOT_WRITABLE',
      path: folder.join(name),
      message: expect.stringContaining('is a hard link'),
    });
    expect((await readdir(folder.join('.'))).sort()).toEqual([name, 'precious'].sort());
  },
);

test('lockPart() refuses a hard link in the folder of a part, and leaves no lock', async () => {
  await using folder = await tempFolder();
  await writeFile(folder.join('precious'), 'keep');
  await mkdir(folder.join('out.part/sub'), { recursive: true });
  await link(folder.join('precious'), folder.join('out.part/sub/a'));
  const part = planPart(folder.join('out'), false, [{ offset: 0, length: 4, path: ['sub', 'a'] }]);
  await expect(lockPart(part, { clock: systemClock, report })).rejects.toMatchObject({
    code: 'NOT_WRITABLE',
    path: folder.join('out.part/sub/a'),
  });
  expect((await readdir(folder.join('.'))).sort()).toEqual(['out.part', 'precious']);
});

describe.runIf(process.getuid?.() === 0)('lockPart() refuses a file or folder of another user', () => {
  test.each(['out.part', 'out.part.resume'])('as %s', async (name) => {
    await using folder = await tempFolder();
    for (const path of ['out.part', 'out.part.resume']) await writeFile(folder.join(path), 'part');
    const part = planPart(folder.join('out'), true, [{ offset: 0, length: 4, path: ['name'] }]);
    const lock = await lockPart(part, { clock: systemClock, report });
    await lock.release();
    await chown(folder.join(name), 12345, 0);
    await expect(lockPart(part, { clock: systemClock, report })).rejects.toMatchObject({
      code: 'NOT_WRITABLE',
      path: folder.join(name),
      message: expect.stringContaining('belongs to another user (uid 12345)'),
    });
  });

  test('as a lock, whether it is held or stale', async () => {
    await using folder = await tempFolder();
    const part = planPart(folder.join('out'), true, [{ offset: 0, length: 4, path: ['name'] }]);
    await writeFile(part.lockPath, '');
    await chown(part.lockPath, 12345, 0);
    await expect(lockPart(part, { clock: systemClock, report })).rejects.toMatchObject({
      code: 'IN_USE',
      message: expect.stringContaining('another process of another user (uid 12345) is downloading'),
    });
    const longAgo = new Date(Date.now() - 60_000);
    await utimes(part.lockPath, longAgo, longAgo);
    await expect(lockPart(part, { clock: systemClock, report })).rejects.toMatchObject({
      code: 'NOT_WRITABLE',
      message: expect.stringContaining('belongs to another user (uid 12345); remove it'),
    });
    expect(await readdir(folder.path)).toEqual(['out.part.lock']);
  });

  test('as a folder in the middle of the path of a file of the part', async () => {
    await using folder = await tempFolder();
    await mkdir(folder.join('out.part/a/b/c'), { recursive: true });
    await chown(folder.join('out.part/a'), 12345, 0);
    const part = planPart(folder.join('out'), false, [{ offset: 0, length: 4, path: ['a', 'b', 'c', 'd'] }]);
    await expect(lockPart(part, { clock: systemClock, report })).rejects.toMatchObject({
      code: 'NOT_WRITABLE',
      path: folder.join('out.part/a'),
    });
  });

  test.each(['out.part', 'out.part/sub', 'out.part/sub/a'])(
    'as a folder of a part or a file in it: %s',
    async (name) => {
      await using folder = await tempFolder();
      await mkdir(folder.join('out.part/sub'), { recursive: true });
      await writeFile(folder.join('out.part/sub/a'), 'part');
      await chown(folder.join(name), 12345, 0);
      const part = planPart(folder.join('out'), false, [{ offset: 0, length: 4, path: ['sub', 'a'] }]);
      await expect(lockPart(part, { clock: systemClock, report })).rejects.toMatchObject({
        path: folder.join(name),
      });
    },
  );
});
