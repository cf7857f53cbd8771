import { originOf } from './origin.ts';

/** Peers of one address (over IPv6 of one /48) that were banned, after which none that comes from there is taken. */
export const MAX_BANS_PER_ADDRESS = 3;
/** Addresses with banned peers that are remembered; beyond, the oldest are forgotten. */
export const MAX_BANNED_ADDRESSES = 2000;

/** Counts the banned peers of each address, so that nobody comes back from one with several. */
export class BannedOrigins {
  /** The number of banned peers by {@link Origin.stranger}, the one with the latest ban last. */
  readonly #bans = new Map<string, number>();

  /** A peer of this host was banned. */
  add(host: string): void {
    const { stranger } = originOf(host);
    const bans = this.#bans.get(stranger) ?? 0;
    this.#bans.delete(stranger);
    this.#bans.set(stranger, bans + 1);
    const [oldest] = this.#bans.keys();
    if (this.#bans.size > MAX_BANNED_ADDRESSES) this.#bans.delete(oldest!);
  }

  /** Tells whether nobody who comes from this host is taken any more. */
  has(host: string): boolean {
    return (this.#bans.get(originOf(host).stranger) ?? 0) >= MAX_BANS_PER_ADDRESS;
  }
}
