import type { InfoHash } from '../../../util/index.ts';
import type { CatalogQuery, CatalogTorrent } from '../catalog.ts';

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
  readonly #all = new Map<string, Description>();
  readonly #byInfoHash = new Index<InfoHash>();
  readonly #byName = new Index<string>();
  readonly #bySize = new Index<number>();
  readonly #bySha256 = new Index<string>();
  #sequence = 0;

  hold(torrent: CatalogTorrent, id: string): Description {
    const key = keyOf(torrent);
    let description = this.#all.get(key);
    if (description === undefined) {
      this.#sequence += 1;
      description = { torrent, sequence: this.#sequence, holders: new Set() };
      this.#all.set(key, description);
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
    this.#all.delete(keyOf(torrent));
    this.#byInfoHash.delete(torrent.infoHash, description);
    this.#byName.delete(torrent.name, description);
    this.#bySize.delete(torrent.size, description);
    if (torrent.sha256 !== undefined) this.#bySha256.delete(torrent.sha256, description);
    return !this.isHeld(torrent.infoHash);
  }

  isHeld(infoHash: InfoHash): boolean {
    return this.#byInfoHash.get(infoHash).size > 0;
  }

  of(infoHash: InfoHash): ReadonlySet<Description> {
    return this.#byInfoHash.get(infoHash);
  }

  /** How many seeders hold the torrent, under any description. */
  countHolders(infoHash: InfoHash): number {
    let count = 0;
    for (const { holders } of this.of(infoHash)) count += holders.size;
    return count;
  }

  /** Those that match, in their order. */
  *find({ name, size, sha256 }: CatalogQuery): Generator<Description> {
    const candidates =
      sha256 !== undefined
        ? this.#bySha256.get(sha256)
        : name !== undefined
          ? this.#byName.get(name)
          : size !== undefined
            ? this.#bySize.get(size)
            : this.#all.values();
    for (const description of candidates) {
      const { torrent } = description;
      if (name !== undefined && torrent.name !== name) continue;
      if (size !== undefined && torrent.size !== size) continue;
      yield description;
    }
  }
}

/** Descriptions by one of their fields, each in the order in which they were made. */
class Index<Key> {
  readonly #entries = new Map<Key, Set<Description>>();

  get(key: Key): ReadonlySet<Description> {
    return this.#entries.get(key) ?? NONE;
  }

  add(key: Key, description: Description): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) this.#entries.set(key, new Set([description]));
    else entry.add(description);
  }

  delete(key: Key, description: Description): void {
    const entry = this.#entries.get(key);
    entry?.delete(description);
    if (entry?.size === 0) this.#entries.delete(key);
  }
}

const NONE: ReadonlySet<Description> = new Set();

/** The name stands last, for it may hold any character. */
function keyOf({ infoHash, infoHashV2, size, sha256, name }: CatalogTorrent): string {
  return `${infoHash}/${infoHashV2 ?? ''}/${size}/${sha256 ?? ''}/${name}`;
}
