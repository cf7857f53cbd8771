import {
  type AddressRange,
  type HashKey,
  isInAnyRange,
  keyedHash,
  newHashKey,
  readUint32,
} from '../../../util/index.ts';

/**
 * The most addresses whose requests are counted at once, 17 bytes each. For one more, the address that has asked the least
 * is forgotten.
 */
export const MAX_COUNTED_ADDRESSES = 65_536;
/** The number of its /64 subnets that an IPv6 /48 may ask as much as: the owner of a /48 has 65,536 of them. */
export const IPV6_NETWORK_SHARES = 16;

/** The number of neighbouring places in the table where an address may stand. */
const WAYS = 8;
/** The lengths of the prefixes that have a budget, in bits. */
const IPV4_BITS = 32;
const IPV6_SUBNET_BITS = 64;
const IPV6_NETWORK_BITS = 48;

/**
 * A token bucket for each address that asks, in fixed memory: an IPv4 address, an IPv6 subnet of /64, and above it the
 * network of /48.
 *
 * A bucket is one number: the time at which it will be full again. A full bucket need not be stored, so the bucket that will
 * be full first gives way to a newcomer: a flood of addresses makes the tracker forget addresses that ask little, never the
 * one that asks most.
 */
export class RequestLimiter {
  readonly #exempt: readonly AddressRange[];
  /** The milliseconds in which one request is refilled, 0 without a limit. */
  #perRequest = 0;
  #capacity = 0;
  /** The secret key of the hash, so that nobody can choose addresses that collide. */
  readonly #hashKey: HashKey = newHashKey();
  readonly #mask: number;
  readonly #bits: Uint8Array;
  readonly #high: Uint32Array;
  readonly #low: Uint32Array;
  readonly #fullAt: Float64Array;
  #refused = 0;

  /**
   * Makes a limiter that admits all requests until it is configured.
   *
   * @param exempt ranges that are not limited
   * @param maxAddresses a power of two, 8 or more
   */
  constructor(exempt: readonly AddressRange[], maxAddresses = MAX_COUNTED_ADDRESSES) {
    this.#exempt = exempt;
    this.#mask = maxAddresses - WAYS;
    this.#bits = new Uint8Array(maxAddresses);
    this.#high = new Uint32Array(maxAddresses);
    this.#low = new Uint32Array(maxAddresses);
    this.#fullAt = new Float64Array(maxAddresses).fill(Number.NEGATIVE_INFINITY);
  }

  /**
   * Replaces the limits.
   *
   * @param perSecond requests of an address in a second, in the long run; 0: any number
   * @param burst requests that it may make at once, from 1
   */
  configure(perSecond: number, burst: number): void {
    this.#perRequest = perSecond === 0 ? 0 : 1000 / perSecond;
    this.#capacity = burst * this.#perRequest;
  }

  /** Gives the number of requests that were refused. */
  get refused(): number {
    return this.#refused;
  }

  /**
   * Says whether a request is admitted. A refused request costs its client nothing.
   *
   * @param ip 4 or 16 bytes
   * @param cost in requests
   * @param now in milliseconds
   */
  admits(ip: Uint8Array, cost: number, now: number): boolean {
    if (this.#perRequest === 0 || isInAnyRange(ip, this.#exempt)) return true;
    const isAdmitted = this.#takeFromAll(ip, cost * this.#perRequest, now);
    if (!isAdmitted) this.#refused += 1;
    return isAdmitted;
  }

  /**
   * Charges for work that is done already, even when that is more than is left: then the client's next requests are refused
   * until the debt is refilled.
   *
   * @param ip 4 or 16 bytes
   * @param cost in requests
   * @param now in milliseconds
   */
  charge(ip: Uint8Array, cost: number, now: number): void {
    if (this.#perRequest === 0 || isInAnyRange(ip, this.#exempt)) return;
    const time = cost * this.#perRequest;
    const high = readUint32(ip, 0);
    if (ip.length === 4) {
      this.#owe(this.#placeOf(ip, IPV4_BITS, high, 0), time, now);
      return;
    }
    const low = readUint32(ip, 4);
    this.#owe(this.#placeOf(ip, IPV6_SUBNET_BITS, high, low), time, now);
    const network = this.#placeOf(ip, IPV6_NETWORK_BITS, high, low >>> 16);
    this.#owe(network, time / IPV6_NETWORK_SHARES, now);
  }

  /** Adds a debt, which never exceeds the time that an empty bucket takes to be full. */
  #owe(place: number, time: number, now: number): void {
    this.#fullAt[place] = Math.min(Math.max(now, this.#fullAt[place]!) + time, now + 2 * this.#capacity);
  }

  #takeFromAll(ip: Uint8Array, time: number, now: number): boolean {
    const high = readUint32(ip, 0);
    if (ip.length === 4) return this.#take(this.#placeOf(ip, IPV4_BITS, high, 0), time, now);
    const low = readUint32(ip, 4);
    const subnet = this.#placeOf(ip, IPV6_SUBNET_BITS, high, low);
    if (!this.#take(subnet, time, now)) return false;
    const network = this.#placeOf(ip, IPV6_NETWORK_BITS, high, low >>> 16);
    if (this.#take(network, time / IPV6_NETWORK_SHARES, now)) return true;
    // The network's bucket may have taken the place of the subnet's, which counts as full then.
    if (subnet !== network) this.#take(subnet, -time, now);
    return false;
  }

  /** @param time less than 0: time that is given back */
  #take(place: number, time: number, now: number): boolean {
    const fullAt = Math.max(now, this.#fullAt[place]!) + Math.min(time, this.#capacity);
    if (fullAt - now > this.#capacity) return false;
    this.#fullAt[place] = fullAt;
    return true;
  }

  /** Finds the place of an address's bucket, or makes a full one in place of the bucket that will be full first. */
  #placeOf(ip: Uint8Array, bits: number, high: number, low: number): number {
    const first = keyedHash(this.#hashKey, ip, 0, bits / 8) & this.#mask;
    let fullest = first;
    for (let at = first; at < first + WAYS; at += 1) {
      if (this.#high[at] === high && this.#low[at] === low && this.#bits[at] === bits) return at;
      if (this.#fullAt[at]! < this.#fullAt[fullest]!) fullest = at;
    }
    this.#bits[fullest] = bits;
    this.#high[fullest] = high;
    this.#low[fullest] = low;
    this.#fullAt[fullest] = Number.NEGATIVE_INFINITY;
    return fullest;
  }
}
