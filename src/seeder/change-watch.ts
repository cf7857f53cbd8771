import { basename, dirname, join } from 'node:path';
import { type Clock, inBackground, type ReportError } from '../util/index.ts';
import type { Offer, OfferedFile } from './offer.ts';
import { compareFile, hasChanged, type SeeFile, seeFile } from './offered-files.ts';
import { RepeatedWork } from './repeated-work.ts';
import { explainFailure, SeederError } from './seeder-error.ts';

/** The milliseconds between two rounds over the offered files. */
export const LOOK_INTERVAL_MS = 1000;
/** The most files that one round looks at. The next round goes on from there. */
export const MAX_LOOKS = 300;
/** The most files that one round looks at while it finds changed ones: a disk or a whole folder may be gone. */
export const MAX_LOOKS_AFTER_CHANGE = 2000;

/** The milliseconds between an event of a file and the look at it, so that many events make one round. */
const EVENT_DELAY_MS = 50;

/** The pause after files were read again, in times that it took. */
const REST_SHARE = 9;

/** An offer that may not be served any more, with the reason. */
export interface ChangedOffer {
  readonly offer: Offer;
  readonly reason: SeederError;
}

/** The options of a {@link ChangeWatch}. */
export interface ChangeWatchOptions {
  readonly clock: Clock;
  readonly report: ReportError;
  /** Called with the changed offers of one round, at least one. They are not watched any more. */
  readonly onChanged: (changed: readonly ChangedOffer[]) => void;
  /**
   * Reads files of an offer whose inodes have changed, although they were not written to as far as their times tell.
   *
   * @returns the files that are not what was hashed
   */
  readonly findDifferent: (offer: Offer, files: readonly OfferedFile[]) => Promise<readonly OfferedFile[]>;
  readonly look?: SeeFile;
}

/** A file of an offer. */
type WatchedFile = readonly [Offer, OfferedFile];

/**
 * A watch over the offered files. It looks at some of them each second, at those first of which an event has told, and tells
 * when one is no longer what was hashed. Besides, every read for a peer is checked.
 *
 * Programs can set the time of a file's last write back, but not that of the last change of its inode. When only that one has
 * changed, the file is read again. It is served on meanwhile, because `chmod` and a new hard link have the same effect.
 */
export class ChangeWatch {
  readonly #options: ChangeWatchOptions;
  readonly #offers = new Set<Offer>();
  /** The files by their folders and paths. */
  readonly #folders = new Map<string, Map<string, WatchedFile[]>>();
  /** The paths of files and folders of which events have told. */
  readonly #told = new Set<string>();
  readonly #work: RepeatedWork;
  /** The times of the last change of the inodes of files that are known to be what was hashed. */
  readonly #changeTimes = new WeakMap<OfferedFile, bigint>();
  /** The files that are to be read, or are being read, with those times, by their offers. */
  readonly #touched = new Map<Offer, Map<OfferedFile, bigint>>();
  #isReading = false;
  /** The times before which offers are not read once more, because some disks tell another time at each look. */
  readonly #restUntil = new WeakMap<Offer, number>();
  #files = this.#allFiles();
  #looks = MAX_LOOKS;

