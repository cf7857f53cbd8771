import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readTarget } from './target.ts';

describe('readTarget()', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'shoal-test-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('takes what ends in .torrent for a torrent, there or not', async () => {
    expect(await readTarget('no/such.torrent')).toEqual({ kind: 'torrent', path: 'no/such.torrent' });
  });

  test('takes 64 hex digits for a SHA-256, in lower case from there on', async () => {
    expect(await readTarget('AB'.repeat(32))).toEqual({ kind: 'sha256', sha256: 'ab'.repeat(32) });
  });

  test.each(['aow.txt', 'ab'.repeat(31), 'zz'.repeat(32)])('takes %j for a name', async (name) => {
    expect(await readTarget(name)).toEqual({ kind: 'name', name });
  });

  test.each([
    ['a torrent under another name for one', 'd8:announce', 'torrent'],
    ['a file got before for a name', 'did you know', 'name'],
    ['an empty file for a name', '', 'name'],
  ])('takes %s', async (_what, content, kind) => {
    const path = join(folder, 'download');
    await writeFile(path, content);
    expect((await readTarget(path)).kind).toBe(kind);
  });

  test('refuses nothing at all', async () => {
    await expect(readTarget('')).rejects.toThrow('TARGET is empty');
  });

  test('takes a folder for a name', async () => {
    expect(await readTarget(folder)).toEqual({ kind: 'name', name: folder });
  });
});
