import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { repositoryRoot, runProcess } from '../support/index.ts';

const FOLDER = join(repositoryRoot, 'examples');

const names = (await readdir(FOLDER)).filter((name) => name.endsWith('.mjs'));

test('there are examples', () => {
  expect(names).toEqual(expect.arrayContaining(['get.mjs', 'seeder.mjs', 'tracker.mjs']));
});

test.each(names)('examples/%s runs to its end and says something', async (name) => {
  expect(await runProcess(process.execPath, [join(FOLDER, name)])).not.toBe('');
});
