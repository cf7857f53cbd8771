import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  deadline,
  repositoryRoot,
  runProcess,
  sha256Of,
  spawnProcess,
  tempFolder,
} from '../support/index.ts';

const FOLDER = join(repositoryRoot, 'examples');
/** The milliseconds that an example may take. That of a fleet runs 40 processes. */
const EXAMPLE_MS = 240_000;
/** Runs of the README's example: it once worked in most of them. */
const RUNS = 10;

const names = (await readdir(FOLDER)).filter((name) => name.endsWith('.mjs'));

test('there are examples', () => {
  expect(names).toEqual(expect.arrayContaining(['get.mjs', 'seeder.mjs', 'tracker.mjs']));
});

test.each(names)(
  'examples/%s runs to its end and says something',
  async (name) => {
    const run = runProcess(process.execPath, [join(FOLDER, name)], { signal: deadline(EXAMPLE_MS) });
    expect(await run).not.toBe('');
  },
  2 * EXAMPLE_MS,
);

test(`the README's example runs ${RUNS} times of ${RUNS}, in the syntax of every supported Node.js`, async () => {
  const readme = await readFile(join(repositoryRoot, 'README.md'), 'utf8');
  const blocks = [...readme.matchAll(/^```js\n(.*?)^```$/gms)].map(([, code]) => code!);
  expect(blocks).toHaveLength(1);
  // Node.js knows `await using` from 24 on.
  expect(blocks[0]).not.toMatch(/\busing\b/);
  await using folder = await tempFolder();
  await mkdir(folder.join('node_modules'));
  await symlink(repositoryRoot, folder.join('node_modules/shoal'));
  await symlink(join(repositoryRoot, 'data'), folder.join('data'));
  // Another test may use the port.
  await writeFile(folder.join('example.mjs'), blocks[0]!.replace('port: 9910', 'port: 0'));
  // One process for all of them, as most of the time goes into starting one.
  await writeFile(
    folder.join('loop.mjs'),
    `import { rm } from 'node:fs/promises';
    for (let run = 1; run <= ${RUNS}; run += 1) {
      await rm('copy.txt', { force: true });
      await import('./example.mjs?run=' + run);
    }`,
  );
  await using examples = await spawnProcess(process.execPath, ['loop.mjs'], { cwd: folder.path });
  await examples.exitsWith(0);
  expect(examples.output).toMatch(/^(Got 343691 bytes as \S+\n?){10}$/);
  expect(await sha256Of(folder.join('copy.txt'))).toBe(await sha256Of(join(repositoryRoot, 'data/aow.txt')));
});
