import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as bencode from '../../src/bencode/index.ts';
import { createHashPool, createTorrent } from '../../src/hashing/index.ts';
import * as shoal from '../../src/index.ts';
import * as metainfo from '../../src/metainfo/index.ts';
import * as tracker from '../../src/tracker/index.ts';
import * as wire from '../../src/wire/index.ts';
import { Disposables, repositoryRoot, runProcess, tempFolder } from '../support/index.ts';
import { readExamples } from './read-examples.ts';

/** The entries of the package, and where each stands in `src/`. */
const ENTRIES = { shoal: 'index', ...entriesOf(['bencode', 'metainfo', 'tracker', 'wire']) };
const PUBLIC = { ...shoal, ...bencode, ...metainfo, ...tracker, ...wire };
const TSC = join(repositoryRoot, 'node_modules/typescript/bin/tsc');
/** The tracker that examples name, for which they are given one of this machine. */
const TRACKER_NAMED = 'http://tracker.example:9910';

const examples = (await readExamples()).filter(({ name }) => name in PUBLIC);
const disposables = new Disposables();
let folder: string;
let trackerUrl: string;

function entriesOf(folders: readonly string[]): Record<string, string> {
  return Object.fromEntries(folders.map((name) => [`shoal/${name}`, `${name}/index`]));
}

beforeAll(async () => {
  folder = disposables.use(await tempFolder()).path;
  const local = disposables.use(await tracker.createTracker({ host: '127.0.0.1', port: 0 }));
  trackerUrl = local.url;
  const paths = [join(repositoryRoot, 'data')];
  const seeder = disposables.use(
    await shoal.createSeeder({ tracker: trackerUrl, paths, host: '127.0.0.1', port: 0 }),
  );
  await seeder.registered;
  await makeFilesFor(folder);
});
afterAll(() => disposables[Symbol.asyncDispose]());

test('the public API has examples', () => {
  expect(examples.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['createSeeder', 'createTracker', 'decode', 'encode', 'get', 'parseMetainfo']),
  );
});

test('the examples of the public API compile', async () => {
  // Inside the repository, where the packages are found whose types the sources use.
  const compiled = await mkdtemp(join(repositoryRoot, 'build/examples-'));
  try {
    const sources = Object.entries(ENTRIES).map(([name, path]) => [
      name,
      [join(repositoryRoot, `src/${path}.ts`)],
    ]);
    await writeFile(
      join(compiled, 'tsconfig.json'),
      JSON.stringify({
        extends: join(repositoryRoot, 'tsconfig.json'),
        compilerOptions: {
          noEmit: true,
          rootDir: repositoryRoot,
          noUnusedLocals: false,
          paths: Object.fromEntries(sources),
        },
        include: ['*.mts'],
        exclude: [],
      }),
    );
    for (const { name, code } of examples) await writeFile(join(compiled, `${name}.mts`), code);
    expect(await runProcess(process.execPath, [TSC, '-p', compiled])).toBe('');
  } finally {
    await rm(compiled, { recursive: true });
  }
});

test.each(examples)('the example of $name runs and prints what it says', async ({ name, code }) => {
  await writeFile(join(folder, `${name}.mjs`), runnable(code));
  const output = await runProcess(process.execPath, [`${name}.mjs`], { cwd: folder });
  const promised = Array.from(code.matchAll(/console\.log\(.*\);? \/\/ (.*)$/gm), ([, line]) => line!);
  expect(output.split('\n')).toEqual(expect.arrayContaining(promised));
});

/** Makes an example import what was built, use the tracker of this test, and take whatever ports are free. */
function runnable(code: string): string {
  return code
    .replaceAll(/from '(shoal[^']*)'/g, (_, name: keyof typeof ENTRIES) => {
      const path = join(repositoryRoot, `build/src/${ENTRIES[name]}.js`);
      return `from '${pathToFileURL(path).href}'`;
    })
    .replaceAll(TRACKER_NAMED, trackerUrl)
    .replaceAll(/\b(port|webPort): \d+/g, '$1: 0');
}

/** Makes the files that examples read: an image of 5 bytes, its torrent, and what is seeded. */
async function makeFilesFor(target: string): Promise<void> {
  const image = join(target, 'linux.iso');
  await writeFile(image, 'image');
  await using pool = createHashPool({ threads: 1 });
  await writeFile(`${image}.torrent`, (await createTorrent(pool, image)).bytes);
  await writeFile(join(target, 'data'), 'data to seed');
}
