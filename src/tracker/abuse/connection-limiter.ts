import { type AddressRange, isInRange } from '../swarms/index.ts';

/** Counts the connections of each address, over IPv6 of each subnet of /64: as many entries as there are connections. */
export class ConnectionLimiter {
  readonly #exempt: readonly AddressRange[];
  readonly #counts = new Map<string, number>();
  #perAddress = 0;
  #refused = 0;

  /** Admits all until it is configured. @param exempt ranges that are not limited */
  constructor(exempt: readonly AddressRange[]) {
    this.#exempt = exempt;
  }

  /** Goes by another limit from now on. @param perAddress connections of an address at once; 0: any number */
  configure(perAddress: number): void {
    this.#perAddress = perAddress;
  }

  /** Connections that were refused. */
  get refused(): number {
    return this.#refused;
  }

  /**
   * Counts a connection, unless it is one too many.
   *
   * @param ip 4 or 16 bytes
   * @returns what is to be called once, when the connection has ended; `undefined`: it is refused
   */
  admit(ip: Uint8Array): (() => void) | undefined {
    if (this.#exempt.some((range) => range.prefix.length === ip.length && isInRange(ip, 0, range)))
      return nothing;
    const key = ip.subarray(0, 8).join();
    const count = this.#counts.get(key) ?? 0;
    if (this.#perAddress !== 0 && count >= this.#perAddress) {
      this.#refused += 1;
      return undefined;
    }
    this.#counts.set(key, count + 1);
    return () => this.#release(key);
  }

  #release(key: string): void {
    const count = this.#counts.get(key)!;
    if (count === 1) this.#counts.delete(key);
    else this.#counts.set(key, count - 1);
  }
}

function nothing(): void {}
