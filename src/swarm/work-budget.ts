import type { OriginKey } from './origin.ts';

/** Units of work a second, of about a microsecond of a processor each, that the messages of one peer may make. */
export const MAX_WORK_PER_SECOND = 20_000;
/** The same of all peers of one address, over IPv6 of one /48. */
export const MAX_ADDRESS_WORK_PER_SECOND = 200_000;
/** The same that one peer may make although others of its address have used that up: honest ones make less. */
export const MIN_WORK_PER_SECOND = 400;
/** Units of work that a connection makes which comes to us: taking it, and shaking hands. */
export const CONNECTION_WORK = 1_000;
/** Pieces of a torrent that are one unit more of work for each of its peers: each has sets of pieces of its own. */
export const CONNECTION_PIECES_PER_UNIT = 200;
/** Seconds of work that may be made in one go after a pause. */
const BURST_SECONDS = 10;

/** A budget of work: what is above it has to wait. All times are milliseconds on one monotonic clock. */
export class WorkBudget {
  readonly #perSecond: number;
  /** Units that were spent and not earned since. */
  #spent = 0;
  #at = 0;

  constructor(unitsPerSecond: number) {
    this.#perSecond = unitsPerSecond;
  }

  /** @param units negative for what was spent and is given back */
  spend(units: number, now: number): void {
    this.#earn(now);
    this.#spent = Math.max(0, this.#spent + units);
  }

  /** Whether more was spent than there was, so that nothing more is to be spent for a while. */
  isUsedUp(now: number): boolean {
    this.#earn(now);
    return this.#spent > this.#perSecond * BURST_SECONDS;
  }

  /** Whether it is as if nothing had been spent. */
  isFull(now: number): boolean {
    this.#earn(now);
    return this.#spent === 0;
  }

  #earn(now: number): void {
    this.#spent = Math.max(0, this.#spent - ((now - this.#at) / 1000) * this.#perSecond);
    this.#at = now;
  }
}

/** The budgets of work of all addresses with peers, kept until what was spent is earned again: reconnecting gives nobody a new one. */
export class WorkBudgets {
  readonly #byKey = new Map<OriginKey, { readonly budget: WorkBudget; peers: number }>();

  /** A peer has come. @param origin see {@link Origin.stranger} @returns the budget of all that come from there */
  join(budgetKey: OriginKey): WorkBudget {
    const entry = this.#entryOf(budgetKey);
    entry.peers += 1;
    return entry.budget;
  }

  /** A peer is gone. */
  leave(budgetKey: OriginKey): void {
    this.#entryOf(budgetKey).peers -= 1;
  }

  /** Somebody makes work who may never become a peer. */
  spend(budgetKey: OriginKey, units: number, now: number): void {
    this.#entryOf(budgetKey).budget.spend(units, now);
  }

  isUsedUp(budgetKey: OriginKey, now: number): boolean {
    return this.#byKey.get(budgetKey)?.budget.isUsedUp(now) ?? false;
  }

  /** Forgets those that nobody needs any more. */
  tick(now: number): void {
    for (const [budgetKey, { budget, peers }] of this.#byKey) {
      if (peers === 0 && budget.isFull(now)) this.#byKey.delete(budgetKey);
    }
  }

  #entryOf(budgetKey: OriginKey) {
    let entry = this.#byKey.get(budgetKey);
    if (entry === undefined) {
      entry = { budget: new WorkBudget(MAX_ADDRESS_WORK_PER_SECOND), peers: 0 };
      this.#byKey.set(budgetKey, entry);
    }
    return entry;
  }
}