  constructor(options: ChangeWatchOptions) {
    this.#options = options;
    this.#work = new RepeatedWork({
      clock: options.clock,
      pauseMs: LOOK_INTERVAL_MS,
      work: () => this.#lookAtSome(),
      context: 'look at the files that are offered',
      report: options.report,
    });
  }

  add(offer: Offer): void {
    this.#offers.add(offer);
    for (const file of offer.files) {
      const folder = dirname(file.path);
      const files = this.#folders.get(folder) ?? new Map<string, WatchedFile[]>();
      this.#folders.set(folder, files);
      files.set(file.path, [...(files.get(file.path) ?? []), [offer, file]]);
    }
  }

  remove(offer: Offer): void {
    this.#offers.delete(offer);
    this.#touched.delete(offer);
    for (const { path } of offer.files) {
      const files = this.#folders.get(dirname(path));
      const others = files?.get(path)?.filter(([other]) => other !== offer) ?? [];
      if (others.length > 0) files!.set(path, others);
      else files?.delete(path);
      if (files?.size === 0) this.#folders.delete(dirname(path));
    }
  }

  /** The folders that have offered files. */
  get folders(): Iterable<string> {
    return this.#folders.keys();
  }

  hasFilesIn(folder: string): boolean {
    return this.#folders.has(folder);
  }

  /** Looks soon at what has changed in a folder, as an event tells. @param name the name of a file, or of a folder */
  tell(folder: string, name: string): void {
    // A folder that is moved or removed tells so under its own name.
    this.#told.add(this.#folders.has(folder) && name === basename(folder) ? folder : join(folder, name));
    this.#work.hurry(EVENT_DELAY_MS);
  }

  close(): void {
    this.#offers.clear();
    this.#folders.clear();
    this.#told.clear();
    this.#touched.clear();
    this.#work.close();
  }

  async #lookAtSome(): Promise<void> {
    const { look = seeFile, onChanged } = this.#options;
    const changed: ChangedOffer[] = [];
    const files = this.#takeTold();
    for (let looks = files.length; looks < this.#looks; looks += 1) {
      const { done, value } = this.#files.next();
      if (done) {
        this.#files = this.#allFiles();
        break;
      }
      files.push(value);
    }
    for (const [offer, file] of files) {
      if (!this.#offers.has(offer)) continue;
      const found = await compareFile(file, look);
      if (found === undefined || !this.#offers.has(offer)) continue;
      if (found instanceof SeederError) {
        this.remove(offer);
        changed.push({ offer, reason: found });
      } else this.#compareTimes(offer, file, found.changedNs);
    }
    this.#readTouched();
    this.#looks = changed.length > 0 ? MAX_LOOKS_AFTER_CHANGE : MAX_LOOKS;
    if (changed.length > 0) onChanged(changed);
  }

  #compareTimes(offer: Offer, file: OfferedFile, changedNs: bigint): void {
    const before = this.#changeTimes.get(file) ?? file.changedNs ?? changedNs;
    this.#changeTimes.set(file, before);
    if (before === changedNs) return;
    const touched = this.#touched.get(offer) ?? new Map<OfferedFile, bigint>();
    this.#touched.set(offer, touched.set(file, changedNs));
  }

  /** Reads the files whose inodes have changed, one offer after the other. */
  #readTouched(): void {
    const { clock, report } = this.#options;
    const now = clock.now();
    const next = [...this.#touched].find(([offer]) => (this.#restUntil.get(offer) ?? now) <= now);
    if (this.#isReading || next === undefined) return;
    const [offer, files] = next;
    this.#isReading = true;
    const reading = this.#read(offer, files).finally(() => {
      const endedAt = clock.now();
      this.#restUntil.set(offer, endedAt + REST_SHARE * (endedAt - now));
      this.#isReading = false;
      this.#readTouched();
    });
    inBackground(reading, `read ${offer.path} again`, report);
  }

  async #read(offer: Offer, files: ReadonlyMap<OfferedFile, bigint>): Promise<void> {
    this.#touched.delete(offer);
    const reason = await this.#whyDifferent(offer, [...files.keys()]);
    if (!this.#offers.has(offer)) return;
    // A change while a file was read has a later time, so that the file is read once more.
    for (const [file, changedNs] of files) this.#changeTimes.set(file, changedNs);
    if (reason === undefined) return;
    this.remove(offer);
    this.#options.onChanged([{ offer, reason }]);
  }

  async #whyDifferent(offer: Offer, files: readonly OfferedFile[]): Promise<SeederError | undefined> {
    try {
      const [different] = await this.#options.findDifferent(offer, files);
      return different && hasChanged(different.path);
    } catch (thrown) {
      const reason = explainFailure(thrown, offer.path);
      if (reason === undefined && this.#offers.has(offer)) throw thrown;
      return reason;
    }
  }

  /** Takes the files of which events have told: those of these paths, and one of each folder at or below one of the paths. */
  #takeTold(): WatchedFile[] {
    const told = [...this.#told].slice(0, MAX_LOOKS_AFTER_CHANGE);
    for (const path of told) this.#told.delete(path);
    if (this.#told.size > 0) this.#work.hurry(EVENT_DELAY_MS);
    const paths = new Set(told);
    const files = told.flatMap((path) => this.#folders.get(dirname(path))?.get(path) ?? []);
    if (files.length === told.length) return files;
    for (const [folder, inside] of this.#folders) {
      const [first] = inside.values();
      if (first !== undefined && isAtOrBelow(folder, paths)) files.push(...first);
    }
    return files;
  }

  *#allFiles(): Generator<WatchedFile, undefined> {
    for (const offer of this.#offers) {
      for (const file of offer.files) {
        if (!this.#offers.has(offer)) break;
        yield [offer, file];
      }
    }
    return undefined;
  }
}

/** Tells whether a folder, or one above it, is among the paths. */
function isAtOrBelow(folder: string, paths: ReadonlySet<string>): boolean {
  for (let at = folder; ; at = dirname(at)) {
    if (paths.has(at)) return true;
    if (dirname(at) === at) return false;
  }
}
