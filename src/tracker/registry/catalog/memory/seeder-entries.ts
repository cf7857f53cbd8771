import { type Address, formatAddress } from '../../../../util/index.ts';
import type { NewSeeder, StoredSeeder } from '../catalog.ts';
import type { HeldList } from './held-list.ts';
import type { ListMark } from './holders.ts';
import type { Share } from './shares.ts';

/** A registered seeder, with the list of the torrents that it holds. */
export interface SeederEntry {
  readonly seeder: NewSeeder;
  /** The seeder's number in the index of holders, which is small and used again once the seeder is gone. */
  readonly number: number;
  readonly mark: ListMark;
  /** Its place in the order of pages. */
  readonly sequence: number;
  seenAt: number;
  /** Whether the seeder can be reached, as in `StoredSeeder`. */
  isReachable: boolean | undefined;
  readonly list: HeldList;
  /** The share of the owner for whom it counts. */
  readonly share: Share;
  /** The number of torrents that its list counts as in the share. */
  readonly weight: number;
}

/** The registered seeders, by id, address and number. */
export class SeederEntries {
  /** The entries by id, in the order of pages. */
  readonly #byId = new Map<string, SeederEntry>();
  readonly #byAddress = new Map<string, SeederEntry>();
  readonly #byNumber: (SeederEntry | undefined)[] = [];
  readonly #freeNumbers: number[] = [];
  #sequence = 0;

  get size(): number {
    return this.#byId.size;
  }

  get(id: string): SeederEntry | undefined {
    return this.#byId.get(id);
  }

  at(address: Address): SeederEntry | undefined {
    return this.#byAddress.get(formatAddress(address));
  }

  /** Finds the seeder with a number; `undefined` while its list is being added or removed. */
  numbered(number: number): SeederEntry | undefined {
    return this.#byNumber[number];
  }

  values(): Iterable<SeederEntry> {
    return this.#byId.values();
  }

  isHere(entry: SeederEntry): boolean {
    return this.#byId.get(entry.seeder.id) === entry;
  }

  nextSequence(): number {
    this.#sequence += 1;
    return this.#sequence;
  }

  /** @returns a free number, which is taken until it is given back */
  takeNumber(): number {
    const number = this.#freeNumbers.pop() ?? this.#byNumber.length;
    this.#byNumber[number] = undefined;
    return number;
  }

  releaseNumber(number: number): void {
    this.#freeNumbers.push(number);
  }

  /** Adds a seeder in place of the entry with its id. No other one may be at its address. */
  put(entry: SeederEntry): void {
    const known = this.#byId.get(entry.seeder.id);
    if (known !== undefined) this.#byAddress.delete(formatAddress(known.seeder.address));
    this.#byId.set(entry.seeder.id, entry);
    this.#byAddress.set(formatAddress(entry.seeder.address), entry);
    this.#byNumber[entry.number] = entry;
  }

  delete({ seeder, number }: SeederEntry): void {
    this.#byId.delete(seeder.id);
    this.#byAddress.delete(formatAddress(seeder.address));
    this.#byNumber[number] = undefined;
  }
}

export function seederIn({ seeder, seenAt, isReachable, list }: SeederEntry): StoredSeeder {
  return { ...seeder, seenAt, torrents: list.length, isReachable };
}
