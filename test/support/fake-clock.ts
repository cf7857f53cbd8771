import { setImmediate as nextTurn } from 'node:timers/promises';
import type { CancelTimer, Clock } from '../../src/util/index.ts';

/** The shortest delay that a timer of Node.js cannot wait: it would fire at once. */
const MAX_TIMER_DELAY_MS = 2 ** 31;

export interface FakeClockOptions {
  /** The milliseconds by which every timer fires late, as on a busy machine; default 0. */
  readonly latenessMs?: number;
}

interface Timer {
  readonly at: number;
  /** Timers of one moment fire in the order in which they were set. */
  readonly order: number;
  readonly fire: () => void;
  isCancelled: boolean;
}

/**
 * The clock of every test: virtual time, which starts at 0 and stands still until a test moves it. Timers fire at their time
 * and in the order in which they were set, so every run is the same.
 *
 * A test moves it with {@link advance} when the code under test is synchronous, and otherwise with {@link pass} or
 * {@link runUntil}, which follow the promises that a timer settled to their end before the next timer fires.
 *
 * @example
 * ```ts
 * const clock = new FakeClock();
 * const paused = pause(clock, 5000, signal);
 * await clock.pass(5000);
 * await paused;
 * ```
 */
export class FakeClock implements Clock {
  #now = 0;
  #set = 0;
  readonly #latenessMs: number;
  /** A binary heap: the next to fire is first. */
  readonly #timers: Timer[] = [];

  constructor({ latenessMs = 0 }: FakeClockOptions = {}) {
    this.#latenessMs = latenessMs;
  }

  now(): number {
    return this.#now;
  }

  /** @throws {RangeError} when a timer of Node.js could not wait that long */
  setTimer(delayMs: number, fire: () => void): CancelTimer {
    if (delayMs >= MAX_TIMER_DELAY_MS) throw new RangeError(`A timer of Node.js cannot wait ${delayMs} ms`);
    return this.setTimerAt(this.#now + Math.max(0, delayMs) + this.#latenessMs, fire);
  }

  /** Calls `fire` at a moment that is not over yet. */
  setTimerAt(at: number, fire: () => void): CancelTimer {
    const timer: Timer = { at, order: this.#set++, fire, isCancelled: false };
    this.#timers.push(timer);
    this.#rise(this.#timers.length - 1);
    return () => {
      timer.isCancelled = true;
    };
  }

  /** The number of timers that are set and have not fired. */
  get pendingCount(): number {
    return this.#timers.filter((timer) => !timer.isCancelled).length;
  }

  /** Moves on by `ms` and fires each timer that is due on the way. Follows no promises. */
  advance(ms: number): void {
    const end = this.#now + ms;
    while (this.#nextAt <= end) this.#fireNext();
    this.#now = end;
  }

  /** Moves on by `ms` like {@link advance}; follows promises before the first timer and after each one. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    await nextTurn();
    while (this.#nextAt <= end) {
      if (this.#fireNext()) await nextTurn();
    }
    this.#now = end;
  }

  /**
   * Moves on until the condition holds.
   *
   * @returns how long that took, in milliseconds of virtual time
   * @throws when it does not hold within `limitMs`, or nothing is left that could make it hold
   */
  async runUntil(condition: () => boolean, limitMs: number): Promise<number> {
    const start = this.#now;
    await nextTurn();
    while (!condition()) {
      const next = this.#timers[0];
      if (next === undefined)
        throw new Error(`Stuck after ${this.#now - start} ms: nothing is left to happen`);
      if (next.at > start + limitMs) throw new Error(`Not there after ${limitMs} ms: ${String(condition)}`);
      if (this.#fireNext()) await nextTurn();
    }
    return this.#now - start;
  }

  get #nextAt(): number {
    return this.#timers[0]?.at ?? Number.POSITIVE_INFINITY;
  }

  /** @returns whether a timer fired; one that was cancelled does not */
  #fireNext(): boolean {
    const timer = this.#takeNext();
    if (timer.isCancelled) return false;
    this.#now = Math.max(this.#now, timer.at);
    timer.fire();
    return true;
  }

  #takeNext(): Timer {
    const next = this.#timers[0]!;
    const last = this.#timers.pop()!;
    if (last !== next) {
      this.#timers[0] = last;
      this.#sink();
    }
    return next;
  }

  #rise(start: number): void {
    for (let at = start; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (!this.#isBefore(at, parent)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  #sink(): void {
    for (let at = 0; ; ) {
      let first = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < this.#timers.length && this.#isBefore(child, first)) first = child;
      }
      if (first === at) return;
      this.#swap(at, first);
      at = first;
    }
  }

  #isBefore(a: number, b: number): boolean {
    const [one, other] = [this.#timers[a]!, this.#timers[b]!];
    return one.at < other.at || (one.at === other.at && one.order < other.order);
  }

  #swap(a: number, b: number): void {
    [this.#timers[a], this.#timers[b]] = [this.#timers[b]!, this.#timers[a]!];
  }
}
