import { type HashKey, keyedHash } from '../../../util/index.ts';

/** Gives the home slots of keys in a hash table of `size` slots. Nobody else can tell which keys collide. */
export interface Places {
  /** Gives the home slot of the key that starts at `start` in `bytes`. */
  home(bytes: Uint8Array, start: number, size: number): number;
  /**
   * Gives the first slot of the group of a key: the keys of a group have their home in the {@link spread} slots from there
   * on.
   */
  groupHome(bytes: Uint8Array, start: number, size: number): number;
  /** Gives the number of slots over which the keys of a group are spread, a power of two. */
  spread(bytes: Uint8Array, start: number): number;
}

/** Maps a hash of 32 bits to one of `size` slots, by its high bits. */
export function placeOf(hash: number, size: number): number {
  return Math.floor(hash * (1 / 0x1_0000_0000) * size);
}

/** Scatters keys of `keySize` bytes: each is a group of its own. */
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
