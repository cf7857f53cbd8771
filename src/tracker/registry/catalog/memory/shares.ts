import type { NewSeeder } from '../catalog.ts';
import { ownerOf } from '../claims.ts';

/** The share that all seeders of one owner have of the catalog. */
export interface Share {
  readonly clientKey: string;
  seeders: number;
  /** The number of torrents; one with a very long name counts more than once: `weightOf()`. */
  torrents: number;
  /** The number of bytes of the metainfo that counts for them. */
  bytes: number;
}

/** A list of a seeder that counts in a share; while it replaces another one, both count. */
interface Counted {
  readonly share: Share;
  readonly number: number;
  /** The number of torrents that the list counts as. */
  readonly weight: number;
}

/** The shares of all owners of seeders, and the metainfo that counts for each seeder, by its number. */
export class Shares {
  readonly #byOwner = new Map<string, Share>();
  readonly #ofSeeder = new Map<number, { share: Share; bytes: number }>();

  /** @returns the share of the owner of a seeder, which is stored from {@link add} on */
  of(seeder: NewSeeder): Share {
    const clientKey = ownerOf(seeder);
    return this.#byOwner.get(clientKey) ?? { clientKey, seeders: 0, torrents: 0, bytes: 0 };
  }

  ofSeeder(number: number): Share | undefined {
    return this.#ofSeeder.get(number)?.share;
  }

  /** Counts a seeder that was added. The metainfo of a seeder that has moved to another owner counts there. */
  add({ share, number, weight }: Counted): void {
    this.#byOwner.set(share.clientKey, share);
    share.seeders += 1;
    share.torrents += weight;
    const bytes = this.#ofSeeder.get(number)?.bytes ?? 0;
    this.addBytes(number, -bytes);
    this.#ofSeeder.set(number, { share, bytes: 0 });
    this.addBytes(number, bytes);
  }

  /**
   * Stops counting a seeder that was removed.
   *
   * @param isNumberFree whether its number, and metainfo for it, is in use no more
   */
  remove({ share, number, weight }: Counted, isNumberFree: boolean): void {
    share.seeders -= 1;
    share.torrents -= weight;
    if (share.seeders === 0) this.#byOwner.delete(share.clientKey);
    if (isNumberFree) this.#ofSeeder.delete(number);
  }

  /** Adds bytes of metainfo to those of a seeder; a negative number takes them away. */
  addBytes(number: number, bytes: number): void {
    const counted = this.#ofSeeder.get(number);
    if (counted === undefined) return;
    counted.bytes += bytes;
    counted.share.bytes += bytes;
  }
}
