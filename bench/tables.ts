import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { repositoryRoot } from '../test/support/index.ts';
import { formatTable, type Goal, goalRow } from './support/report.ts';

// npm run tables NAME… (in bench/): prints the tables of bench/results/NAME.json once more, as docs/performance.md has them.

interface Written {
  readonly commit: string;
  readonly date: string;
  readonly table: readonly Readonly<Record<string, string | number>>[];
  readonly goals: readonly Goal[];
}

for (const name of process.argv.slice(2)) {
  const text = await readFile(join(repositoryRoot, `bench/results/${name}.json`), 'utf8');
  const { commit, date, table, goals } = JSON.parse(text) as Written;
  console.log(`${name} of ${commit}, ${date}\n\n${formatTable(table)}\n${formatTable(goals.map(goalRow))}`);
}
