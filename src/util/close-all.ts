import type { Clock } from './clock.ts';
import { toError } from './errors.ts';

/** A thing that is open and must be closed, with a name for the message when closing it fails. */
export interface Closer {
  /** The name of the thing, for the message: `"listener on port 9911"`. */
  readonly name: string;
  close(): Promise<void> | void;
}

/** The time that {@link closeAll} waits for each thing that it closes. */
export interface CloseLimit {
  readonly limitMs: number;
  readonly clock: Clock;
}

/**
 * Closes everything in the order given, one after the other, even when some fail.
 *
 * @param limit the time that each has: one that has not closed by then counts as failed, and the next one is closed.
 * Without a limit, each has as long as it takes
 * @throws {AggregateError} after all were tried, with one error for each that failed, so that none is lost
 */
export async function closeAll(closers: Iterable<Closer>, limit?: CloseLimit): Promise<void> {
  const errors: Error[] = [];
  for (const closer of closers) {
    try {
      await (limit === undefined ? closer.close() : closeWithin(closer, limit));
    } catch (thrown) {
      errors.push(new Error(`Could not close ${closer.name}: ${toError(thrown).message}`, { cause: thrown }));
    }
  }
  if (errors.length > 0) throw new AggregateError(errors, errors.map((error) => error.message).join('; '));
}

async function closeWithin(closer: Closer, { limitMs, clock }: CloseLimit): Promise<void> {
  let cancel = () => {};
  const late = new Promise<never>((_, reject) => {
    cancel = clock.setTimer(limitMs, () => reject(new Error(`it did not end within ${limitMs / 1000} s`)));
  });
  try {
    await Promise.race([closer.close(), late]);
  } finally {
    cancel();
  }
}
