import { setImmediate } from 'node:timers/promises';
import {
  type Clock,
  type InfoHash,
  parseInfoHash,
  type ReportError,
  type Turns,
  toError,
} from '../../../../util/index.ts';
import { TrackerStartError } from '../../../errors/index.ts';
import type { Departure, NewSeeder, Page, PageRequest, StoredSeeder, StoredTorrent } from '../catalog.ts';
import type { CatalogLimits } from '../catalog-limits.ts';
import { MemoryCatalog } from '../memory/index.ts';
import type { ProvenContent } from '../proven-content.ts';
import { CatalogFile } from './catalog-file.ts';
import { checkedValue, withDigest } from './checked-value.ts';
import { MOVE_IT } from './data-file.ts';
import {
  decodeSeederRecord,
  decodeStoredHead,
  encodeSeederRecord,
  type SeederRecord,
} from './seeder-record.ts';
import { setAside } from './set-aside.ts';
import { KNOWN_KEY, METAINFO, SEEDER, UNCHECKED_METAINFO } from './stored-entry.ts';
import { WriteBehind } from './write-behind.ts';

/** The number of torrents of a list, or seeders, that are read from memory in one step. */
const STEP = 1000;
/** About the number of bytes that are written to a new file in one transaction. */
const BYTES_AT_ONCE = 1024 * 1024;
/** The limits while the file is read: stored entries stay, whatever the limits are now. */
const NO_LIMITS = {
  maxSeeders: Infinity,
  maxHoldings: Infinity,
  maxSeedersPerAddress: Infinity,
  maxHoldingsPerAddress: Infinity,
};

export interface LmdbCatalogOptions extends CatalogLimits {
  /**
   * The path of the catalog's file, which is made if it does not exist. LMDB makes another one beside it, with `-lock` at
   * the end.
   */
  readonly path: string;
  /** The turns of the event loop, as {@link MemoryCatalog} takes them. */
  readonly turns?: Turns;
  readonly clock: Clock;
  /** Turns a time of the clock into milliseconds since 1970. */
  readonly toWallTime: (at: number) => number;
  /** Is told when a change cannot be saved; the catalog goes on in memory and tries again. */
  readonly report: ReportError;
}

/**
 * A catalog in memory that is also written to a file. Metainfo is in the file alone, and read there when it is asked for. No
 * caller waits for the disk: a change is written right after it was made, together with others. A power failure loses the
 * changes since the last transaction, which is milliseconds; the rest is complete.
 *
 * Entries are checked when they are read: a seeder or a metainfo that differs from what was written is dropped and reported,
 * and seeders register and upload it again by themselves.
 *
 * A file that cannot be written because it is damaged is moved away, and the seeders in memory are written into a new one.
 *
 * A seeder from before a restart counts as seen at the restart, so that it has its whole time to renew.
 */
export class LmdbCatalog extends MemoryCatalog {
  readonly #saved: WriteBehind;
  readonly #options: LmdbCatalogOptions;
  /** Whether the seeders that are put come from the file. */
  #isLoading = false;
  /** The path of a damaged file that was moved away while no new one has been begun yet. */
  #aside: string | undefined;

  private constructor(file: CatalogFile, options: LmdbCatalogOptions) {
    const beginAnew = (damage: Error): Promise<CatalogFile> => this.#beginAnew(damage);
    const saved = new WriteBehind(file, { ...options, beginAnew });
    super({
      ...options,
      metainfo: {
        get: (infoHash) => {
          const bytes = saved.get(METAINFO + infoHash);
          const metainfo = bytes && checkedValue(METAINFO + infoHash, bytes);
          // Only metainfo that was in the file is asked for.
          if (metainfo === undefined && saved.isReadable) tellDamaged(options, METAINFO + infoHash);
          return metainfo;
        },
        set: (infoHash, metainfo) =>
          saved.set(METAINFO + infoHash, withDigest(METAINFO + infoHash, metainfo)),
        delete: (infoHash) => saved.set(METAINFO + infoHash, undefined),
      },
    });
    this.#saved = saved;
    this.#options = options;
  }

