/** The number of calls to the file system at once, since a folder may hold very many files. */
const CALLS_AT_ONCE = 32;

/** Calls `work` for each item, a few at a time. @returns the results in the order of the items */
export async function mapInTurns<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let from = 0; from < items.length; from += CALLS_AT_ONCE) {
    results.push(...(await Promise.all(items.slice(from, from + CALLS_AT_ONCE).map(work))));
  }
  return results;
}
