import { formatAddress, type InfoHash } from '../../../util/index.ts';
import { Turns } from '../../turns.ts';
import type {
  Catalog,
  CatalogListing,
  CatalogQuery,
  CatalogSeeder,
  CatalogTorrent,
  Departure,
  NewSeeder,
  Page,
  PageRequest,
} from '../catalog.ts';
import { type CatalogLimits, tooManySeeders, tooManyTorrents, withDefaults } from '../catalog-limits.ts';
import { type Description, Descriptions } from './descriptions.ts';
import { MetainfoShelf, type MetainfoStore } from './metainfo-shelf.ts';
import { pageOf } from './page.ts';
import { search } from './search.ts';

/** Torrents of a list that are taken up, or let go, in one step: a millisecond or two. */
const STEP = 200;

export interface MemoryCatalogOptions extends CatalogLimits {
  /** For lists that are long; unless given it has turns of its own. */
  readonly turns?: Turns;
  /** Where metainfo is; in memory, too, unless given. */
  readonly metainfo?: MetainfoStore;
}

interface Entry {
  readonly seeder: NewSeeder;
  readonly sequence: number;
  seenAt: number;
  readonly holds: ReadonlyMap<InfoHash, Description>;
}

/** A catalog in the memory of one process. */
export class MemoryCatalog implements Catalog {
  readonly #entries = new Map<string, Entry>();
  readonly #idByAddress = new Map<string, string>();
  readonly #descriptions = new Descriptions();
  readonly #metainfo: MetainfoShelf;
  protected readonly turns: Turns;
  /** Ends with the last change that was asked for: one begins when the one before is done. */
  #changes: Promise<unknown> = Promise.resolve();
  #limits = withDefaults({});
  #holdings = 0;
  /** Whether the catalog was taken up from an earlier run, and nobody has asked about that yet. */
  protected hasResumed = false;
  #sequence = 0;

  constructor({ metainfo, turns, ...limits }: MemoryCatalogOptions = {}) {
    this.turns = turns ?? new Turns();
    this.#metainfo = new MetainfoShelf(metainfo);
    this.configure(limits);
  }

  /** Goes by other limits from now on: what is there already stays. */
  configure(limits: CatalogLimits): void {
    this.#limits = withDefaults(limits);
    this.#metainfo.maxBytes = this.#limits.maxBytes;
  }

  put(seeder: NewSeeder, torrents: readonly CatalogTorrent[]): Promise<readonly Departure[]> {
    return this.#change(() => this.putNow(seeder, torrents));
  }

