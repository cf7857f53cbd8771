import type { AbuseLimits } from '../abuse/index.ts';
import type { Sender } from '../announce.ts';
import type { TransportCounters } from '../metrics/index.ts';

/** Counts the connections of a port that have not ended, whoever has them. */
export class AcceptedConnections {
  /** As many at once from now on; those that are open stay. */
  max: number;
  readonly #abuse: AbuseLimits;
  readonly #counters: TransportCounters;
  #count = 0;
  /** Is called when there are none. */
  #onLast = (): void => {};

  constructor(max: number, abuse: AbuseLimits, counters: TransportCounters) {
    this.max = max;
    this.#abuse = abuse;
    this.#counters = counters;
  }

  /**
   * Counts a connection, unless it is one too many.
   *
   * @param sender `undefined`: the client has gone already
   * @returns the sender of one that is counted: then {@link release} is to be called once, when it has ended
   */
  admit(sender: Sender | undefined): Sender | undefined {
    if (this.#count >= this.max) {
      this.#counters.turnedAway += 1;
      return undefined;
    }
    if (sender === undefined || !this.#abuse.connections.admit(sender.ip)) return undefined;
    this.#count += 1;
    return sender;
  }

  release({ ip }: Sender): void {
    this.#abuse.connections.release(ip);
    this.#count -= 1;
    if (this.#count === 0) this.#onLast();
  }

  /** Waits until all have ended. */
  async ended(): Promise<void> {
    if (this.#count === 0) return;
    await new Promise<void>((resolve) => {
      this.#onLast = resolve;
    });
  }
}
