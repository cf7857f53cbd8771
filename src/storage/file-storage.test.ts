import { execFileSync } from 'node:child_process';
import {
  appendFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { describeStorage } from '../../test/conformance/storage.ts';
import { FileCallError, type ManyFiles, manyFilesHere } from '../files/index.ts';
import { fileVersion, systemClock } from '../util/index.ts';
import { lookAt } from './file-state.ts';
import { FileStorage } from './file-storage.ts';
import { OpenFiles } from './open-files.ts';
import { deliverPart, discardPart, type Part, planPart, preparePart } from './part.ts';
import { allocateFile } from './preallocation.ts';

const folder = await mkdtemp(join(tmpdir(), 'shoal-storage-'));
afterAll(() => rm(folder, { recursive: true }));
const failOnReport = (error: Error) => {
  throw error;
};
const openFiles = new OpenFiles({ clock: systemClock, report: failOnReport, maxOpen: 2 });
let made = 0;
const prepare = async (part: Part) => {
  const found = await lookAt(
    part.files.map((file) => file.path),
    manyFilesHere,
  );
  await preparePart(part, found, { preallocation: 'sparse' });
};
const fresh = () => join(folder, `output-${made++}`);

describeStorage('FileStorage', async (placements) => {
  const files = placements.map((file, at) => ({ ...file, path: ['sub', `file-${at}`] }));
  const part = planPart(fresh(), false, files);
  await prepare(part);
  return new FileStorage({ files: part.files, mode: 'write', openFiles });
});

test('OpenFiles keeps no more files open than its limit', async () => {
  const paths = Array.from({ length: 6 }, fresh);
  for (const path of paths) await openFiles.use({ path }, 'write', async (handle) => handle.write('x'));
  expect(openFiles.size).toBeLessThanOrEqual(2);
  await openFiles.close(paths);
});

describe('FileStorage with versions', () => {
  /** A storage over one file whose state is known, and which was read once, so that it is open. */
  async function readOnce() {
    const path = fresh();
    await writeFile(path, 'as it was hashed');
    const version = fileVersion(await stat(path, { bigint: true }));
    const file = { path, offset: 0, length: 16 };
    const storage = new FileStorage({ files: [file], versions: [version], mode: 'read', openFiles });
    const read = () => storage.read(0, new Uint8Array(16));
    await read();
    return { path, storage, read };
  }

  test.each<[how: string, change: (path: string) => Promise<unknown>, code: string]>([
    ['deleted', (path) => rm(path), 'MISSING'],
    ['shortened', (path) => truncate(path, 3), 'TOO_SHORT'],
    ['written to at the same length', (path) => writeFile(path, 'other bytes here'), 'CHANGED'],
    ['touched', (path) => utimes(path, 1, 1), 'CHANGED'],
    ['lengthened', (path) => appendFile(path, 'more'), 'CHANGED'],
    [
      'replaced by one of the same size and time',
      async (path) => {
        const { atime, mtime } = await stat(path);
        await writeFile(`${path}.new`, 'other bytes here');
        await utimes(`${path}.new`, atime, mtime);
        await rename(`${path}.new`, path);
      },
      'CHANGED',
    ],
  ])(
    'FileStorage gives no bytes of a file that was %s while it is still open',
    async (_how, change, code) => {
      const { path, storage, read } = await readOnce();
      await change(path);
      await expect(read()).rejects.toMatchObject({ code, path });
      await storage.close();
    },
  );
});

test('OpenFiles leaves a file open that another torrent reads when one is closed', async () => {
  const path = fresh();
  await writeFile(path, 'content');
  await openFiles.use({ path }, 'read', async (handle) => {
    await openFiles.close([path]);
    expect((await handle.stat()).size).toBe(7);
  });
  await openFiles.close([path]);
  expect(openFiles.size).toBe(0);
});

test('OpenFiles rejects a pipe in the place of a file, and does not wait for a writer to it', async () => {
  const path = fresh();
  execFileSync('mkfifo', [path]);
  const storage = new FileStorage({ files: [{ path, offset: 0, length: 4 }], mode: 'read', openFiles });
  await expect(storage.read(0, new Uint8Array(4))).rejects.toMatchObject({ code: expect.any(String) });
  await storage.close();
});

test('OpenFiles closes a file that was not used for a while', async () => {
  const timers: (() => void)[] = [];
  let now = 0;
  const clock = {
    now: () => now,
    setTimer: (_: number, fire: () => void) => {
      timers.push(fire);
      return () => {};
    },
  };
  const idle = new OpenFiles({ clock, report: failOnReport });
  await idle.use({ path: fresh() }, 'write', async () => {});
  expect(idle.size).toBe(1);
  now = 60_000;
  timers.shift()!();
  expect(idle.size).toBe(0);
  expect(timers).toEqual([]);
});

test('read() says which file is missing or too short, and creates no file', async () => {
  const path = fresh();
  const storage = new FileStorage({ files: [{ offset: 0, length: 10, path }], mode: 'read', openFiles });
  await expect(storage.read(0, new Uint8Array(10))).rejects.toMatchObject({ code: 'MISSING', path });
  await expect(readFile(path)).rejects.toMatchObject({ code: 'ENOENT' });
  await writeFile(path, 'short');
  await expect(storage.read(0, new Uint8Array(10))).rejects.toMatchObject({ code: 'TOO_SHORT', path });
  await storage.close();
});

test('deliverPart() replaces a file of the name of the output by the part in one step', async () => {
  const output = fresh();
  await writeFile(output, 'old');
  const part = planPart(output, true, [{ offset: 0, length: 3, path: ['name'] }]);
  await prepare(part);
  const storage = new FileStorage({ files: part.files, mode: 'write', openFiles });
  await storage.write(0, Buffer.from('new'));
  await storage.sync();
  await storage.close();
  await prepare(part);
  expect(await readFile(output, 'utf8')).toBe('old');
  await deliverPart(part, { mayReplace: true });
  expect(await readFile(output, 'utf8')).toBe('new');
  await discardPart(part);
});

test('preparePart() refuses a symbolic link in the place of the part, and leaves its target alone', async () => {
  const [output, target] = [fresh(), fresh()];
  await writeFile(target, 'keep');
  await symlink(target, `${output}.part`);
  const part = planPart(output, true, [{ offset: 0, length: 100, path: ['name'] }]);
  await expect(prepare(part)).rejects.toMatchObject({ code: 'NOT_WRITABLE' });
  expect(await readFile(target, 'utf8')).toBe('keep');
});

describe('a part whose real path is known', () => {
  const files = [{ offset: 0, length: 4, path: ['sub', 'file'] }];
  /** Puts a link to another folder in the place of the folder in the part. */
  const swap = async (part: Part, elsewhere: string) => {
    await mkdir(elsewhere);
    await rm(join(part.path, 'sub'), { recursive: true, force: true });
    await symlink(elsewhere, join(part.path, 'sub'));
  };

  test('is not written through a link that took the place of a folder', async () => {
    const part = planPart(fresh(), false, files, folder);
    await prepare(part);
    const elsewhere = fresh();
    await swap(part, elsewhere);
    const storage = new FileStorage({ files: part.files, mode: 'write', openFiles });
    await expect(storage.write(0, Buffer.from('evil'))).rejects.toMatchObject({ code: 'MISSING' });
    await writeFile(join(elsewhere, 'file'), 'keep');
    await expect(storage.write(0, Buffer.from('evil'))).rejects.toMatchObject({ code: 'CHANGED' });
    await storage.close();
    expect(await readFile(join(elsewhere, 'file'), 'utf8')).toBe('keep');
  });

  test.each([
    ['makes no file', undefined],
    ['cuts no file off', { size: 9, modified: 0n, allocated: 0, id: 'other' }],
  ])('%s behind a link that took the place of a folder', async (_what, found) => {
    const part = planPart(fresh(), false, files, folder);
    await mkdir(part.path);
    const elsewhere = fresh();
    await swap(part, elsewhere);
    if (found !== undefined) await writeFile(join(elsewhere, 'file'), 'keep this');
    const [file] = part.files;
    const allocating = allocateFile(file!, found, 'sparse', () => {});
    await expect(allocating).rejects.toMatchObject({ code: 'CHANGED' });
    expect(await readdir(elsewhere)).toEqual(found === undefined ? [] : ['file']);
    if (found !== undefined) expect(await readFile(join(elsewhere, 'file'), 'utf8')).toBe('keep this');
  });
});

test('preparePart() says that the disk is too small before it writes anything', async () => {
  const part = planPart(fresh(), true, [{ offset: 0, length: 2 ** 52, path: ['name'] }]);
  await expect(prepare(part)).rejects.toMatchObject({ code: 'DISK_FULL' });
  await expect(readFile(part.path)).rejects.toMatchObject({ code: 'ENOENT' });
});

describe('FileStorage.sync()', () => {
  /** Makes the calls whose flush does `flush` for each file. */
  const flushingWith = (flush: (file: { path: string }, index: number) => void): ManyFiles => ({
    ...manyFilesHere,
    flush: async (files) => files.forEach(flush),
  });

  test('fails for good when a flush failed, because a later one would not bring back the lost bytes', async () => {
    const files = [fresh(), fresh()].map((path, at) => ({ path, offset: 10 * at, length: 10 }));
    let isLost = false;
    const failing = flushingWith(({ path }, index) => {
      if (isLost || path !== files[1]!.path) return;
      isLost = true;
      throw new FileCallError({ index, message: 'EIO: i/o error', code: 'EIO' });
    });
    const storage = new FileStorage({ files, mode: 'write', openFiles, many: failing });
    await storage.write(0, new Uint8Array(20));
    await expect(storage.sync()).rejects.toMatchObject({ code: 'IO', path: files[1]!.path });
    await expect(storage.sync()).rejects.toMatchObject({ code: 'IO' });
    await storage.close();
  });

  test('flushes again the bytes that were written while the last flush ran', async () => {
    let flushes = 0;
    const counting = flushingWith(() => {
      flushes += 1;
    });
    const storage = new FileStorage({
      files: [{ path: fresh(), offset: 0, length: 10 }],
      mode: 'write',
      openFiles,
      many: counting,
    });
    await storage.write(0, new Uint8Array(5));
    const late = storage.write(5, new Uint8Array(5));
    await storage.sync();
    await late;
    await storage.sync();
    expect(flushes).toBe(2);
    await storage.close();
  });
});