  /**
   * Opens the catalog of the last run. Only one process at a time may have it open.
   *
   * @throws {TrackerStartError} NO_LMDB, CANNOT_KEEP_STATE, BAD_STATE, DAMAGED_STATE
   */
  static async open(options: LmdbCatalogOptions): Promise<LmdbCatalog> {
    const file = await CatalogFile.open(options.path);
    const catalog = new LmdbCatalog(file, options);
    try {
      await catalog.#load(file);
      return catalog;
    } catch (thrown) {
      await file.close();
      const message = `The catalog in ${options.path} is damaged (${toError(thrown).message}); ${MOVE_IT}`;
      throw new TrackerStartError('DAMAGED_STATE', message, { cause: thrown });
    }
  }

  protected override async putNow(
    seeder: NewSeeder,
    torrents: readonly StoredTorrent[],
    isTrusted: boolean,
  ): Promise<readonly Departure[]> {
    const departures = await super.putNow(seeder, torrents, isTrusted);
    if (this.#isLoading) return departures;
    const { id } = seeder;
    const stored: StoredTorrent[] = [];
    await this.turns.forEach(torrents, STEP, (torrent) => stored.push(this.stored(torrent)));
    this.#saved.set(SEEDER + id, await this.#encode(seeder, stored));
    for (const { seeder: gone } of departures) if (gone.id !== id) this.#forget(gone);
    return departures;
  }

  protected override async correct(
    infoHash: InfoHash,
    content: ProvenContent,
  ): Promise<readonly StoredSeeder[]> {
    const corrected = await super.correct(infoHash, content);
    for (const seeder of corrected) {
      const torrents = await collect((page) => this.torrentsOf(seeder.id, page));
      this.#saved.set(SEEDER + seeder.id, await this.#encode(seeder, torrents));
    }
    return corrected;
  }

  override async remove(id: string): Promise<Departure | undefined> {
    const departure = await super.remove(id);
    if (departure !== undefined) this.#forget(departure.seeder);
    return departure;
  }

  override async expire(before: number): Promise<readonly Departure[]> {
    const departures = await super.expire(before);
    for (const { seeder } of departures) this.#forget(seeder);
    return departures;
  }

  /** Waits until all changes are in the file. @throws the error of writing it */
  flush(): Promise<void> {
    return this.#saved.flush();
  }

  /** Writes everything to the disk and closes the file. @throws the error of writing it */
  close(): Promise<void> {
    return this.#saved.close();
  }

  #encode(seeder: NewSeeder, torrents: readonly StoredTorrent[]): Promise<Uint8Array> {
    const registeredAt = this.#options.toWallTime(seeder.registeredAt);
    return encodeSeederRecord({ ...seeder, torrents, registeredAt }, this.turns);
  }

