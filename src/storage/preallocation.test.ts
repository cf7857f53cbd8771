import { link, mkdir, mkdtemp, open, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
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
  await preparePart(part, await lookAt([part.path]), { preallocation, ...options });
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
  ] as const)('takes space as told: %s', async (preallocation, expected) => {
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
    const found = await lookAt([a!, b!]);
    // As when the second is made where letter case is no difference: its name is taken by then.
    await link(a!, b!);
    const refused = { code: 'NOT_WRITABLE', path: b, reason: expect.stringContaining('same name') };
    await expect(preparePart(part, found, { preallocation: 'none' })).rejects.toMatchObject(refused);
    // And as when both are found by an earlier try.
    const again = { code: 'NOT_WRITABLE', path: b, reason: expect.stringContaining('same file as') };
    const both = await lookAt([a!, b!]);
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

  test('changes no file that is as it should be', async () => {
    const part = freshPart();
    await prepare(part, 'full');
    const before = await stat(part.path, { bigint: true });
    for (const preallocation of ['none', 'sparse', 'full'] as const) await prepare(part, preallocation);
    expect((await stat(part.path, { bigint: true })).mtimeNs).toBe(before.mtimeNs);
  });

  test('lets a file that is too short grow with `none`, and cuts one that is too long', async () => {
    const part = freshPart();
    await writeFile(part.path, 'short');
    await prepare(part, 'none');
    expect(await readFile(part.path, 'utf8')).toBe('short');
    await truncate(part.path, LENGTH + 1);
    await prepare(part, 'none');
    expect((await stat(part.path)).size).toBe(LENGTH);
  });

  test('tells how much space is taken, and can be given up: nothing is there then', async () => {
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
  test('shortens a name that has no room for a suffix, differently for different names', async () => {
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
