import { MAX_WORK_PER_SECOND, MIN_WORK_PER_SECOND, WorkBudget } from './work-budget.ts';

/** Seconds in which a peer makes more work than it may, and no block moves, after which it is disconnected. */
export const MAX_BUSY_SECONDS = 60;

/** What the messages of one peer may make us do: above it the peer is not read from, and closed when that does not end. */
export class Allowance {
  readonly #own = new WorkBudget(MAX_WORK_PER_SECOND);
  /** What it may spend though others of its address have used up all. */
  readonly #least = new WorkBudget(MIN_WORK_PER_SECOND);
  readonly #shared: WorkBudget;
  #counted = 0;
  #busySeconds = 0;
  /** Whether it was used up at any time in this second. */
  #wasUsedUp = false;
  #movedBytes = 0;

  /** @param shared the budget of all peers of its address */
  constructor(shared: WorkBudget) {
    this.#shared = shared;
  }

  /** Counts what the peer has made us do since the last call. @param total of `PeerSession.work` */
  count(total: number, now: number): void {
    const units = total - this.#counted;
    this.#counted = total;
    this.#own.spend(units, now);
    this.#least.spend(units, now);
    this.#shared.spend(units, now);
    this.#wasUsedUp ||= this.#own.isUsedUp(now);
  }

  /** Counts work that only the address as a whole is to be held to: a large piece is more than one peer's budget. */
  countShared(units: number, now: number): void {
    this.#shared.spend(units, now);
  }

  /** Whether all peers of its address together made more work than they may. */
  isSharedUsedUp(now: number): boolean {
    return this.#shared.isUsedUp(now);
  }

  /** Whether nothing more is to be read from the peer for now. */
  isUsedUp(now: number): boolean {
    return this.#own.isUsedUp(now) || (this.#shared.isUsedUp(now) && this.#least.isUsedUp(now));
  }

  /** A second has passed. @param movedBytes of blocks, in both directions @returns whether the peer is only a burden */
  tick(movedBytes: number): boolean {
    if (movedBytes > this.#movedBytes) this.#busySeconds = 0;
    else if (this.#wasUsedUp) this.#busySeconds += 1;
    else this.#busySeconds = Math.max(0, this.#busySeconds - 1);
    this.#wasUsedUp = false;
    this.#movedBytes = movedBytes;
    return this.#busySeconds > MAX_BUSY_SECONDS;
  }
}
