import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createTracker } from '../../src/tracker/index.ts';

test('docs/metrics.md names every metric of a tracker with its type and reasons, and none that is gone', async () => {
  const documented = readFileSync('docs/metrics.md', 'utf8');
  await using tracker = await createTracker({ host: '127.0.0.1' });
  const exposed = await (await fetch(`${tracker.url}/metrics`)).text();

  const metrics = [...exposed.matchAll(/^# TYPE (shoal_\w+) (\w+)$/gm)].map(
    ([, name, type]) => `${name} ${type}`,
  );
  const rows = [...documented.matchAll(/^\| `(shoal_\w+)` *\| (\w+)/gm)].map(
    ([, name, type]) => `${name} ${type}`,
  );
  expect(rows.sort()).toEqual(metrics.sort());

  const reasons = new Set([...exposed.matchAll(/reason="(\w+)"/g)].map(([, reason]) => reason!));
  const explained = [...documented.matchAll(/^\| `([a-z][a-z_]*)` *\| (?!gauge|counter|histogram)/gm)];
  expect(explained.map(([, reason]) => reason!).sort()).toEqual([...reasons].sort());
});
