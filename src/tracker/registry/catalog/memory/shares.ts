import type { NewSeeder } from '../catalog.ts';
import { ownerOf } from '../claims.ts';

/** What all seeders of one stranger have in the catalog. */
export interface Share {
  readonly clientKey: string;
  seeders: number;
  /** Those with a very long name count more than once: `weightOf()`. */
  torrents: number;
  /** Of metainfo that counts for them. */
  bytes: number;
}

/** A seeder that has come, with a list; a list that takes the place of another one counts until that is gone. */
interface Counted {
  readonly share: Share;
  readonly number: number;
  /** What its torrents count as. */
  readonly weight: number;
}

/** The shares of the strangers that have seeders, and the metainfo that counts for each seeder, by its number. */
export class Shares {
  readonly #byOwner = new Map<string, Share>();
  readonly #ofSeeder = new Map<number, { share: Share; bytes: number }>();

  /** @returns what the stranger has to whom a seeder belongs; it is kept from {@link add} on */
  of(seeder: NewSeeder): Share {
    const clientKey = ownerOf(seeder);
    return this.#byOwner.get(clientKey) ?? { clientKey, seeders: 0, torrents: 0, bytes: 0 };
  }

  ofSeeder(number: number): Share | undefined {
    return this.#ofSeeder.get(number)?.share;
  }

  /** Counts a seeder that has come. The metainfo of one that has moved counts where it is now. */
  add({ share, number, weight }: Counted): void {
    this.#byOwner.set(share.clientKey, share);
    share.seeders += 1;
    share.torrents += weight;
    const bytes = this.#ofSeeder.get(number)?.bytes ?? 0;
    this.addBytes(number, -bytes);
    this.#ofSeeder.set(number, { share, bytes: 0 });
    this.addBytes(number, bytes);
  }

  /** Counts a seeder that has gone. @param isNumberFree whether nobody has its number any more, nor metainfo that counts */
  remove({ share, number, weight }: Counted, isNumberFree: boolean): void {
    share.seeders -= 1;
    share.torrents -= weight;
    if (share.seeders === 0) this.#byOwner.delete(share.clientKey);
    if (isNumberFree) this.#ofSeeder.delete(number);
  }

  /** Counts metainfo for a seeder, or no longer. */
  addBytes(number: number, bytes: number): void {
    const counted = this.#ofSeeder.get(number);
    if (counted === undefined) return;
    counted.bytes += bytes;
    counted.share.bytes += bytes;
  }
}
