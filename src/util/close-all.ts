import { toError } from './errors.ts';

/** Something open that must be closed, and what to call it when closing fails. */
export interface Closer {
  /** What is closed, for the message: `"listener on port 9911"`. */
  readonly name: string;
  close(): Promise<void> | void;
}

/**
 * Closes everything in the order given, one after the other, whatever fails on the way.
 *
 * @throws {AggregateError} after all were tried, with one error for each that failed, so that none is lost
 */
export async function closeAll(closers: Iterable<Closer>): Promise<void> {
  const errors: Error[] = [];
  for (const closer of closers) {
    try {
      await closer.close();
    } catch (thrown) {
      errors.push(new Error(`Could not close ${closer.name}: ${toError(thrown).message}`, { cause: thrown }));
    }
  }
  if (errors.length > 0) throw new AggregateError(errors, errors.map((error) => error.message).join('; '));
}
