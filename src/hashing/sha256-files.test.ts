import { createHash } from 'node:crypto';
import { truncate } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { makeFile, tempFolder } from '../../test/support/index.ts';
import { createHashPool } from './index.ts';

const MIB = 1024 * 1024;

test('sha256Files() makes the SHA-256 of each file, long or empty, and none of a file of another length', async () => {
  await using folder = await tempFolder();
  await using pool = createHashPool({ threads: 2 });
  const lengths = [40 * MIB + 3, 0, 5, 17 * MIB, 1, 100];
  const files = lengths.map((length, index) => ({ path: folder.join(String(index)), length }));
  const expected: (string | undefined)[] = [];
  for (const { path, length } of files) expected.push(await makeFile(path, length, path));
  await truncate(files[5]!.path, 99);
  expected[5] = undefined;
  files.push({ path: folder.join('none'), length: 3 });
  expected.push(undefined);
  let done = 0;
  const found = await pool.sha256Files(files, { onProgress: (bytes) => (done = Math.max(done, bytes)) });
  expect(found).toEqual(expected);
  expect(found[1]).toBe(createHash('sha256').digest('hex'));
  expect(done).toBe(files.reduce((sum, { length }) => sum + length, 0));
});
