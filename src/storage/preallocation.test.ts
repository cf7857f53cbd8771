import { link, mkdir, mkdtemp, open, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { manyFilesHere } from '../files/index.ts';
import { lookAt } from './file-state.ts';
import { type Part, planPart, preparePart } from './part.ts';
import type { Preallocation } from './preallocation.ts';

const MIB = 1024 * 1024;
const LENGTH = 3 * MIB + 123;
const folder = await mkdtemp(join(tmpdir(), 'shoal-preallocation-'));
afterAll(() => rm(folder, { recursive: true }));
let made = 0;
const freshPart = () =>
  planPart(join(folder, `output-${made++}`), true, [{ offset: 0, length: LENGTH, path: ['name'] }]);

async function prepare(part: Part, preallocation: Preallocation, options: object = {}): Promise<void> {
  await preparePart(part, await lookAt([part.path], manyFilesHere), { preallocation, ...options });
}

async function sizeOf(part: Part): Promise<{ size: number; isAllocated: boolean }> {
  const { size, blocks } = await stat(part.path);
  return { size, isAllocated: blocks * 512 >= LENGTH };
}

describe('preparePart()', () => {
  test.each([
    ['none', { size: 0, isAllocated: false }],
    ['sparse', { size: LENGTH, isAllocated: false }],
    ['full', { size: LENGTH, isAllocated: true }],
  ] as const)('takes as much space as the preallocation says: %s', async (preallocation, expected) => {
    const part = freshPart();
    await prepare(part, preallocation);
    expect(await sizeOf(part)).toEqual(expected);
  });

  test('refuses a part in which two files of the torrent are one file on the disk', async () => {
    const files = [
      { offset: 0, length: 10, path: ['xt_MARK.h'] },
      { offset: 10, length: 10, path: ['xt_mark.h'] },
    ];
    const part = planPart(join(folder, `output-${made++}`), false, files);
    const [a, b] = part.files.map(({ path }) => path);
    await mkdir(part.path);
    await writeFile(a!, 'first');
    const found = await lookAt([a!, b!], manyFilesHere);
    // The link is what a disk without letter case has after the first file is made: the second name is taken.
    await link(a!, b!);
    const refused = { code: 'NOT_WRITABLE', path: b, reason: expect.stringContaining('same name') };
    await expect(preparePart(part, found, { preallocation: 'none' })).rejects.toMatchObject(refused);
    // Both names are found when an earlier attempt has made them.
    const again = { code: 'NOT_WRITABLE', path: b, reason: expect.stringContaining('same file as') };
    const both = await lookAt([a!, b!], manyFilesHere);
    await expect(preparePart(part, both, { preallocation: 'none' })).rejects.toMatchObject(again);
    expect(await readFile(a!, 'utf8')).toBe('first');
  });

  test('fills the holes of a part that is there, and keeps its bytes', async () => {
    const part = freshPart();
    const handle = await open(part.path, 'w');
    for (const at of [0, 5000, MIB - 1, 2 * MIB]) await handle.write('data', at);
    await handle.truncate(2 * MIB + MIB / 2);
    await handle.close();
    const before = await readFile(part.path);
    await prepare(part, 'full');
    expect(await sizeOf(part)).toEqual({ size: LENGTH, isAllocated: true });
    const expected = Buffer.alloc(LENGTH);
    before.copy(expected);
    expect((await readFile(part.path)).equals(expected)).toBe(true);
  });

  test('does not write to a file that has its size and its space already', async () => {
    const part = freshPart();
    await prepare(part, 'full');
    const before = await stat(part.path, { bigint: true });
    for (const preallocation of ['none', 'sparse', 'full'] as const) await prepare(part, preallocation);
    expect((await stat(part.path, { bigint: true })).mtimeNs).toBe(before.mtimeNs);
  });

  test('leaves a file that is too short as it is with `none`, and cuts one that is too long', async () => {
    const part = freshPart();
    await writeFile(part.path, 'short');
    await prepare(part, 'none');
    expect(await readFile(part.path, 'utf8')).toBe('short');
    await truncate(part.path, LENGTH + 1);
    await prepare(part, 'none');
    expect((await stat(part.path)).size).toBe(LENGTH);
  });

  test('reports how much space is taken, and removes the file when it is aborted', async () => {
    const part = freshPart();
    const controller = new AbortController();
    const told: number[] = [];
    const reason = new Error('enough');
    const onProgress = (bytes: number) => {
      told.push(bytes);
      if (bytes === 2 * MIB) controller.abort(reason);
    };
    await expect(prepare(part, 'full', { signal: controller.signal, onProgress })).rejects.toBe(reason);
    expect(told).toEqual([MIB, 2 * MIB]);
    await expect(stat(part.path)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('planPart()', () => {
  test('shortens a name that has no room for a suffix, and gives different names different paths', async () => {
    const names = [`${'ä'.repeat(127)}x`, `${'ä'.repeat(127)}y`];
    const parts = names.map((name) => planPart(join(folder, name), true, []));
    const paths = parts.map((part) => part.path);
    expect(new Set(paths).size).toBe(2);
    for (const [at, part] of parts.entries()) {
      expect(part.output).toBe(join(folder, names[at]!));
      await writeFile(`${part.lockPath}.4194304`, '');
    }
  });
});
