import { posix } from 'node:path';
import { isMisplacedTestCode, isTestCode } from './paths.ts';
import type { Repository } from './repository.ts';
import type { Violation } from './violation.ts';

/** Finds the differences between the tree and the table in docs/architecture.md and `src/`. */
export function compareTree({ files, architecture }: Repository): Violation[] {
  const { drawn, mentioned, layers, floors } = architecture;
  const withFloors = new Set(Array.from(floors.keys(), (folder) => posix.dirname(folder)));
  const paths = files.filter(({ path }) => !isTestCode(path)).map(({ path }) => path.slice('src/'.length));
  const folders = [...new Set(paths.flatMap(foldersAbove))].sort();
  const present = new Set([...paths, ...folders]);
  const whats = [
    ...folders
      .filter((folder) => !drawn.includes(folder) && !mentioned.includes(folder))
      .map((folder) => `does not draw src/${folder}/`),
    ...drawn.filter((path) => !present.has(path)).map((path) => `draws src/${path}, which is not there`),
    ...folders
      .filter((folder) => !folder.includes('/') && !layers.has(folder))
      .map((folder) => `gives no layer to src/${folder}/`),
    ...folders
      .filter((folder) => withFloors.has(posix.dirname(folder)) && !floors.has(folder))
      .map((folder) => `gives no floor to src/${folder}/`),
    ...[...floors.keys()]
      .filter((folder) => !present.has(folder))
      .map((folder) => `gives a floor to src/${folder}, which is not there`),
  ];
  return whats.map((what) => ({ where: 'docs/architecture.md', what }));
}

/** Packages that docs/dependencies.md does not name. */
export function findUnexplainedPackages(repository: Repository): Violation[] {
  const named = new Set(repository.dependenciesDoc.match(/@?[\w-]+(?:[./][\w-]+)*/g));
  return [...repository.dependencies, ...repository.devDependencies]
    .filter((name) => !named.has(name))
    .map((name) => ({ where: 'docs/dependencies.md', what: `does not say what ${name} is for` }));
}

/** Finds test code in `src/` that is no `*.test.ts` or that does not test a file beside it. */
export function findMisplacedTests({ files }: Repository): Violation[] {
  const paths = files.map(({ path }) => path);
  return paths
    .filter((path) => path.startsWith('src/'))
    .map((path) => ({ where: path, what: misplacementOf(path, paths) }))
    .filter((found): found is Violation => found.what !== undefined);
}

function misplacementOf(path: string, paths: readonly string[]): string | undefined {
  if (isMisplacedTestCode(path))
    return 'is test code in src/: move a helper to test/support/, a conformance suite to test/conformance/';
  if (!path.endsWith('.test.ts')) return undefined;
  if (testsFileBeside(path, paths)) return undefined;
  return 'has the name of no file beside it: name it after the file it tests, or move a scenario to test/';
}

/** Tells whether `a/b.test.ts` or `a/b-model.test.ts` stands beside `a/b.ts`. */
function testsFileBeside(path: string, paths: readonly string[]): boolean {
  const words = posix.basename(path, '.test.ts').split('-');
  const names = words.map((_, at) => `${posix.dirname(path)}/${words.slice(0, at + 1).join('-')}.ts`);
  return names.some((name) => paths.includes(name));
}

/** `a` and `a/b` for `a/b/c.ts`. */
function foldersAbove(path: string): string[] {
  const folder = posix.dirname(path);
  return folder === '.' ? [] : [...foldersAbove(folder), folder];
}
