import { WireError } from '../wire/index.ts';
import type { OriginKey } from './origin.ts';

/** Peers that broke the protocol that are told of in {@link REPORT_WINDOW_MS}, one of each address: the others are counted. */
export const MAX_BAD_PEERS_TOLD = 20;
/** Milliseconds after which as many are told of again. */
export const REPORT_WINDOW_MS = 60_000;

/** Bounds what is told of peers that break the protocol, so that nobody fills a log by coming again and again. */
export class ReportLimit {
  #endsAt = Number.NEGATIVE_INFINITY;
  readonly #told = new Set<OriginKey>();
  #leftOut = 0;

  /**
   * Decides whether to tell of a peer.
   *
   * @param origin where it comes from, see {@link Origin.stranger}
   * @returns the error to tell, which says how many were not told of since the last one; `undefined` when it is left out
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
