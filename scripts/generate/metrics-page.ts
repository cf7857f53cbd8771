import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SETTINGS } from '../../src/cli/settings.ts';
import type { Setting } from '../../src/config/index.ts';
import { alignTables, tableOf } from './markdown.ts';

/** The lines between which the table of reasons stands. */
const TABLE = /(<!-- Made by npm run generate\. -->\n)[^<]*(\n<!-- Made until here\. -->)/;

/**
 * Makes `docs/metrics.md`: puts the reasons of refusals that limits of the tracker have into the page as it is.
 *
 * @param root the folder of the project
 */
export function metricsPage(root: string): string {
  const page = readFileSync(join(root, 'docs/metrics.md'), 'utf8');
  if (!TABLE.test(page)) throw new Error('docs/metrics.md has no place for the table of reasons');
  return alignTables(page.replace(TABLE, (_, begin, end) => `${begin}\n${reasonsTable()}\n${end}`));
}

/** Makes the table of reasons, each with the settings that it is counted for. */
function reasonsTable(): string {
  const keysOf = new Map<string, string[]>();
  const textOf = new Map<string, string>();
  for (const { key, limit } of SETTINGS.rows as readonly Setting[]) {
    for (const [reason, text] of Object.entries(limit?.reasons ?? {})) {
      keysOf.set(reason, [...(keysOf.get(reason) ?? []), `\`${key}\``]);
      textOf.set(reason, text);
    }
  }
  const rows = [...keysOf].map(([reason, keys]) => [`\`${reason}\``, keys.join(', '), textOf.get(reason)!]);
  return tableOf(['reason', 'limit', 'what is counted'], rows);
}
