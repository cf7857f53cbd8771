import { type CloseLimit, type Closer, closeAll } from './close-all.ts';

/**
 * The list of things that are open, in the order in which they were opened. They are closed in reverse, since a thing may
 * use what was opened before it.
 */
export class CloserStack {
  readonly #closers: Closer[] = [];

  /** Adds things that were opened just now, one after the other. */
  add(...closers: readonly Closer[]): void {
    this.#closers.push(...closers);
  }

  /**
   * Closes everything as {@link closeAll} does, the thing that was opened last first. A second call closes nothing twice.
   *
   * @throws {AggregateError} after all were tried, with one error for each that failed
   */
  close(limit?: CloseLimit): Promise<void> {
    return closeAll(this.#closers.splice(0).reverse(), limit);
  }
}