  /** Does what {@link put} does when it is its turn among the changes. */
  protected async putNow(
    seeder: NewSeeder,
    torrents: readonly CatalogTorrent[],
  ): Promise<readonly Departure[]> {
    const address = formatAddress(seeder.address);
    const replaced = new Set([seeder.id, this.#idByAddress.get(address) ?? seeder.id]);
    this.#checkRoom(replaced, torrents.length);
    // The new is taken up before the old is let go, so that metainfo of what is in both stays.
    const holds = new Map<InfoHash, Description>();
    await this.turns.forEach(torrents, STEP, (torrent) => {
      holds.set(torrent.infoHash, this.#descriptions.hold(torrent, seeder.id));
    });
    const departures: Departure[] = [];
    for (const id of replaced) {
      const entry = this.#entries.get(id);
      if (entry === undefined) continue;
      departures.push(await this.#letGo(entry, id === seeder.id ? holds : undefined));
      if (id !== seeder.id) this.#entries.delete(id);
    }
    // One that was known keeps its place in the order of pages, here and in the map.
    const sequence = this.#entries.get(seeder.id)?.sequence ?? (this.#sequence += 1);
    this.#entries.set(seeder.id, { seeder, sequence, seenAt: seeder.seenAt, holds });
    this.#idByAddress.set(address, seeder.id);
    this.#holdings += holds.size;
    return departures;
  }

  async renew(id: string, now: number): Promise<readonly CatalogTorrent[] | undefined> {
    const entry = this.#entries.get(id);
    if (entry === undefined) return undefined;
    entry.seenAt = now;
    return torrentsIn(entry);
  }

  remove(id: string): Promise<Departure | undefined> {
    return this.#change(() => this.#drop(id));
  }

  expire(before: number): Promise<readonly Departure[]> {
    return this.#change(async () => {
      const departures: Departure[] = [];
      for (const [id, { seenAt }] of this.#entries) {
        if (seenAt >= before) continue;
        const departure = await this.#drop(id);
        if (departure !== undefined) departures.push(departure);
      }
      return departures;
    });
  }

  takeResumed(): boolean {
    const { hasResumed } = this;
    this.hasResumed = false;
    return hasResumed;
  }

  async seeder(id: string): Promise<CatalogSeeder | undefined> {
    const entry = this.#entries.get(id);
    return entry && seederIn(entry);
  }

  async seeders(page: PageRequest): Promise<Page<CatalogSeeder>> {
    const { size } = this.#entries;
    return pageOf(this.#entries.values(), sequenceOf, seederIn, page, size);
  }

  async torrentsOf(id: string, page: PageRequest): Promise<Page<CatalogTorrent> | undefined> {
    const entry = this.#entries.get(id);
    if (entry === undefined) return undefined;
    let place = 0;
    return pageOf(
      entry.holds.values(),
      () => ++place,
      ({ torrent }) => torrent,
      page,
      entry.holds.size,
    );
  }

  async find(query: CatalogQuery, page: PageRequest): Promise<Page<CatalogListing>> {
    const listing = (description: Description): CatalogListing => this.#listing(description);
    const { list, isExact } = this.#descriptions.candidates(query);
    return isExact
      ? pageOf(list.after(Number(page.after ?? 0)), sequenceOf, listing, page, list.size)
      : search(this.#descriptions, query, listing, page, this.turns);
  }

  async torrent(infoHash: InfoHash): Promise<CatalogListing | undefined> {
    let best: Description | undefined;
    for (const description of this.#descriptions.of(infoHash)) {
      if (best === undefined || description.holders.size > best.holders.size) best = description;
    }
    return best && this.#listing(best);
  }

  async holds(id: string, infoHash: InfoHash): Promise<boolean> {
    return this.#entries.get(id)?.holds.has(infoHash) ?? false;
  }

  async holders(infoHash: InfoHash, limit: number): Promise<readonly CatalogSeeder[]> {
    const found: CatalogSeeder[] = [];
    for (const { holders } of this.#descriptions.of(infoHash)) {
      for (const id of holders) {
        if (found.length === limit) return found;
        const entry = this.#entries.get(id);
        // Of a list that is just coming or going, a part is here, and the seeder is not.
        if (entry !== undefined) found.push(seederIn(entry));
      }
    }
    return found;
  }

  async addMetainfo(infoHash: InfoHash, metainfo: Uint8Array): Promise<boolean> {
    if (!this.#descriptions.isHeld(infoHash)) return false;
    this.#metainfo.add(infoHash, metainfo);
    return true;
  }

  async metainfo(infoHash: InfoHash): Promise<Uint8Array | undefined> {
    return this.#metainfo.get(infoHash);
  }

  async withoutMetainfo(infoHashes: readonly InfoHash[]): Promise<InfoHash[]> {
    return infoHashes.filter((infoHash) => !this.#metainfo.has(infoHash));
  }

  /**
   * Counts metainfo that its store has from the time before.
   *
   * @returns `false` when nobody holds the torrent
   */
  protected countMetainfo(infoHash: InfoHash, length: number): boolean {
    if (!this.#descriptions.isHeld(infoHash)) return false;
    this.#metainfo.count(infoHash, length);
    return true;
  }

  /** What is there already stays, whatever the limits are now: who is known may come back with as much as it had. */
  #checkRoom(replaced: ReadonlySet<string>, count: number): void {
    const { maxSeeders, maxHoldings } = this.#limits;
    const gone = [...replaced].flatMap((id) => this.#entries.get(id) ?? []);
    if (gone.length === 0 && this.#entries.size >= maxSeeders) throw tooManySeeders(maxSeeders);
    const held = gone.reduce((sum, { holds }) => sum + holds.size, 0);
    const others = this.#holdings - held;
    if (count > held && others + count > maxHoldings) throw tooManyTorrents(count, others, maxHoldings);
  }

  /** Makes a change when those before it are made. */
  #change<Result>(make: () => Promise<Result>): Promise<Result> {
    const result = this.#changes.then(make);
    this.#changes = result.catch(() => {});
    return result;
  }

  async #drop(id: string): Promise<Departure | undefined> {
    const entry = this.#entries.get(id);
    this.#entries.delete(id);
    return entry && this.#letGo(entry);
  }

  /** @param kept what the same seeder goes on to hold */
  async #letGo(entry: Entry, kept?: ReadonlyMap<InfoHash, Description>): Promise<Departure> {
    const { id, address } = entry.seeder;
    this.#idByAddress.delete(formatAddress(address));
    this.#holdings -= entry.holds.size;
    await this.turns.forEach(entry.holds, STEP, ([infoHash, description]) => {
      if (kept?.get(infoHash) === description) return;
      if (this.#descriptions.release(description, id)) this.#metainfo.delete(infoHash);
    });
    return { seeder: seederIn(entry), torrents: torrentsIn(entry) };
  }

  #listing(description: Description): CatalogListing {
    const { torrent } = description;
    return { ...torrent, seeders: this.#descriptions.countHolders(torrent.infoHash) };
  }
}

function sequenceOf({ sequence }: { readonly sequence: number }): number {
  return sequence;
}

function seederIn({ seeder, seenAt, holds }: Entry): CatalogSeeder {
  return { ...seeder, seenAt, torrents: holds.size };
}

function torrentsIn({ holds }: Entry): CatalogTorrent[] {
  return Array.from(holds.values(), ({ torrent }) => torrent);
}
