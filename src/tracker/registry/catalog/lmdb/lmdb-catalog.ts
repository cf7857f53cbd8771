import { setImmediate } from 'node:timers/promises';
import { type Clock, parseInfoHash, type ReportError, type Turns, toError } from '../../../../util/index.ts';
import { TrackerStartError } from '../../../errors/index.ts';
import type { Departure, NewSeeder, Page, PageRequest, StoredTorrent } from '../catalog.ts';
import type { CatalogLimits } from '../catalog-limits.ts';
import { MemoryCatalog } from '../memory/index.ts';
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

/** Torrents of a list, and seeders, that are taken out of memory in one step. */
const STEP = 1000;
/** About how many bytes are written to a new file in one transaction. */
const BYTES_AT_ONCE = 1024 * 1024;
/** What is there stays, whatever the limits are now. */
const NO_LIMITS = {
  maxSeeders: Infinity,
  maxHoldings: Infinity,
  maxSeedersPerAddress: Infinity,
  maxHoldingsPerAddress: Infinity,
};

export interface LmdbCatalogOptions extends CatalogLimits {
  /** Of its file, which is made when it is not there; LMDB puts another beside it, with `-lock` at the end. */
  readonly path: string;
  /** As {@link MemoryCatalog} has them. */
  readonly turns?: Turns;
  readonly clock: Clock;
  /** A time of the clock, in milliseconds since 1970. */
  readonly toWallTime: (at: number) => number;
  /** Hears when something cannot be saved; the catalog works on in memory, and tries again. */
  readonly report: ReportError;
}

/**
 * A catalog in memory that is written down, all but the metainfo, which is in the file alone, and read there when it is
 * asked for. Nobody waits for the disk: a change is written right after it was made, together with others. Whoever pulls
 * the plug loses what the last transaction did not take, which is milliseconds, and finds the rest whole.
 *
 * What is read back is checked: a seeder or a metainfo that is not what was written is dropped and reported, and seeders
 * register and upload it again by themselves.
 *
 * A file that cannot be written because it is damaged is moved away, and the seeders that memory has are written into a
 * new one.
 *
 * A seeder that was there counts as seen at the restart: it has the whole time to renew in which it would have renewed.
 */
export class LmdbCatalog extends MemoryCatalog {
  readonly #saved: WriteBehind;
  readonly #options: LmdbCatalogOptions;
  /** Whether what is put comes from the file. */
  #isLoading = false;
  /** Where a damaged file was moved for which no other has been begun yet. */
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
          // It is asked for only what was there.
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
   * Takes up the catalog of the last run. One process at a time may have it open.
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
    this.#saved.set(SEEDER + id, await this.#encode(seeder, torrents));
    for (const { seeder: gone } of departures) if (gone.id !== id) this.#forget(gone);
    return departures;
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

  /** Waits until what was changed is in the file. @throws what writing it fails with */
  flush(): Promise<void> {
    return this.#saved.flush();
  }

  /** Brings everything to the disk. @throws what that fails with */
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
    /** Keys that are deleted when everything has been read. */
    const gone: string[] = [];
    const drop = (key: string): void => {
      tellDamaged(this.#options, key);
      gone.push(key);
    };
    const heads: Pick<SeederRecord, 'id' | 'registeredAt'>[] = [];
    /** Seeders that are not found by their keys. */
    const misplaced = new Map<string, Uint8Array>();
    for (const { key, value } of file.entries(SEEDER)) {
      const head = decodeStoredHead(value);
      if (head !== undefined && key === SEEDER + head.id) {
        heads.push({ id: head.id, registeredAt: head.registeredAt });
        if (!file.has(key)) misplaced.set(head.id, Uint8Array.from(value));
      } else drop(key);
    }
    // Pages come in the order of registering.
    this.configure(NO_LIMITS);
    this.#isLoading = true;
    heads.sort((a, b) => a.registeredAt - b.registeredAt);
    for (const { id } of heads) {
      // The lists are read one by one, for all of them are larger than the catalog that they make.
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
      // What is not found cannot be deleted either, and what is written again would be there twice.
      this.#saved.giveUpFile(new Error(`its keys are not in order at ${outOfOrder}`));
    }
    // A large catalog takes a while to read: the time to renew begins after that.
    this.noteAllSeen(clock.now());
    this.configure(this.#options);
    this.hasResumed = heads.length > 0;
  }

  /**
   * Moves away a file that cannot be written, and writes the seeders that memory has into a new one. The metainfo that only
   * the old one had is forgotten, so that seeders bring it again: a damaged file is not read any more.
   */
  async #beginAnew(damage: Error): Promise<CatalogFile> {
    const { path, report } = this.#options;
    // Once: when an attempt fails behind this, what is found next is its new file.
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
      const torrents: StoredTorrent[] = [];
      for await (const torrent of everyItem((page) => this.torrentsOf(id, page))) {
        torrents.push(torrent);
        // Asking for what is no longer there forgets it.
        await this.metainfo(torrent.infoHash);
      }
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

function tellDamaged({ path, report }: LmdbCatalogOptions, key: string): void {
  const message = `The catalog in ${path} is damaged at ${key}, which is dropped; seeders bring it again by themselves`;
  report(new TrackerStartError('DAMAGED_STATE', message), 'read the catalog');
}
