import { type Clock, parseInfoHash, type ReportError, toError } from '../../../util/index.ts';
import { TrackerError } from '../../tracker-error.ts';
import type { Turns } from '../../turns.ts';
import type { CatalogTorrent, Departure, NewSeeder } from '../catalog.ts';
import type { CatalogLimits } from '../catalog-limits.ts';
import { MemoryCatalog } from '../memory/index.ts';
import { CatalogFile, FORMAT_KEY } from './catalog-file.ts';
import { checkedValue, withDigest } from './checked-value.ts';
import { MOVE_IT } from './data-file.ts';
import {
  decodeStoredHead,
  decodeStoredSeeder,
  encodeStoredSeeder,
  type StoredSeeder,
} from './stored-seeder.ts';
import { WriteBehind } from './write-behind.ts';

/** Keys of seeders go on with their ids, of metainfo with info-hashes. */
const SEEDER = 'seeder/';
const METAINFO = 'checked-metainfo/';
/** Keys of metainfo as earlier versions wrote it, without a digest: it is dropped, and seeders bring it again. */
const UNCHECKED_METAINFO = 'metainfo/';
const KNOWN_KEY = new RegExp(`^(?:${FORMAT_KEY}$|${SEEDER}|${METAINFO})`);
/** What is there stays, whatever the limits are now. */
const NO_LIMITS = { maxSeeders: Infinity, maxHoldings: Infinity };

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
 * A seeder that was there counts as seen at the restart: it has the whole time to renew in which it would have renewed.
 */
export class LmdbCatalog extends MemoryCatalog {
  readonly #file: CatalogFile;
  readonly #saved: WriteBehind;
  readonly #options: LmdbCatalogOptions;
  /** Whether what is put comes from the file. */
  #isLoading = false;

  private constructor(file: CatalogFile, saved: WriteBehind, options: LmdbCatalogOptions) {
    super({
      ...options,
      metainfo: {
        get: (infoHash) => {
          const bytes = saved.get(METAINFO + infoHash);
          const metainfo = bytes && checkedValue(METAINFO + infoHash, bytes);
          // It is asked for only what was there.
          if (metainfo === undefined && !saved.isClosed) tellDamaged(options, METAINFO + infoHash);
          return metainfo;
        },
        set: (infoHash, metainfo) =>
          saved.set(METAINFO + infoHash, withDigest(METAINFO + infoHash, metainfo)),
        delete: (infoHash) => saved.set(METAINFO + infoHash, undefined),
      },
    });
    this.#file = file;
    this.#saved = saved;
    this.#options = options;
  }

  /**
   * Takes up the catalog of the last run. One process at a time may have it open.
   *
   * @throws {TrackerError} NO_LMDB, CANNOT_KEEP_STATE, BAD_STATE, DAMAGED_STATE
   */
  static async open(options: LmdbCatalogOptions): Promise<LmdbCatalog> {
    const file = await CatalogFile.open(options.path);
    const saved = new WriteBehind(file, options.clock, options.report);
    const catalog = new LmdbCatalog(file, saved, options);
    try {
      await catalog.#load();
      return catalog;
    } catch (thrown) {
      await file.close();
      const message = `The catalog in ${options.path} is damaged (${toError(thrown).message}); ${MOVE_IT}`;
      throw new TrackerError('DAMAGED_STATE', message, { cause: thrown });
    }
  }

  protected override async putNow(
    seeder: NewSeeder,
    torrents: readonly CatalogTorrent[],
  ): Promise<readonly Departure[]> {
    const departures = await super.putNow(seeder, torrents);
    if (this.#isLoading) return departures;
    const { id, registeredAt, ...rest } = seeder;
    const stored = { ...rest, id, torrents, registeredAt: this.#options.toWallTime(registeredAt) };
    this.#saved.set(SEEDER + id, await encodeStoredSeeder(stored, this.turns));
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
  async close(): Promise<void> {
    try {
      await this.#saved.close();
    } finally {
      await this.#file.close();
    }
  }

  #dropDamaged(key: string): void {
    tellDamaged(this.#options, key);
    this.#saved.set(key, undefined);
  }

  #forget({ id }: NewSeeder): void {
    this.#saved.set(SEEDER + id, undefined);
  }

  async #load(): Promise<void> {
    const { clock, toWallTime } = this.#options;
    const heads: Pick<StoredSeeder, 'id' | 'registeredAt'>[] = [];
    for (const { key, value } of this.#file.entries(SEEDER)) {
      const head = decodeStoredHead(value);
      if (head !== undefined && key === SEEDER + head.id)
        heads.push({ id: head.id, registeredAt: head.registeredAt });
      else this.#dropDamaged(key);
    }
    // Pages come in the order of registering.
    this.configure(NO_LIMITS);
    this.#isLoading = true;
    heads.sort((a, b) => a.registeredAt - b.registeredAt);
    for (const { id } of heads) {
      // The lists are read one by one, for all of them are larger than the catalog that they make.
      const stored = decodeStoredSeeder(this.#file.get(SEEDER + id)!)!;
      const { torrents, registeredAt, ...seeder } = stored;
      const departures = await this.put(
        { ...seeder, registeredAt: registeredAt - toWallTime(0), seenAt: clock.now() },
        torrents,
      );
      for (const departure of departures) this.#forget(departure.seeder);
    }
    for (const { key, value } of this.#file.entries(METAINFO)) {
      const metainfo = checkedValue(key, value);
      if (metainfo === undefined) this.#dropDamaged(key);
      else if (!this.countMetainfo(parseInfoHash(key.slice(METAINFO.length)), metainfo.length)) {
        this.#saved.set(key, undefined);
      }
    }
    for (const key of this.#file.keys()) {
      if (key.startsWith(UNCHECKED_METAINFO)) this.#saved.set(key, undefined);
      else if (!KNOWN_KEY.test(key)) this.#dropDamaged(key);
    }
    this.#isLoading = false;
    // A large catalog takes a while to read: the time to renew begins after that.
    this.noteAllSeen(clock.now());
    this.configure(this.#options);
    this.hasResumed = heads.length > 0;
  }
}

function tellDamaged({ path, report }: LmdbCatalogOptions, key: string): void {
  const message = `The catalog in ${path} is damaged at ${key}, which is dropped; seeders bring it again by themselves`;
  report(new TrackerError('DAMAGED_STATE', message), 'read the catalog');
}
