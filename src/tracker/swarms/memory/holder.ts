import { type HashKey, keyedHash, newHashKey } from '../../../util/index.ts';
import type { RecordHolder } from '../swarm-store.ts';

/** The holder of a record that its own address has announced. */
export const SELF = 0;
/** The holder of the record of a registered seeder. Any other number is that of a client that has named another address. */
export const REGISTRY = 1;

/** Says whether a record was put there by another client than its own address, and not for a registered seeder. */
export function isNamedByOther(holder: number): boolean {
  return holder !== SELF && holder !== REGISTRY;
}

/** Says whether an announce of `by` may change a record of `holder`. */
export function mayChange(holder: number, by: number): boolean {
  if (by === REGISTRY || by === holder) return true;
  return by === SELF && holder !== REGISTRY;
}

/** Says whether `by` may remove a record of `holder`. The registry removes only its own records. */
export function mayRemove(holder: number, by: number): boolean {
  return by === REGISTRY ? holder === REGISTRY : mayChange(holder, by);
}

/** The numbers of the holders of records: for a client, a keyed hash of 32 bits that nobody else can compute. */
export class HolderNumbers {
  readonly #hashKey: HashKey = newHashKey();

  of(holder: RecordHolder | undefined): number {
    if (holder === undefined) return SELF;
    if (holder === 'registry') return REGISTRY;
    const hash = keyedHash(this.#hashKey, holder, 0, holder.length) | 0;
    return isNamedByOther(hash) ? hash : -1;
  }
}
