import { type Findings, openReport } from './report.ts';
import { inTurn, medians, type TurnsTaken } from './statistics.ts';

/** Contenders that do the same work, each several times. */
export interface Comparison<T extends Record<string, number>> {
  /** The name of the file in `bench/results`. */
  readonly name: string;
  readonly rounds: number;
  readonly contenders: Readonly<Record<string, () => Promise<T>>>;
  /** Sentences about contenders that cannot run from the start. */
  readonly leftOut?: readonly string[];
  /** Makes the findings out of the medians. A contender that failed in its first run has none. */
  findings(middle: Readonly<Partial<Record<string, T>>>): Omit<Findings, 'leftOut' | 'runs'>;
}

/** Lets contenders take turns, and writes the report after each run, so that no figure is lost when a later one fails. */
export async function compare<T extends Record<string, number>>(comparison: Comparison<T>): Promise<void> {
  const { name, rounds, contenders, leftOut = [] } = comparison;
  const report = openReport(name);
  const findingsOf = ({ runs, failures }: TurnsTaken<T>): Findings => ({
    ...comparison.findings(Object.fromEntries(Object.entries(runs).map(([of, all]) => [of, medians(all)]))),
    leftOut: [...leftOut, ...failures],
    runs,
  });
  const all = await inTurn(rounds, contenders, (soFar) => report.save(findingsOf(soFar)));
  await report.write(findingsOf(all));
}
