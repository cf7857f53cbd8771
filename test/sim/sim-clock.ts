import { setImmediate as nextTurn } from 'node:timers/promises';
import type { CancelTimer, Clock } from '../../src/util/index.ts';

interface Timer {
  readonly at: number;
  /** Timers of one moment fire in the order in which they were set. */
  readonly order: number;
  readonly fire: () => void;
  isCancelled: boolean;
}

/**
 * Virtual time: it stands still until {@link runUntil} or {@link advance} moves it from timer to timer, in an order that
 * is the same in every run. After each timer the promises it settled are followed to their end.
 */
export class SimClock implements Clock {
  #now = 0;
  #set = 0;
  /** A binary heap: the next to fire is first. */
  readonly #timers: Timer[] = [];

  now(): number {
    return this.#now;
  }

  setTimer(delayMs: number, fire: () => void): CancelTimer {
    return this.setTimerAt(this.#now + Math.max(0, delayMs), fire);
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

  /** Timers that are set. */
  get pendingCount(): number {
    return this.#timers.filter((timer) => !timer.isCancelled).length;
  }

  /** Moves on by `ms`, firing what is due on the way. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await nextTurn();
    while ((this.#timers[0]?.at ?? Number.POSITIVE_INFINITY) <= end) await this.#fireNext();
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
      await this.#fireNext();
    }
    return this.#now - start;
  }

  async #fireNext(): Promise<void> {
    const timer = this.#takeNext();
    if (timer.isCancelled) return;
    this.#now = timer.at;
    timer.fire();
    await nextTurn();
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
