/** The middle one; of an even number, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

/** The value that so many of 100 do not exceed; of no values 0. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)] ?? 0;
}

/** The median of each field over several runs. */
export function medians<T extends Record<string, number>>(runs: readonly T[]): T {
  const fields = Object.keys(runs[0]!).map((key) => [key, median(runs.map((run) => run[key]!))]);
  return Object.fromEntries(fields) as T;
}

/** Tells how many times `other` is in `value`; not a number when one of them was not measured. */
export function times(value: number | undefined, other: number | undefined): number {
  return (value ?? Number.NaN) / (other ?? Number.NaN);
}

/** The runs of all contenders so far. */
export interface TurnsTaken<T> {
  /** The runs by contender; one that never got to the end of a run is not among them. */
  readonly runs: Readonly<Record<string, readonly T[]>>;
  /** Sentences: who failed, and with what. */
  readonly failures: readonly string[];
}

/**
 * Does everything `rounds` times in turn, A B C A B C, so that what else the machine does hits all alike. A contender
 * that fails is left out from then on, what it did before counts, and the process ends with exit code 1.
 *
 * @param onRun called after each run, so that no figure is lost when a later run fails or is stopped
 */
export async function inTurn<T>(
  rounds: number,
  contenders: Readonly<Record<string, () => Promise<T>>>,
  onRun: (soFar: TurnsTaken<T>) => Promise<void>,
): Promise<TurnsTaken<T>> {
  const runs: Record<string, T[]> = {};
  const failures: string[] = [];
  const left = new Map(Object.entries(contenders));
  for (let round = 1; round <= rounds; round += 1) {
    for (const [name, run] of left) {
      try {
        const result = await run();
        (runs[name] ??= []).push(result);
        console.log(`${round}/${rounds} ${name}: ${JSON.stringify(result)}`);
      } catch (error) {
        left.delete(name);
        failures.push(`${name}, from round ${round} on: ${String(error).split('\n')[0]}`);
        process.exitCode = 1;
        console.log(`${round}/${rounds} ${name} failed, and is left out:`, error);
      }
      await onRun({ runs, failures });
    }
  }
  return { runs, failures };
}
