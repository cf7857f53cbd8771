import type { ListedTorrent } from '../../../../tracker-protocol/index.ts';
import { type Address, type InfoHash, Turns } from '../../../../util/index.ts';
import type {
  Bringer,
  Catalog,
  CatalogQuery,
  Departure,
  NewSeeder,
  Page,
  PageRequest,
  StoredSeeder,
  StoredTorrent,
} from '../catalog.ts';
import { type CatalogLimits, weightOf, withDefaults } from '../catalog-limits.ts';
import { addressTaken, mayBeHandedOut, mayReplace } from '../claims.ts';
import type { ProvenContent } from '../proven-content.ts';
import { CatalogMetainfo, type MetainfoStore } from './catalog-metainfo.ts';
import { Contents } from './contents.ts';
import { Descriptions } from './descriptions.ts';
import { HeldList } from './held-list.ts';
import { Holders, type ListMark } from './holders.ts';
import { pageOf } from './page.ts';
import { checkRoom, checkShare } from './room.ts';
import { search } from './search.ts';
import { SeederEntries, type SeederEntry, seederIn } from './seeder-entries.ts';
import { Shares } from './shares.ts';
import { Torrents } from './torrents.ts';

/** The number of torrents of a list that are added or removed in one step: a millisecond or two. */
const STEP = 200;
/** The number of torrents whose names are measured in one step: a part of a millisecond. */
const MEASURED = 5000;

export interface MemoryCatalogOptions extends CatalogLimits {
  /** The turns of the event loop for long lists; the default is turns of its own. */
  readonly turns?: Turns;
  /** The place where metainfo is stored; the default is memory. */
  readonly metainfo?: MetainfoStore;
}

/**
 * A catalog in the memory of one process. Torrents are rows and bytes, some 250 bytes each, of which objects are made when
 * they are asked for.
 *
 * Invariant: the list of each seeder in `#seeders` is complete. A list that is being added or removed belongs to none of
 * them.
 */
export class MemoryCatalog implements Catalog {
  readonly #seeders = new SeederEntries();
  readonly #torrents = new Torrents();
  readonly #descriptions = new Descriptions(this.#torrents);
  readonly #holders = new Holders(this.#torrents);
  readonly #shares = new Shares();
  readonly #metainfo: CatalogMetainfo;
  readonly #contents: Contents;
  protected readonly turns: Turns;
  /** The last change that was asked for: each begins when the one before is done. */
  #changes: Promise<unknown> = Promise.resolve();
  #limits = withDefaults({});
  #holdings = 0;
  /** Whether the catalog was read from an earlier run, and nobody has asked about that yet. */
  protected hasResumed = false;

