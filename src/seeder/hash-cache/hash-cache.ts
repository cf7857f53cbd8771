import { type CancelTimer, type Clock, inBackground, toError, toHex } from '../../util/index.ts';
import { type CacheEntry, decodeSegment, encodeSegment, entryBytes } from './segment.ts';
import {
  measureSegments,
  readSegments,
  removeSegments,
  type SegmentFile,
  writeSegment,
} from './segment-files.ts';

/** The number of segments from which on they are merged into one. */
const MERGED_FROM = 16;
/** The part of the room that stays taken when the oldest entries are left out, so that this is not done each time. */
const SHARE_KEPT = 0.75;
/** The milliseconds for which new entries wait for others, before they are written together. */
const WRITE_AFTER_MS = 10_000;
/** The milliseconds after which an entry that is used is written again, so that it does not count as old. */
const REFRESH_AFTER_MS = 24 * 3_600_000;
/** The milliseconds without use after which the entries are no longer held in memory. */
const HELD_FOR_MS = 30_000;

/** The result of hashing: the torrent that was made, and the SHA-256 of a file or the content id of a folder. */
export type CachedHashes = Pick<CacheEntry, 'torrent' | 'id'>;

/** The options of a {@link HashCache}. */
export interface HashCacheOptions {
  readonly folder: string;
  /** The most bytes on disk, and in memory while the cache is used. */
  readonly maxBytes: number;
  readonly clock: Clock;
  /** Called once, with the error of a folder that cannot be read or written. The cache is not used any more then. */
  readonly onFailed: (error: Error) => void;
  /** Called with a sentence about files in the folder that are damaged, or not from a seeder. */
  readonly onDebug: (message: string) => void;
  /** Tells the time in milliseconds since 1970. */
  readonly now?: () => number;
}

/**
 * A cache of what was hashed, in a folder that several seeders may share. Each write makes a new file, a segment, in one
 * step. Segments are never changed, and are removed only when all of their entries stand in another one, so that two seeders
 * lose nothing to each other, and a seeder that is killed leaves whole files.
 */
export class HashCache {
  readonly #options: HashCacheOptions;
  readonly #fresh = new Map<string, CacheEntry>();
  #freshBytes = 0;
  #index: Promise<ReadonlyMap<string, CacheEntry>> | undefined;
  #cancelDrop: CancelTimer = () => {};
  #cancelWrite: CancelTimer | undefined;
  #hasFailed = false;
  /** The last write. Writes follow one another. */
  #writing: Promise<void> = Promise.resolve();

  constructor(options: HashCacheOptions) {
    this.#options = options;
  }

  /** Finds what was hashed. @param state the state in which the files are now; an entry for another state does not count */
  async find(key: Uint8Array, state: Uint8Array): Promise<CachedHashes | undefined> {
    const name = toHex(key);
    const entry = this.#fresh.get(name) ?? (await this.#entries()).get(name);
    if (entry === undefined || !Buffer.from(state).equals(entry.state)) return undefined;
    if (this.#ageOf(entry) > REFRESH_AFTER_MS) this.#add({ ...entry, usedAt: this.#now() });
    return entry;
  }

  /** Keeps what was hashed. It is written a little later, with others. */
  keep(key: Uint8Array, state: Uint8Array, { torrent, id }: CachedHashes): void {
    this.#add({ key, state, usedAt: this.#now(), torrent, id });
  }

  /** Writes the new entries. It never rejects, because the seeder works without the cache as well. */
  flush(): Promise<void> {
    this.#cancelWrite?.();
    this.#cancelWrite = undefined;
    this.#writing = this.#writing.then(async () => {
      try {
        if (!this.#hasFailed && this.#fresh.size > 0) await this.#writeFresh();
      } catch (thrown) {
        this.#fail(toError(thrown));
      }
    });
    return this.#writing;
  }

  /** Writes the new entries, and holds none in memory any more. */
  async close(): Promise<void> {
    await this.flush();
    this.#drop();
  }

