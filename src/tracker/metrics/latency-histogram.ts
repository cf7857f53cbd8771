import type { Clock } from '../../util/index.ts';

/** The upper ends of the histogram's classes, in seconds. A longer time is counted in a class behind the last. */
export const LATENCY_CLASSES: readonly number[] = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5,
];

/** The number of requests of which one is timed, because timing costs a tenth of an announce. A power of two. */
const TIMED_ONE_IN = 16;

/**
 * A histogram of the time of requests, from when they are read to when their responses are written.
 *
 * @example
 * ```ts
 * const started = latency.start();
 * // … the work
 * latency.end(started);
 * ```
 */
export class LatencyHistogram {
  /** The number of requests in each class of {@link LATENCY_CLASSES}, and in the one behind the last. */
  readonly counts = new Float64Array(LATENCY_CLASSES.length + 1);
  /** The sum of all times, in seconds. */
  sum = 0;
  readonly #clock: Clock;
  #turn = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @returns the start time for {@link end}; `undefined` when this request is not timed */
  start(): number | undefined {
    this.#turn = (this.#turn + 1) & (TIMED_ONE_IN - 1);
    return this.#turn === 0 ? this.#clock.now() : undefined;
  }

  end(started: number | undefined): void {
    if (started !== undefined) this.add((this.#clock.now() - started) / 1000);
  }

  /** @param seconds that a request has taken */
  add(seconds: number): void {
    let index = 0;
    while (index < LATENCY_CLASSES.length && seconds > LATENCY_CLASSES[index]!) index += 1;
    this.counts[index]! += 1;
    this.sum += seconds;
  }
}
