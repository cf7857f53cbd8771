import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CatalogFile } from './catalog-file.ts';

test('CatalogFile.open() says what to do when the package lmdb is missing', async () => {
  const missing = () => Promise.reject(new Error("Cannot find package 'lmdb'"));
  await expect(CatalogFile.open('/nowhere/catalog.lmdb', missing)).rejects.toMatchObject({
    code: 'NO_LMDB',
    message: /could not be loaded \(Cannot find package 'lmdb'\); install it with npm install lmdb/,
  });
});

test('CatalogFile writes all of it, and finds keys by their beginning, in order', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'shoal-catalog-'));
  try {
    const file = await CatalogFile.open(join(folder, 'catalog.lmdb'));
    const text = (value: string): Buffer => Buffer.from(value);
    await file.write(
      new Map([
        ['b/2', text('two')],
        ['b/1', text('one')],
        ['c/1', text('other')],
      ]),
    );
    await file.write(
      new Map([
        ['b/3', text('')],
        ['b/1', undefined],
      ]),
    );
    expect(Array.from(file.entries('b/'), ({ key, value }) => [key, String(value)])).toEqual([
      ['b/2', 'two'],
      ['b/3', ''],
    ]);
    expect(file.get('b/1')).toBeUndefined();
    for (const name of await readdir(folder)) {
      expect([name, (await stat(join(folder, name))).mode & 0o777]).toEqual([name, 0o600]);
    }
    await file.close();
  } finally {
    await rm(folder, { recursive: true });
  }
});
