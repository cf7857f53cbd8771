import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { repositoryRoot } from '../../test/support/index.ts';
import { currentCommit, describeMachine, loadAverage } from './machine.ts';

/** A figure the project wants to reach. */
export interface Goal {
  readonly what: string;
  /** Not a number when a run that it needs was not made: then it is left out. */
  readonly measured: number;
  readonly atLeast?: number;
  readonly atMost?: number;
}

/** The findings of a benchmark, without place and time. */
export interface Findings {
  readonly options: Readonly<Record<string, string>>;
  readonly versions: Readonly<Record<string, string>>;
  /** The rows of the table: medians. */
  readonly table: readonly Readonly<Record<string, string | number>>[];
  readonly goals: readonly Goal[];
  /** Sentences about what was left out, and why. */
  readonly leftOut: readonly string[];
  /** The figures of every single run. */
  readonly runs: unknown;
}

/** A report that is being written. */
export interface Report {
  /** Puts what was found so far into `bench/results/NAME.json`, marked as unfinished. */
  save(findings: Findings): Promise<void>;
  /** Prints what was found, and puts it into `bench/results/NAME.json`. */
  write(findings: Findings): Promise<void>;
}

/** Opens a report now. */
export function openReport(name: string): Report {
  const head = {
    benchmark: name,
    date: new Date().toISOString(),
    commit: currentCommit(),
    machine: describeMachine(),
    loadBefore: loadAverage(),
  };
  const put = async (findings: Findings, unfinished: { readonly isFinished?: false }) => {
    const folder = join(repositoryRoot, 'bench/results');
    await mkdir(folder, { recursive: true });
    const flat = { goals: measuredGoals(findings).map(judged), leftOut: findings.leftOut.join('; ') };
    const report = { ...head, ...unfinished, loadAfter: loadAverage(), ...findings, ...flat };
    await writeFile(join(folder, `${name}.json`), `${JSON.stringify(report, null, 2)}\n`);
  };
  return {
    save: (findings) => put(findings, { isFinished: false }),
    async write(findings) {
      await put(findings, {});
      const { table, leftOut } = findings;
      const goals = measuredGoals(findings);
      const { cpu, cores, kernel, node } = head.machine;
      console.log(
        `\n${name} of ${head.commit}, ${head.date}: ${cores} x ${cpu}, Linux ${kernel}, Node ${node}, load ${head.loadBefore}\n`,
      );
      console.log(formatTable(table));
      if (goals.length > 0) console.log(formatTable(goals.map(goalRow)));
      for (const sentence of leftOut) console.log(`Left out: ${sentence}`);
    },
  };
}

/** The goals whose runs were made. */
function measuredGoals({ goals }: Findings): Goal[] {
  return goals.filter(({ measured }) => !Number.isNaN(measured));
}

function isReached({
  measured,
  atLeast = Number.NEGATIVE_INFINITY,
  atMost = Number.POSITIVE_INFINITY,
}: Goal) {
  return measured >= atLeast && measured <= atMost;
}

function judged(goal: Goal) {
  return { ...goal, measured: rounded(goal.measured), isReached: isReached(goal) };
}

/** Makes a row of a table out of a goal, with whether it is reached. */
export function goalRow(goal: Goal) {
  const { what, measured, atLeast, atMost } = goal;
  const wanted = atLeast === undefined ? `at most ${atMost}` : `at least ${atLeast}`;
  return { ratio: what, measured: rounded(measured), goal: wanted, reached: isReached(goal) ? 'yes' : 'no' };
}

/** Rounds to three digits, larger numbers to whole ones. */
export function rounded(value: number): number {
  return Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3));
}

/** Writes a table in Markdown. */
export function formatTable(rows: readonly Readonly<Record<string, string | number>>[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const lines = [columns, ...rows.map((row) => columns.map((column) => String(row[column] ?? '')))];
  const widths = columns.map((_, at) => Math.max(...lines.map((line) => line[at]!.length)));
  const [header, ...body] = lines.map(
    (line) => `| ${line.map((cell, at) => cell.padEnd(widths[at]!)).join(' | ')} |`,
  );
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return `${[header, rule, ...body].join('\n')}\n`;
}
