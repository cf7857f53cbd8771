import type { InfoHash } from '../../../util/index.ts';
import type { CatalogQuery, CatalogTorrent } from '../catalog.ts';
import { InOrder } from './in-order.ts';

/** What one or more seeders say a torrent is, and who they are. */
export interface Description {
  readonly torrent: CatalogTorrent;
  /** Rises with each description made: its place in the order of pages. */
  readonly sequence: number;
  /** Ids of seeders. */
  readonly holders: Set<string>;
}

/** Descriptions with their indexes. A description is there while it has holders. */
export class Descriptions {
  readonly #byKey = new Map<string, Description>();
  readonly #all = new InOrder<Description>();
  readonly #byInfoHash = new Index<InfoHash>();
  readonly #byName = new Index<string>();
  readonly #bySize = new Index<number>();
  readonly #bySha256 = new Index<string>();
  #sequence = 0;

  hold(torrent: CatalogTorrent, id: string): Description {
    const key = keyOf(torrent);
    let description = this.#byKey.get(key);
    if (description === undefined) {
      this.#sequence += 1;
      description = { torrent, sequence: this.#sequence, holders: new Set() };
      this.#byKey.set(key, description);
      this.#all.add(description);
      this.#byInfoHash.add(torrent.infoHash, description);
      this.#byName.add(torrent.name, description);
      this.#bySize.add(torrent.size, description);
      if (torrent.sha256 !== undefined) this.#bySha256.add(torrent.sha256, description);
    }
    description.holders.add(id);
    return description;
  }

  /** @returns whether nobody holds the torrent any more, under any description */
  release(description: Description, id: string): boolean {
    description.holders.delete(id);
    if (description.holders.size > 0) return false;
    const { torrent } = description;
    this.#byKey.delete(keyOf(torrent));
    this.#all.delete(description);
    this.#byInfoHash.delete(torrent.infoHash, description);
    this.#byName.delete(torrent.name, description);
    this.#bySize.delete(torrent.size, description);
    if (torrent.sha256 !== undefined) this.#bySha256.delete(torrent.sha256, description);
    return !this.isHeld(torrent.infoHash);
  }

  isHeld(infoHash: InfoHash): boolean {
    return this.#byInfoHash.get(infoHash).size > 0;
  }

  of(infoHash: InfoHash): Iterable<Description> {
    return this.#byInfoHash.get(infoHash);
  }

  /** How many seeders hold the torrent, under any description. */
  countHolders(infoHash: InfoHash): number {
    let count = 0;
    for (const { holders } of this.of(infoHash)) count += holders.size;
    return count;
  }

  /** Those that match one of the things that are looked for, the rarest of them; all if there is none. */
  candidates({ name, size, sha256 }: CatalogQuery): Candidates {
    const lists: InOrder<Description>[] = [];
    if (sha256 !== undefined) lists.push(this.#bySha256.get(sha256));
    if (name !== undefined) lists.push(this.#byName.get(name));
    if (size !== undefined) lists.push(this.#bySize.get(size));
    if (lists.length === 0) return { list: this.#all, isExact: true };
    const list = lists.reduce((least, other) => (other.size < least.size ? other : least));
    return { list, isExact: lists.length === 1 };
  }
}

export interface Candidates {
  readonly list: InOrder<Description>;
  /** Whether they match in everything. */
  readonly isExact: boolean;
}

/** Descriptions by one of their fields, each in the order in which they were made. */
class Index<Key> {
  readonly #entries = new Map<Key, InOrder<Description>>();

  get(key: Key): InOrder<Description> {
    return this.#entries.get(key) ?? new InOrder();
  }

  add(key: Key, description: Description): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) this.#entries.set(key, new InOrder(description));
    else entry.add(description);
  }

  delete(key: Key, description: Description): void {
    const entry = this.#entries.get(key);
    entry?.delete(description);
    if (entry?.size === 0) this.#entries.delete(key);
  }
}

/** The name stands last, for it may hold any character. */
function keyOf({ infoHash, infoHashV2, size, sha256, name }: CatalogTorrent): string {
  return `${infoHash}/${infoHashV2 ?? ''}/${size}/${sha256 ?? ''}/${name}`;
}
