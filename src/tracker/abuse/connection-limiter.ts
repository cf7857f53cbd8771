import { readUint32 } from '../../util/index.ts';
import { type AddressRange, isInAnyRange } from '../swarms/index.ts';

/** Counts the connections of each address, over IPv6 of each subnet of /64: as many entries as there are connections. */
export class ConnectionLimiter {
  readonly #exempt: readonly AddressRange[];
  readonly #counts = new Map<number | string, number>();
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
   * @returns whether it is admitted: then {@link release} is to be called once, when it has ended
   */
  admit(ip: Uint8Array): boolean {
    if (this.#isExempt(ip)) return true;
    const key = keyOf(ip);
    const count = this.#counts.get(key) ?? 0;
    if (this.#perAddress !== 0 && count >= this.#perAddress) {
      this.#refused += 1;
      return false;
    }
    this.#counts.set(key, count + 1);
    return true;
  }

  /** Counts a connection no more. @param ip as it was admitted */
  release(ip: Uint8Array): void {
    if (this.#isExempt(ip)) return;
    const key = keyOf(ip);
    const count = this.#counts.get(key)!;
    if (count === 1) this.#counts.delete(key);
    else this.#counts.set(key, count - 1);
  }

  #isExempt(ip: Uint8Array): boolean {
    return isInAnyRange(ip, this.#exempt);
  }
}

/** The address, or the first half of an IPv6 address. */
function keyOf(ip: Uint8Array): number | string {
  const first = readUint32(ip, 0);
  return ip.length === 4 ? first : `${first}:${readUint32(ip, 4)}`;
}
