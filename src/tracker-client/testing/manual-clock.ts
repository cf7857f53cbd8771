import { setImmediate } from 'node:timers/promises';
import type { CancelTimer, Clock } from '../../util/index.ts';

/** A clock for tests: it moves when told to. */
export class ManualClock implements Clock {
  #now = 1000;
  #timers: { at: number; fire: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  setTimer(delayMs: number, fire: () => void): CancelTimer {
    if (delayMs >= 2 ** 31) throw new RangeError(`A timer of Node.js cannot wait ${delayMs} ms`);
    const timer = { at: this.#now + delayMs, fire };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Timers that are set. */
  get pending(): number {
    return this.#timers.length;
  }

  /** Moves on, firing each timer in its turn and letting what it started come to rest. */
  async advance(byMs: number): Promise<void> {
    const end = this.#now + byMs;
    await setImmediate();
    for (;;) {
      const next = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#timers = this.#timers.filter((other) => other !== next);
      this.#now = Math.max(this.#now, next.at);
      next.fire();
      await setImmediate();
    }
    this.#now = end;
  }
}
