import { MAX_WORK_PER_SECOND, MIN_WORK_PER_SECOND, WorkBudget } from './work-budget.ts';

/** The number of seconds for which a peer may make too much work while no block moves. After them it is disconnected. */
export const MAX_BUSY_SECONDS = 60;

/** The work that one peer may make. While it has made more, it is not read from. If that does not end, it is disconnected. */
export class Allowance {
  readonly #own = new WorkBudget(MAX_WORK_PER_SECOND);
  /** The budget that is the peer's even when the other peers of its address have used up the shared one. */
  readonly #least = new WorkBudget(MIN_WORK_PER_SECOND);
  readonly #shared: WorkBudget;
  #counted = 0;
  #busySeconds = 0;
  /** Whether the peer's own budget was used up at any time in this second. */
  #wasUsedUp = false;
  #movedBytes = 0;

  /** @param shared the budget of all peers of the address */
  constructor(shared: WorkBudget) {
    this.#shared = shared;
  }

  /** Counts the work that the peer has made since the last call. @param total all its units of work so far */
  count(total: number, now: number): void {
    const units = total - this.#counted;
    this.#counted = total;
    this.#own.spend(units, now);
    this.#least.spend(units, now);
    this.#shared.spend(units, now);
    this.#wasUsedUp ||= this.#own.isUsedUp(now);
  }

  /** Counts work in the budget of the address alone: that of one large piece is more than the budget of a peer. */
  countShared(units: number, now: number): void {
    this.#shared.spend(units, now);
  }

  /** Tells whether all peers of the address together have made more work than they may. */
  isSharedUsedUp(now: number): boolean {
    return this.#shared.isUsedUp(now);
  }

  /** Tells whether the peer has made too much work, so that it is not to be read from for now. */
  isUsedUp(now: number): boolean {
    return this.#own.isUsedUp(now) || (this.#shared.isUsedUp(now) && this.#least.isUsedUp(now));
  }

  /**
   * Counts a second.
   *
   * @param movedBytes the bytes of blocks that the peer sent and took so far
   * @returns whether the peer is only a burden and is to be disconnected
   */
  tick(movedBytes: number): boolean {
    if (movedBytes > this.#movedBytes) this.#busySeconds = 0;
    else if (this.#wasUsedUp) this.#busySeconds += 1;
    else this.#busySeconds = Math.max(0, this.#busySeconds - 1);
    this.#wasUsedUp = false;
    this.#movedBytes = movedBytes;
    return this.#busySeconds > MAX_BUSY_SECONDS;
  }
}
