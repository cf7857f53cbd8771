import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

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
