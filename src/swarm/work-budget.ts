import type { OriginKey } from './origin.ts';

/** The units of work, of about a microsecond of a processor each, that the messages of one peer may make in a second. */
export const MAX_WORK_PER_SECOND = 20_000;
/** The units of work that the messages of all peers of one address, over IPv6 of one /48, may make in a second. */
export const MAX_ADDRESS_WORK_PER_SECOND = 200_000;
/** The units of work that one peer may make in a second although the budget of its address is used up. An honest peer makes less. */
export const MIN_WORK_PER_SECOND = 400;
/** The units of work that accepting one connection makes, with the exchange of handshakes. */
export const CONNECTION_WORK = 1_000;
/** The number of pieces of a torrent that make one further unit of work for each peer, which has sets of pieces of its own. */
export const CONNECTION_PIECES_PER_UNIT = 200;
/** The seconds of work that may be made at once after a pause. */
const BURST_SECONDS = 10;

/** A budget of units of work by the second. All times are milliseconds on one monotonic clock. */
export class WorkBudget {
  readonly #perSecond: number;
  /** The units that were spent and not earned since. */
  #spent = 0;
  #at = 0;

  constructor(unitsPerSecond: number) {
    this.#perSecond = unitsPerSecond;
  }

  /** Spends units. @param units negative to give back units that were spent */
  spend(units: number, now: number): void {
    this.#earn(now);
    this.#spent = Math.max(0, this.#spent + units);
  }

  /** Tells whether more units were spent than there were, so that no more should be spent for a while. */
  isUsedUp(now: number): boolean {
    this.#earn(now);
    return this.#spent > this.#perSecond * BURST_SECONDS;
  }

  /** Tells whether all units that were spent are earned again. */
  isFull(now: number): boolean {
    this.#earn(now);
    return this.#spent === 0;
  }

  #earn(now: number): void {
    this.#spent = Math.max(0, this.#spent - ((now - this.#at) / 1000) * this.#perSecond);
    this.#at = now;
  }
}

/**
 * The budgets of work of all addresses with peers, by {@link Origin.budgetKey}. A budget is kept until all that was spent is
 * earned again, so that no peer gets a new one by connecting again.
 */
export class WorkBudgets {
  readonly #byKey = new Map<OriginKey, { readonly budget: WorkBudget; peers: number }>();

  /** Counts a peer that has come. @returns the budget of all peers of its address */
  join(budgetKey: OriginKey): WorkBudget {
    const entry = this.#entryOf(budgetKey);
    entry.peers += 1;
    return entry.budget;
  }

  /** Counts a peer that is gone. */
  leave(budgetKey: OriginKey): void {
    this.#entryOf(budgetKey).peers -= 1;
  }

  /** Spends units from the budget of an address, whether or not it has a peer. */
  spend(budgetKey: OriginKey, units: number, now: number): void {
    this.#entryOf(budgetKey).budget.spend(units, now);
  }

  /** Tells whether the budget of an address is used up. */
  isUsedUp(budgetKey: OriginKey, now: number): boolean {
    return this.#byKey.get(budgetKey)?.budget.isUsedUp(now) ?? false;
  }

  /** Forgets the budgets of addresses without peers that are earned again. */
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
