import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SETTINGS } from '../../src/cli/settings.ts';

const LIMIT = /^export const (M(?:AX|IN)_\w+)/gm;

test('docs/limits.md names every exported limit, and none that is gone', () => {
  const documented = readFileSync('docs/limits.md', 'utf8');
  const sources = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.ts'),
  );
  const code = sources.map((path) => readFileSync(join('src', path), 'utf8')).join('\n');
  const limits = [...code.matchAll(LIMIT)].map(([, name]) => name!);
  expect(limits.length).toBeGreaterThan(50);
  expect(limits.filter((name) => !documented.includes(`\`${name}\``))).toEqual([]);
  const named = [...documented.matchAll(/`([A-Z][A-Z_0-9]+)`/g)].map(([, name]) => name!);
  expect(named.filter((name) => !code.includes(`const ${name}`))).toEqual([]);
});

test('docs/ and the settings agree: every setting that a page names is there', () => {
  for (const page of readdirSync('docs').filter((name) => name.endsWith('.md'))) {
    const text = readFileSync(join('docs', page), 'utf8');
    const named = [...text.matchAll(/`((?:tracker|seeder|client|limit|log)\.[a-z][A-Za-z.]*)(?:=[^`]*)?`/g)];
    const unknown = named
      .map(([, key]) => key!)
      .filter((key) => !(SETTINGS.keys as readonly string[]).includes(key));
    expect(unknown, page).toEqual([]);
  }
});
