import { type Clock, type Random, randomBelow } from '../../src/util/index.ts';
import type { SimConnection } from './sim-connection.ts';

/** Bytes of the largest segment that is put on the line at once; how large each is, is left to chance. */
const MAX_SEGMENT_BYTES = 32 * 1024;

/** The line out of a host: its connections take turns, a segment each. */
export class Uplink {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #connections: ReadonlySet<SimConnection>;
  /** The connection whose turn it was last. */
  #last: SimConnection | undefined;
  #isBusy = false;
  /** The rate in bytes a second; may be changed. */
  rate: number;
  /** The bytes that went out. */
  sentBytes = 0;

  constructor(options: {
    readonly clock: Clock;
    readonly random: Random;
    readonly rate: number;
    readonly connections: ReadonlySet<SimConnection>;
  }) {
    this.#clock = options.clock;
    this.#random = options.random;
    this.#connections = options.connections;
    this.rate = options.rate;
  }

  /** There may be something to transmit. */
  wake(): void {
    if (this.#isBusy) return;
    this.#isBusy = true;
    this.#clock.setTimer(0, () => this.#transmitNext());
  }

  #transmitNext(): void {
    this.#isBusy = false;
    const connection = this.#next();
    if (connection === undefined) return;
    this.#last = connection;
    const segment = connection.beginTransmitting(1 + randomBelow(this.#random, MAX_SEGMENT_BYTES));
    this.sentBytes += segment.length;
    this.#isBusy = true;
    this.#clock.setTimer((segment.length * 1000) / this.rate, () => {
      connection.transmitted(segment);
      this.#transmitNext();
    });
  }

  #next(): SimConnection | undefined {
    const all = [...this.#connections];
    const start = this.#last === undefined ? 0 : all.indexOf(this.#last) + 1;
    for (let step = 0; step < all.length; step += 1) {
      const connection = all[(start + step) % all.length]!;
      if (connection.canTransmit) return connection;
    }
    return undefined;
  }
}
