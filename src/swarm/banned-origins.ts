import { type OriginKey, originOf } from './origin.ts';

/** The number of banned peers of one address, over IPv6 of one /48, with which no further peer from there is accepted. */
export const MAX_BANS_PER_ADDRESS = 3;
/** The number of addresses with banned peers that are remembered. Beyond it, the one with the oldest ban is forgotten. */
export const MAX_BANNED_ADDRESSES = 2000;

/** Counts the banned peers of each address. An address with several is banned as a whole. */
export class BannedOrigins {
  /** The number of banned peers by {@link Origin.budgetKey}, the one with the latest ban last. */
  readonly #bans = new Map<OriginKey, number>();

  /** Counts a banned peer of this host. */
  add(host: string): void {
    const { budgetKey } = originOf(host);
    const bans = this.#bans.get(budgetKey) ?? 0;
    this.#bans.delete(budgetKey);
    this.#bans.set(budgetKey, bans + 1);
    const [oldest] = this.#bans.keys();
    if (this.#bans.size > MAX_BANNED_ADDRESSES) this.#bans.delete(oldest!);
  }

  /** Tells whether no peer from this host is accepted any more. */
  has(host: string): boolean {
    return (this.#bans.get(originOf(host).budgetKey) ?? 0) >= MAX_BANS_PER_ADDRESS;
  }
}
