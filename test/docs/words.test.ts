import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findCommentRiddles, findRiddles } from '../../scripts/words/find-riddles.ts';

const FOLDERS = ['src', 'test', 'scripts', 'bench', 'examples', 'config', 'deploy', 'docs'];
const PAGES = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md'];
/** The folders whose comments are looked at for their openings, too. */
const CODE = /^(?:src|test|scripts|bench|examples)\//;
const TEXT = /\.(?:ts|js|mjs|c|py|md|properties|service)$/;

/** The folders that are still to be read once more, because they are being rebuilt, and the files that quote riddles. */
const LEFT_OUT = [
  'scripts/words/',
  // Its text makes a data file with a known hash.
  'scripts/make-aow.ts',
  'bench/node_modules/',
  'docs/terms.md',
];

function filesIn(folder: string): string[] {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return paths.filter((path) => TEXT.test(path)).map((path) => join(folder, path).replaceAll('\\', '/'));
}

describe('the language of the project', () => {
  test('has no word of the list of riddles in comments, messages, titles and pages', () => {
    const files = [...FOLDERS.flatMap(filesIn), ...PAGES];
    expect(files.length).toBeGreaterThan(500);
    const riddles = files
      .filter((path) => !LEFT_OUT.some((start) => path.startsWith(start)))
      .flatMap((path) =>
        findRiddles(readFileSync(path, 'utf8'), CODE.test(path)).map(
          ({ line, found, instead }) => `${path}:${line} "${found}": ${instead}`,
        ),
      );
    expect(riddles).toEqual([]);
  });

  test('has no doc comment in src/ that begins with a noun clause, or calls a default in other words', () => {
    const riddles = filesIn('src').flatMap((path) =>
      findCommentRiddles(readFileSync(path, 'utf8')).map(
        ({ line, found, instead }) => `${path}:${line} "${found}": ${instead}`,
      ),
    );
    expect(riddles).toEqual([]);
  });
});

const EXPORTED = /^export (?:abstract )?(?:async )?(?:function\*?|class|interface|type|const) (\w+)/gm;

test('docs/terms.md: no name is exported by two folders of src/ with two meanings', () => {
  const foldersOf = new Map<string, Set<string>>();
  for (const path of filesIn('src')) {
    if (path.endsWith('.test.ts')) continue;
    for (const [, name] of readFileSync(path, 'utf8').matchAll(EXPORTED)) {
      foldersOf.set(name!, (foldersOf.get(name!) ?? new Set()).add(path.split('/')[1]!));
    }
  }
  expect(foldersOf.size).toBeGreaterThan(500);
  const twins = [...foldersOf].filter(([, folders]) => folders.size > 1);
  expect(twins).toEqual([]);
});
