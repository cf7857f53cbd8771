import { WireError } from '../wire/index.ts';
import type { OriginKey } from './origin.ts';

/** The number of peers that broke the protocol and are reported in {@link REPORT_WINDOW_MS}, one of each address. */
export const MAX_BAD_PEERS_TOLD = 20;
/** The milliseconds after which as many are reported again. */
export const REPORT_WINDOW_MS = 60_000;

/** Limits the reports of peers that break the protocol, so that nobody can fill a log by connecting again and again. */
export class ReportLimit {
  #endsAt = Number.NEGATIVE_INFINITY;
  readonly #told = new Set<OriginKey>();
  #leftOut = 0;

  /**
   * Decides whether to report a peer.
   *
   * @param budgetKey the key of its origin, see {@link Origin.budgetKey}
   * @returns the error to report, which says how many were left out since the last report; `undefined` to leave it out
   */
  pass(budgetKey: OriginKey, error: WireError, now: number): WireError | undefined {
    if (now >= this.#endsAt) {
      this.#endsAt = now + REPORT_WINDOW_MS;
      this.#told.clear();
    }
    if (this.#told.has(budgetKey) || this.#told.size >= MAX_BAD_PEERS_TOLD) {
      this.#leftOut += 1;
      return undefined;
    }
    this.#told.add(budgetKey);
    const leftOut = this.#leftOut;
    this.#leftOut = 0;
    if (leftOut === 0) return error;
    const message = `${error.message} (and ${leftOut} more peers, which were left out here, broke the protocol)`;
    return new WireError(error.code, message, { cause: error });
  }
}
