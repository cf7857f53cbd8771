import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SETTINGS } from '../../src/cli/settings.ts';
import { Constants } from './constants.ts';
import { formatNumber, type Unit } from './format-number.ts';
import { alignTables, tableOf } from './markdown.ts';

/** `{MAX_FILES}`, `{RECHECK_MS:min}`, `{STOPPING_MS@cli/run-tracker}` and `{client.trackerPatience}`. */
const VALUE = /\{(?:([A-Z][A-Z_0-9]+)(?::(\w+))?(?:@([\w./-]+))?|([a-z]+\.[\w.]+))\}/g;

/** A line that stands for the table of the limits that are settings of a component: `{limits of tracker}`. */
const TABLE = /^\{limits of (\w+)\}$/gm;

/**
 * Makes `docs/limits.md` of `scripts/generate/limits.md`: it puts in the values of constants, and the limits that are settings.
 *
 * @param root the folder of the project
 */
export function limitsPage(root: string): string {
  const constants = new Constants(join(root, 'src'));
  const template = readFileSync(join(root, 'scripts/generate/limits.md'), 'utf8');
  const page = template
    .replace(TABLE, (_, component: string) => limitsTable(component))
    .replace(VALUE, (_, name?: string, unit?: string, file?: string, key?: string) =>
      key === undefined
        ? formatNumber(constants.value(name!, file), unit as Unit | undefined, name)
        : defaultText(key),
    );
  return alignTables(page);
}

function defaultText(key: string): string {
  const row = SETTINGS.rows.find((candidate) => candidate.key === key);
  if (row?.default === undefined) throw new Error(`There is no setting ${key} with a default`);
  return row.default;
}

/** Makes the table of the limits that are settings of a component. */
function limitsTable(component: string): string {
  const rows = SETTINGS.rows.flatMap(({ key, kind, default: text, help, limit }) => {
    if (limit === undefined || !key.startsWith(`${component}.`)) return [];
    const unit = kind.rule.includes('bytes') ? 'size' : 'count';
    const { beyond, reasons, shownBy } = limit;
    const counted = [...Object.keys(reasons ?? {}), ...(shownBy === undefined ? [] : [shownBy])];
    return [
      [
        `\`${key}\``,
        formatNumber(Number(text), unit),
        // What happens beyond has a column of its own.
        help.replace(/[;.] .*|\.$/s, ''),
        beyond,
        counted.map((name) => `\`${name}\``).join(', '),
      ],
    ];
  });
  return tableOf(['setting', 'default', 'what is limited', 'what happens beyond', 'counted as'], rows);
}
