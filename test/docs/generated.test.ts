import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { GENERATED } from '../../scripts/generate/generated.ts';

test.each(Object.entries(GENERATED))('%s is what npm run generate makes', (path, make) => {
  // To mend it: npm run generate, and commit what that writes.
  expect(readFileSync(path, 'utf8')).toBe(make(process.cwd()));
});
