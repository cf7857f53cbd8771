import { COMPACT_IPV4_BYTES, type HashKey, keyedHash } from '../../../util/index.ts';
import { customerBytes, isPrivateAt } from '../peer-site.ts';
import { type Places, placeOf } from './places.ts';

/**
 * The numbers of slots for the ports of a public IPv4 address, of a private address, and for all of an IPv6 /48. Powers of
 * two.
 */
const IPV4_SPREAD = 32;
const PRIVATE_SPREAD = 256;
const CUSTOMER_SPREAD = 512;

/**
 * Gives compact addresses of peers their slots: those of one address, and of one /48 of public IPv6, near to each other, so
 * that they are counted by looking at some slots. The slots of a group cannot be guessed; the slots within it can, which
 * does no harm, because a swarm keeps only some peers of a group.
 */
export class SitePlaces implements Places {
  readonly #hashKey: HashKey;
  readonly #addressSize: number;

  constructor(hashKey: HashKey, addressSize: number) {
    this.#hashKey = hashKey;
    this.#addressSize = addressSize;
  }

  home(bytes: Uint8Array, start: number, size: number): number {
    const offset = this.#offset(bytes, start) & (this.spread(bytes, start) - 1);
    const place = this.groupHome(bytes, start, size) + (offset < size ? offset : offset % size);
    return place < size ? place : place - size;
  }

  groupHome(bytes: Uint8Array, start: number, size: number): number {
    const group = customerBytes(bytes, start, this.#addressSize);
    return placeOf(keyedHash(this.#hashKey, bytes, start, group), size);
  }

  spread(bytes: Uint8Array, start: number): number {
    if (isPrivateAt(bytes, start, this.#addressSize)) return PRIVATE_SPREAD;
    return this.#addressSize === COMPACT_IPV4_BYTES ? IPV4_SPREAD : CUSTOMER_SPREAD;
  }

  /** Gives the place within the group: by the port, and for public IPv6 also by the bytes after the /48. */
  #offset(bytes: Uint8Array, start: number): number {
    const end = start + this.#addressSize;
    const port = (bytes[end - 2]! << 8) | bytes[end - 1]!;
    if (this.#addressSize === COMPACT_IPV4_BYTES) return port;
    const subnet = (bytes[start + 6]! << 8) | bytes[start + 7]!;
    const host = (bytes[end - 4]! << 8) | bytes[end - 3]!;
    return port + subnet + host * 3;
  }
}
