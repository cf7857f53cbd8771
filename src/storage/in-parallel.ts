/** The number of calls to the file system at once: enough to keep its threads busy, few enough for 100,000 files. */
const CALLS_AT_ONCE = 16;

/**
 * Does `work` with each item, several at once.
 *
 * @param signal stops it before the next item when it aborts
 * @throws the first failure, or the signal's reason; calls that are under way go on to their end
 */
export async function inParallel<T>(
  items: Iterable<T>,
  work: (item: T) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  const all = [...items];
  const queue = all.values();
  let failure: { readonly thrown: unknown } | undefined;
  const workOff = async () => {
    for (const item of queue) {
      try {
        signal?.throwIfAborted();
        await work(item);
      } catch (thrown) {
        failure ??= { thrown };
      }
      if (failure !== undefined) return;
    }
  };
  await Promise.all(Array.from({ length: Math.min(CALLS_AT_ONCE, all.length) }, workOff));
  if (failure !== undefined) throw failure.thrown;
}
