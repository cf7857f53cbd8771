import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';

const LINK = /\]\(([^)#\s]+)(?:#[^)]*)?\)/g;
const DECISIONS = 'docs/adr';

function pagesIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name).replaceAll('\\', '/'));
}

/** Lists what a page links to in this repository. A link to a folder is one to its pages, as GitHub lists them. */
function linksOf(page: string): string[] {
  return [...readFileSync(page, 'utf8').matchAll(LINK)]
    .map(([, target]) => target!)
    .filter((target) => !target.includes('://'))
    .map((target) =>
      normalize(join(dirname(page), target))
        .replaceAll('\\', '/')
        .replace(/\/$/, ''),
    );
}

const pages = ['.', 'docs', DECISIONS, 'bench'].flatMap(pagesIn);

test('every link of a page leads to a file or a folder that is there', () => {
  expect(pages.length).toBeGreaterThan(40);
  const broken = pages.flatMap((page) =>
    linksOf(page)
      .filter((target) => !existsSync(target))
      .map((target) => `${page}: ${target}`),
  );
  expect(broken).toEqual([]);
});

/** A path of the sources in a page, capitals stand for names, as in `src/cli/NAME.ts`. */
const SOURCE_PATH = /`((?:src|test|scripts|bench)\/[a-z0-9_./-]+)`/g;

test('every path of the sources that a page names is there', () => {
  const missing = pages.flatMap((page) =>
    [...readFileSync(page, 'utf8').matchAll(SOURCE_PATH)]
      .map(([, path]) => path!)
      .filter((path) => !existsSync(path))
      .map((path) => `${page}: ${path}`),
  );
  expect(missing).toEqual([]);
});

test('every page is reached from README.md', () => {
  const reached = new Set(['README.md']);
  for (const page of reached) {
    for (const target of linksOf(page)) {
      const found = target === DECISIONS ? pagesIn(DECISIONS) : [target];
      for (const each of found) if (pages.includes(each)) reached.add(each);
    }
  }
  expect(pages.filter((page) => !reached.has(page))).toEqual([]);
});

test('each decision has the number of its file, and no number is left out or taken twice', () => {
  const decisions = pagesIn(DECISIONS)
    .filter((page) => !page.endsWith('/README.md'))
    .toSorted();
  const numbers = decisions.map((page) => /^# (\d+)\. \S/.exec(readFileSync(page, 'utf8'))?.[1]);
  expect(numbers).toEqual(decisions.map((_, at) => String(at + 1)));
  expect(decisions.map((page) => /\/(\d{4})-/.exec(page)?.[1])).toEqual(
    decisions.map((_, at) => String(at + 1).padStart(4, '0')),
  );
});
