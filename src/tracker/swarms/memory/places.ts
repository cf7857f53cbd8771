import { type HashKey, keyedHash } from '../../../util/index.ts';

/** Says where in a hash table of `size` slots keys belong. Nobody else can tell which keys collide. */
export interface Places {
  /** The slot of the key that starts at `start` in `bytes`. */
  home(bytes: Uint8Array, start: number, size: number): number;
  /** The first slot of the group that the key belongs to: all keys of a group belong to {@link spread} slots from there on. */
  groupHome(bytes: Uint8Array, start: number, size: number): number;
  /** Slots over which the keys of its group are spread, a power of two. */
  spread(bytes: Uint8Array, start: number): number;
}

/** Turns a hash of 32 bits into one of `size` slots, by its high bits. */
export function placeOf(hash: number, size: number): number {
  return Math.floor(hash * (1 / 0x1_0000_0000) * size);
}

/** Places keys of `keySize` bytes anywhere: each is a group of its own. */
export class ScatteredPlaces implements Places {
  readonly #hashKey: HashKey;
  readonly #keySize: number;

  constructor(hashKey: HashKey, keySize: number) {
    this.#hashKey = hashKey;
    this.#keySize = keySize;
  }

  home(bytes: Uint8Array, start: number, size: number): number {
    return placeOf(keyedHash(this.#hashKey, bytes, start, this.#keySize), size);
  }

  groupHome(bytes: Uint8Array, start: number, size: number): number {
    return this.home(bytes, start, size);
  }

  spread(): number {
    return 1;
  }
}