  #forget({ id }: NewSeeder): void {
    this.#saved.set(SEEDER + id, undefined);
  }

  async #load(file: CatalogFile): Promise<void> {
    const { clock, toWallTime } = this.#options;
    /** The keys that are deleted when everything has been read. */
    const gone: string[] = [];
    const drop = (key: string): void => {
      tellDamaged(this.#options, key);
      gone.push(key);
    };
    const heads: Pick<SeederRecord, 'id' | 'registeredAt'>[] = [];
    /** The seeders that are not found by their keys, because keys are not in order. */
    const misplaced = new Map<string, Uint8Array>();
    for (const { key, value } of file.entries(SEEDER)) {
      const head = decodeStoredHead(value);
      if (head !== undefined && key === SEEDER + head.id) {
        heads.push({ id: head.id, registeredAt: head.registeredAt });
        if (!file.has(key)) misplaced.set(head.id, Uint8Array.from(value));
      } else drop(key);
    }
    // The seeders are read in the order of registering, which is that of pages.
    this.configure(NO_LIMITS);
    this.#isLoading = true;
    heads.sort((a, b) => a.registeredAt - b.registeredAt);
    for (const { id } of heads) {
      // The lists are read one by one, because all of them together are larger than the catalog that they make.
      const stored = decodeSeederRecord(misplaced.get(id) ?? file.get(SEEDER + id)!)!;
      const { torrents, registeredAt, ...seeder } = stored;
      const departures = await this.put(
        { ...seeder, registeredAt: registeredAt - toWallTime(0), seenAt: clock.now() },
        torrents,
      );
      for (const departure of departures) gone.push(SEEDER + departure.seeder.id);
    }
    for (const { key, value } of file.entries(METAINFO)) {
      const metainfo = checkedValue(key, value);
      if (metainfo === undefined) drop(key);
      else if (!this.countMetainfo(parseInfoHash(key.slice(METAINFO.length)), metainfo.length)) {
        gone.push(key);
      }
    }
    let outOfOrder: string | undefined;
    for (const key of file.keys()) {
      if (!file.has(key)) outOfOrder ??= key;
      if (key.startsWith(UNCHECKED_METAINFO)) gone.push(key);
      else if (!KNOWN_KEY.test(key)) drop(key);
    }
    this.#isLoading = false;
    for (const key of gone) this.#saved.set(key, undefined);
    if (outOfOrder !== undefined) {
      // An entry that is not found cannot be deleted either, and would be there twice if it was written again.
      this.#saved.giveUpFile(new Error(`its keys are not in order at ${outOfOrder}`));
    }
    // A large catalog takes a while to read, so the time to renew begins after that.
    this.noteAllSeen(clock.now());
    this.configure(this.#options);
    this.hasResumed = heads.length > 0;
  }

  /**
   * Moves a file that cannot be written away, and writes the seeders in memory into a new one. Metainfo that only the old
   * file had is forgotten, so that seeders bring it again: a damaged file is not read any more.
   */
  async #beginAnew(damage: Error): Promise<CatalogFile> {
    const { path, report } = this.#options;
    // The file is moved once only: if an attempt fails after this, the next one finds the new file at the path.
    this.#aside ??= await setAside(path);
    const file = await CatalogFile.open(path);
    try {
      await this.#writeSeeders(file);
    } catch (thrown) {
      await file.close();
      throw thrown;
    }
    const message =
      `A catalog that is damaged and cannot be changed (${damage.message}) was moved to ${this.#aside}; ` +
      'its seeders were written into a new one, and bring metainfo again by themselves';
    this.#aside = undefined;
    report(new TrackerStartError('DAMAGED_STATE', message, { cause: damage }), 'save the catalog');
    return file;
  }

  async #writeSeeders(file: CatalogFile): Promise<void> {
    let bytes = 0;
    const batch = new Map<string, Uint8Array>();
    for await (const seeder of everyItem((page) => this.seeders(page))) {
      const { id } = seeder;
      const torrents = await collect((page) => this.torrentsOf(id, page));
      // The catalog forgets metainfo that is asked for and not found.
      for (const { infoHash } of torrents) await this.metainfo(infoHash);
      const value = await this.#encode(seeder, torrents);
      batch.set(SEEDER + id, value);
      bytes += value.length;
      if (bytes < BYTES_AT_ONCE) continue;
      await file.write(batch);
      batch.clear();
      bytes = 0;
    }
    await file.write(batch);
  }
}

/** Goes through all pages, with a turn of the event loop between them. */
async function* everyItem<Item>(
  pageOf: (page: PageRequest) => Promise<Page<Item> | undefined>,
): AsyncGenerator<Item> {
  let after: string | undefined;
  do {
    const page = await pageOf({ after, limit: STEP });
    yield* page?.items ?? [];
    after = page?.next;
    if (after !== undefined) await setImmediate();
  } while (after !== undefined);
}

async function collect<Item>(
  pageOf: (page: PageRequest) => Promise<Page<Item> | undefined>,
): Promise<Item[]> {
  const items: Item[] = [];
  for await (const item of everyItem(pageOf)) items.push(item);
  return items;
}

function tellDamaged({ path, report }: LmdbCatalogOptions, key: string): void {
  const message = `The catalog in ${path} is damaged at ${key}, which is dropped; seeders bring it again by themselves`;
  report(new TrackerStartError('DAMAGED_STATE', message), 'read the catalog');
}
