/** The middle one; of an even number, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

/** The median of each field over several runs. */
export function medians<T extends Record<string, number>>(runs: readonly T[]): T {
  const fields = Object.keys(runs[0]!).map((key) => [key, median(runs.map((run) => run[key]!))]);
  return Object.fromEntries(fields) as T;
}

/**
 * Does everything `rounds` times in turn, A B C A B C, so that what else the machine does hits all alike.
 *
 * @returns for each name its runs
 */
export async function inTurn<T>(
  rounds: number,
  contenders: Readonly<Record<string, () => Promise<T>>>,
): Promise<Record<string, T[]>> {
  const runs: Record<string, T[]> = {};
  for (let round = 1; round <= rounds; round += 1) {
    for (const [name, run] of Object.entries(contenders)) {
      const result = await run();
      (runs[name] ??= []).push(result);
      console.log(`${round}/${rounds} ${name}: ${JSON.stringify(result)}`);
    }
  }
  return runs;
}