  /** Tells how long ago an entry was used. A time in the future is wrong, and counts as very old. */
  #ageOf({ usedAt }: CacheEntry): number {
    const age = this.#now() - usedAt;
    return age >= 0 ? age : Number.POSITIVE_INFINITY;
  }

  #now(): number {
    return (this.#options.now ?? Date.now)();
  }

  #add(entry: CacheEntry): void {
    if (this.#hasFailed || entryBytes(entry) > this.#options.maxBytes * SHARE_KEPT) return;
    this.#fresh.set(toHex(entry.key), entry);
    this.#freshBytes += entryBytes(entry);
    this.#cancelWrite ??= this.#options.clock.setTimer(WRITE_AFTER_MS, () =>
      inBackground(this.flush(), 'write the hash cache', (error) => this.#fail(error)),
    );
  }

  #entries(): Promise<ReadonlyMap<string, CacheEntry>> {
    this.#cancelDrop();
    this.#cancelDrop = this.#options.clock.setTimer(HELD_FOR_MS, () => this.#drop());
    this.#index ??= this.#read().then(
      ({ entries }) => entries,
      (thrown: unknown) => {
        this.#fail(toError(thrown));
        return new Map();
      },
    );
    return this.#index;
  }

  #drop(): void {
    this.#cancelDrop();
    this.#index = undefined;
  }

  async #read(): Promise<{ readonly segments: SegmentFile[]; readonly entries: Map<string, CacheEntry> }> {
    const { folder, maxBytes, onDebug } = this.#options;
    const segments = this.#hasFailed ? [] : await readSegments(folder, maxBytes);
    const entries = new Map<string, CacheEntry>();
    for (const { path, bytes } of segments) {
      if (bytes === undefined) {
        onDebug(
          `The file ${path} of the hash cache is not used: it is too large, or not a file of this user`,
        );
        continue;
      }
      let damaged = 0;
      const found = decodeSegment(bytes, () => {
        damaged += 1;
      });
      for (const entry of found) {
        const name = toHex(entry.key);
        const other = entries.get(name);
        if (other === undefined || this.#ageOf(entry) < this.#ageOf(other)) entries.set(name, entry);
      }
      if (damaged > 0) onDebug(`Entries of the hash cache are left out: ${damaged} in ${path} are damaged`);
    }
    return { segments, entries };
  }

  async #writeFresh(): Promise<void> {
    const { folder, maxBytes } = this.#options;
    const fresh = new Map(this.#fresh);
    const { count, bytes } = await measureSegments(folder);
    if (count + 1 >= MERGED_FROM || bytes + this.#freshBytes > maxBytes) await this.#merge(fresh);
    else await writeSegment(folder, encodeSegment([...fresh.values()]));
    for (const [name, entry] of fresh) {
      if (this.#fresh.get(name) === entry) this.#fresh.delete(name);
    }
    this.#freshBytes = [...this.#fresh.values()].reduce((sum, entry) => sum + entryBytes(entry), 0);
    // The entries in memory are no longer those on disk.
    this.#drop();
  }

  /** Writes all entries as one segment. If there are too many, those are left out that were not used for the longest time. */
  async #merge(fresh: ReadonlyMap<string, CacheEntry>): Promise<void> {
    const { folder, maxBytes } = this.#options;
    const { segments, entries } = await this.#read();
    const all = [...new Map([...entries, ...fresh]).values()].sort((a, b) => this.#ageOf(a) - this.#ageOf(b));
    const size = all.reduce((sum, entry) => sum + entryBytes(entry), 0);
    let room = size > maxBytes ? maxBytes * SHARE_KEPT : size;
    const kept = all.filter((entry) => {
      room -= entryBytes(entry);
      return room >= 0;
    });
    await writeSegment(folder, encodeSegment(kept));
    await removeSegments(
      folder,
      segments.map(({ path }) => path),
    );
  }

  #fail(error: Error): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#fresh.clear();
    this.#freshBytes = 0;
    this.#options.onFailed(error);
  }
}
