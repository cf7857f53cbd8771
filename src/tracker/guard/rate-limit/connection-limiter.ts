import { type AddressRange, isInAnyRange, prefixKey } from '../../../util/index.ts';

/** A length of prefix whose connections are counted, and how many times as many as an address it may have. */
interface Level {
  readonly bits: number;
  readonly shares: number;
}

/** The connections of an IPv6 /56, the network of a home, as a multiple of those of an address, for which its /64 stands. */
export const IPV6_SITE_CONNECTION_SHARES = 2;
/** The connections of an IPv6 /48, the network of a firm, as the same kind of multiple. */
export const IPV6_NETWORK_CONNECTION_SHARES = 4;

const IPV4_LEVELS: readonly Level[] = [{ bits: 32, shares: 1 }];
const IPV6_LEVELS: readonly Level[] = [
  { bits: 64, shares: 1 },
  { bits: 56, shares: IPV6_SITE_CONNECTION_SHARES },
  { bits: 48, shares: IPV6_NETWORK_CONNECTION_SHARES },
];

/**
 * Counts the connections of each address, over IPv6 of each /64, /56 and /48, because a customer has any number of addresses
 * there. It takes one entry for each connection, over IPv6 up to three.
 */
export class ConnectionLimiter {
  readonly #exempt: readonly AddressRange[];
  readonly #counts = new Map<number | string, number>();
  #perAddress = 0;
  #refused = 0;

  /** Makes a limiter that admits all connections until it is configured. @param exempt ranges that are not limited */
  constructor(exempt: readonly AddressRange[]) {
    this.#exempt = exempt;
  }

  /** Replaces the limit. @param perAddress connections of an address at once; 0: any number */
  configure(perAddress: number): void {
    this.#perAddress = perAddress;
  }

  /** Gives the number of connections that were refused. */
  get refused(): number {
    return this.#refused;
  }

  /**
   * Counts a connection, unless it is one too many.
   *
   * @param ip 4 or 16 bytes
   * @returns whether it is admitted; if so, {@link release} is to be called once when it has ended
   */
  admit(ip: Uint8Array): boolean {
    if (isInAnyRange(ip, this.#exempt)) return true;
    const levels = levelsOf(ip);
    for (const { bits, shares } of this.#perAddress === 0 ? [] : levels) {
      if ((this.#counts.get(prefixKey(ip, bits)) ?? 0) < this.#perAddress * shares) continue;
      this.#refused += 1;
      return false;
    }
    for (const { bits } of levels) {
      const key = prefixKey(ip, bits);
      this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
    }
    return true;
  }

  /** Stops counting a connection. @param ip the address with which it was admitted */
  release(ip: Uint8Array): void {
    if (isInAnyRange(ip, this.#exempt)) return;
    for (const { bits } of levelsOf(ip)) {
      const key = prefixKey(ip, bits);
      const count = this.#counts.get(key)!;
      if (count === 1) this.#counts.delete(key);
      else this.#counts.set(key, count - 1);
    }
  }
}

function levelsOf(ip: Uint8Array): readonly Level[] {
  return ip.length === 4 ? IPV4_LEVELS : IPV6_LEVELS;
}