  constructor({ metainfo, turns, ...limits }: MemoryCatalogOptions = {}) {
    this.turns = turns ?? new Turns();
    this.#metainfo = new CatalogMetainfo(this.#torrents, this.#shares, metainfo);
    this.#contents = new Contents(
      this.#torrents,
      this.#descriptions,
      this.#holders,
      this.#seeders,
      this.turns,
    );
    this.configure(limits);
  }

  /** Replaces the limits. Nothing is removed that is there already. */
  configure(limits: CatalogLimits): void {
    this.#limits = withDefaults(limits);
    this.#metainfo.maxCatalogBytes = this.#limits.maxCatalogBytes;
    this.#metainfo.maxCatalogBytesPerAddress = this.#limits.maxCatalogBytesPerAddress;
  }

  put(
    seeder: NewSeeder,
    torrents: readonly StoredTorrent[],
    isTrusted = false,
  ): Promise<readonly Departure[]> {
    return this.#change(() => this.putNow(seeder, torrents, isTrusted));
  }

  /** Does the work of {@link put} when it is its turn among the changes. */
  protected async putNow(
    seeder: NewSeeder,
    torrents: readonly StoredTorrent[],
    isTrusted: boolean,
  ): Promise<readonly Departure[]> {
    const known = this.#seeders.get(seeder.id);
    const there = this.#seeders.at(seeder.address);
    if (there !== undefined && there !== known && !mayReplace(seeder, there.seeder)) {
      throw addressTaken(seeder.address);
    }
    const replaced = [...new Set([known, there])].filter((entry) => entry !== undefined);
    checkRoom(this.#limits, this.#seeders.size, this.#holdings, replaced, torrents.length);
    const share = this.#shares.of(seeder);
    let weight = 0;
    await this.turns.forEach(torrents, MEASURED, (torrent) => (weight += weightOf(torrent)));
    if (!isTrusted) checkShare(this.#limits, share, replaced, weight);
    // The new list is added before the old one is removed, so that the metainfo of torrents in both stays.
    const taken = await this.#takeUp(seeder, torrents, known);
    const entry: SeederEntry = { ...taken, share, weight };
    if (there === known) entry.isReachable = known?.isReachable;
    else if (there !== undefined) this.#seeders.delete(there);
    this.#seeders.put(entry);
    this.#holdings += entry.list.length;
    this.#shares.add(entry);
    const departures: Departure[] = [];
    for (const old of replaced) departures.push(await this.#forget(old, entry));
    return departures;
  }

  async renew(id: string, now: number): Promise<readonly StoredTorrent[] | undefined> {
    let torrents: readonly StoredTorrent[] | undefined;
    // A seeder that gets another list meanwhile is asked for that one.
    while (torrents === undefined) {
      const entry = this.#seeders.get(id);
      if (entry === undefined) return undefined;
      entry.seenAt = now;
      torrents = await this.#listOf(entry);
    }
    return torrents;
  }

  remove(id: string): Promise<Departure | undefined> {
    return this.#change(async () => {
      const entry = this.#seeders.get(id);
      return entry && this.#drop(entry);
    });
  }

  expire(before: number): Promise<readonly Departure[]> {
    return this.#change(async () => {
      const departures: Departure[] = [];
      for (const entry of this.#seeders.values()) {
        if (entry.seenAt < before) departures.push(await this.#drop(entry));
      }
      return departures;
    });
  }

  takeResumed(): boolean {
    const { hasResumed } = this;
    this.hasResumed = false;
    return hasResumed;
  }

  async seeder(id: string): Promise<StoredSeeder | undefined> {
    const entry = this.#seeders.get(id);
    return entry && seederIn(entry);
  }

  async seederAt(address: Address): Promise<StoredSeeder | undefined> {
    const entry = this.#seeders.at(address);
    return entry && seederIn(entry);
  }

  async setReachable(id: string, isReachable: boolean): Promise<void> {
    const entry = this.#seeders.get(id);
    if (entry !== undefined) entry.isReachable = isReachable;
  }

  async seeders(page: PageRequest): Promise<Page<StoredSeeder>> {
    const { size } = this.#seeders;
    return pageOf(this.#seeders.values(), ({ sequence }) => sequence, seederIn, page, size);
  }

  async torrentsOf(id: string, page: PageRequest): Promise<Page<StoredTorrent> | undefined> {
    const list = this.#seeders.get(id)?.list;
    if (list === undefined) return undefined;
    let place = list.placeAfter(Number(page.after ?? 0));
    return pageOf(
      list.from(place),
      () => (place += 1),
      (description) => this.#descriptions.read(description),
      page,
      list.length,
    );
  }

  async find(query: CatalogQuery, page: PageRequest): Promise<Page<ListedTorrent>> {
    const listing = (description: number): ListedTorrent => this.#listing(description);
    const sequenceOf = (description: number): number => this.#descriptions.sequenceOf(description);
    const selection = this.#descriptions.select(query);
    return selection.isExact
      ? pageOf(selection.after(Number(page.after ?? 0)), sequenceOf, listing, page, selection.size)
      : search(selection, sequenceOf, listing, page, this.turns);
  }

  async torrent(infoHash: InfoHash): Promise<ListedTorrent | undefined> {
    const torrent = this.#torrents.find(infoHash);
    if (torrent === -1) return undefined;
    let [best, lists] = [-1, 0];
    for (const description of this.#descriptions.of(torrent)) {
      const others = this.#descriptions.listsOf(description);
      if (others > lists) [best, lists] = [description, others];
    }
    return this.#listing(best);
  }

  async holds(id: string, infoHash: InfoHash): Promise<boolean> {
    const entry = this.#seeders.get(id);
    const torrent = this.#torrents.find(infoHash);
    return entry !== undefined && torrent !== -1 && this.#holders.has(torrent, entry.number);
  }

  async holders(infoHash: InfoHash, limit: number): Promise<readonly StoredSeeder[]> {
    const found: StoredSeeder[] = [];
    const torrent = this.#torrents.find(infoHash);
    if (torrent === -1) return found;
    for (const number of this.#holders.of(torrent)) {
      if (found.length === limit) return found;
      const entry = this.#seeders.numbered(number);
      // A seeder whose list is being added or removed is not in `#seeders`, though a part of the list is here.
      const seeder = entry && seederIn(entry);
      if (seeder !== undefined && mayBeHandedOut(seeder)) found.push(seeder);
    }
    return found;
  }

  async addMetainfo(
    infoHash: InfoHash,
    metainfo: Uint8Array,
    by?: Bringer,
    content?: ProvenContent,
  ): Promise<boolean> {
    const isTrusted = by?.isTrusted ?? false;
    if (content === undefined || this.#contents.agree(infoHash, content)) {
      const bringer = this.#bringerOf(infoHash, by);
      if (bringer !== undefined) this.#metainfo.add(infoHash, metainfo, bringer, isTrusted);
      return bringer !== undefined;
    }
    return this.#change(async () => {
      const bringer = this.#bringerOf(infoHash, by);
      if (bringer === undefined) return false;
      if (!this.#metainfo.has(infoHash)) this.#metainfo.checkRoom(metainfo, bringer, isTrusted);
      // The lists are changed first, so that no file on a disk has the metainfo with a description that contradicts it.
      await this.correct(infoHash, content);
      this.#metainfo.add(infoHash, metainfo, bringer, isTrusted);
      return true;
    });
  }

  async metainfo(infoHash: InfoHash): Promise<Uint8Array | undefined> {
    return this.#metainfo.get(infoHash);
  }

  async withoutMetainfo(infoHashes: readonly InfoHash[]): Promise<InfoHash[]> {
    return infoHashes.filter((infoHash) => !this.#metainfo.has(infoHash));
  }

  /**
   * Counts metainfo that is stored from an earlier run.
   *
   * @returns `false` when no seeder holds the torrent, or its seeders describe other contents, so that it is not known which
   *   of them the metainfo has
   */
  protected countMetainfo(infoHash: InfoHash, length: number): boolean {
    const torrent = this.#torrents.find(infoHash);
    const bringer = this.#firstHolder(torrent);
    if (bringer === undefined || !this.#contents.agree(infoHash, this.#contents.of(torrent))) return false;
    this.#metainfo.count(infoHash, length, bringer);
    return true;
  }

  /** Replaces the content in all descriptions of a torrent, as `Contents.correct()` does. */
  protected correct(infoHash: InfoHash, content: ProvenContent): Promise<readonly StoredSeeder[]> {
    return this.#contents.correct(infoHash, content);
  }

  /** Gives a torrent as it is stored: with the content that its metainfo proves, if that is there. */
  protected stored(torrent: StoredTorrent): StoredTorrent {
    return this.#metainfo.has(torrent.infoHash) ? this.#contents.corrected(torrent) : torrent;
  }

  /** Notes that all seeders are still there. */
  protected noteAllSeen(now: number): void {
    for (const entry of this.#seeders.values()) entry.seenAt = now;
  }

  /** Gives the number of the seeder that brings metainfo; `undefined` when it does not hold the torrent. */
  #bringerOf(infoHash: InfoHash, by: Bringer | undefined): number | undefined {
    const torrent = this.#torrents.find(infoHash);
    const bringer = by === undefined ? this.#firstHolder(torrent) : this.#seeders.get(by.id)?.number;
    if (torrent === -1 || bringer === undefined) return undefined;
    return this.#holders.has(torrent, bringer) ? bringer : undefined;
  }

  /** Gives the number of the first seeder that holds a torrent, if there is one whose list is complete. */
  #firstHolder(torrent: number): number | undefined {
    if (torrent === -1) return undefined;
    for (const number of this.#holders.of(torrent)) {
      if (this.#seeders.numbered(number) !== undefined) return number;
    }
    return undefined;
  }

  /** Makes a change when all changes before it are done. */
  #change<Result>(make: () => Promise<Result>): Promise<Result> {
    const result = this.#changes.then(make);
    this.#changes = result.catch(() => {});
    return result;
  }

  /** @param known the entry of the same seeder, whose place in the order of pages it keeps */
  async #takeUp(
    seeder: NewSeeder,
    torrents: readonly StoredTorrent[],
    known: SeederEntry | undefined,
  ): Promise<Omit<SeederEntry, 'share' | 'weight'>> {
    const number = known?.number ?? this.#seeders.takeNumber();
    const mark: ListMark = known?.mark === 0 ? 1 : 0;
    const list = new HeldList(torrents.length);
    await this.turns.forEach(torrents, STEP, (torrent) => {
      const description = this.#descriptions.hold(this.stored(torrent));
      this.#holders.add(this.#descriptions.torrentOf(description), number, mark);
      list.push(description);
    });
    const sequence = known?.sequence ?? this.#seeders.nextSequence();
    return { seeder, number, mark, sequence, seenAt: seeder.seenAt, isReachable: undefined, list };
  }

  async #drop(entry: SeederEntry): Promise<Departure> {
    this.#seeders.delete(entry);
    return this.#forget(entry);
  }

  /** @param successor the entry that replaces it, which may be of the same seeder */
  async #forget(entry: SeederEntry, successor?: SeederEntry): Promise<Departure> {
    const { number, mark, list } = entry;
    this.#holdings -= list.length;
    const torrents: StoredTorrent[] = [];
    await this.turns.forEach(list.from(0), STEP, (description) => {
      torrents.push(this.#descriptions.read(description));
      const torrent = this.#descriptions.torrentOf(description);
      this.#holders.delete(torrent, number, mark);
      if (!this.#descriptions.release(description)) {
        this.#passOn(torrent, number);
        return;
      }
      this.#metainfo.delete(torrent);
      this.#torrents.remove(torrent);
    });
    const isNumberFree = number !== successor?.number;
    this.#shares.remove(entry, isNumberFree);
    if (isNumberFree) this.#seeders.releaseNumber(number);
    return { seeder: seederIn(entry), torrents };
  }

  /** Counts the metainfo of a torrent for another seeder that holds it, when this one does not hold it any more. */
  #passOn(torrent: number, seeder: number): void {
    if (!this.#metainfo.countsFor(torrent, seeder) || this.#holders.has(torrent, seeder)) return;
    const [next] = this.#holders.of(torrent);
    if (next !== undefined) this.#metainfo.passOn(torrent, next);
  }

  /** @returns the torrents that a seeder holds; `undefined` when it has left or got another list meanwhile */
  async #listOf(entry: SeederEntry): Promise<readonly StoredTorrent[] | undefined> {
    const torrents: StoredTorrent[] = [];
    for (const description of entry.list.from(0)) {
      if (torrents.length > 0 && torrents.length % STEP === 0) await this.turns.next();
      if (!this.#seeders.isHere(entry)) return undefined;
      torrents.push(this.#descriptions.read(description));
    }
    return torrents;
  }

  #listing(description: number): ListedTorrent {
    const seeders = this.#torrents.holdersOf(this.#descriptions.torrentOf(description));
    return { ...this.#descriptions.read(description), seeders };
  }
}
