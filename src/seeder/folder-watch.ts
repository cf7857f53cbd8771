import { dirname, relative, sep } from 'node:path';
import { type Clock, inBackground, type ReportError, toError, toHex } from '../util/index.ts';
import type { FolderSource, Offer } from './offer.ts';
import { RepeatedWork } from './repeated-work.ts';
import { LONGEST_WAIT_MS, RETRY_MS, SETTLE_MS } from './return-watch.ts';
import { SeederError, withReasons } from './seeder-error.ts';
import type { SourceSight } from './source-sight.ts';

/** The milliseconds between two looks at a folder. After an event there is one soon. */
export const FOLDER_INTERVAL_MS = 5000;
/** The milliseconds between two looks while a folder has changed and has not settled. */
const UNSETTLED_INTERVAL_MS = 1000;
/** The milliseconds between an event and the look that it causes, so that many events make one look. */
const EVENT_DELAY_MS = 300;
/** The milliseconds of changes after which is told that a folder does not settle. */
export const RESTLESS_MS = 120_000;

/** The options of a {@link FolderWatch}. */
export interface FolderWatchOptions {
  readonly clock: Clock;
  readonly report: ReportError;
  readonly source: FolderSource;
  /** The offer that was made at the start, if one could be made. */
  readonly offer: Offer | undefined;
  /** The message of the error at the start, which was reported already. */
  readonly told?: string | undefined;
  readonly look: () => Promise<SourceSight | undefined>;
  readonly make: () => Promise<Offer>;
  /** Called with a new version of the folder. */
  readonly onVersion: (offer: Offer) => void;
}

/**
 * A watch over a folder that is offered as one. When something in it was added, changed or removed, and nothing has changed
 * for a while after that, all of it is hashed and offered as a new version: one version, however many changes.
 */
export class FolderWatch {
  readonly #options: FolderWatchOptions;
  readonly #work: RepeatedWork;
  #folders: ReadonlySet<string> = new Set();
  /** The state of the folder that is offered; `undefined` when none is. */
  #offered: string | undefined;
  /** The state at the last look; `undefined` while it cannot be looked at. */
  #state: string | undefined;
  #since = 0;
  /** The time since which the folder has changed and no new version was made. */
  #restlessSince: number | undefined;
  #failures = 0;
  #retryAt = 0;
  #told: string | undefined;
  #isMaking = false;
  #isClosed = false;

  constructor(options: FolderWatchOptions) {
    const { clock, report, source, told, offer } = options;
    this.#options = options;
    this.#offered = offer?.state;
    this.#told = told;
    this.#work = new RepeatedWork({
      clock,
      pauseMs: FOLDER_INTERVAL_MS,
      work: () => this.#look(),
      context: `look at ${source.path}`,
      report,
    });
    this.#work.hurry(0);
  }

  /** The folder, and the folders in it that have files. */
  get folders(): Iterable<string> {
    return this.#folders;
  }

  /** Looks soon, because of an event. */
  hurry(): void {
    this.#work.hurry(EVENT_DELAY_MS);
  }

  /** Takes note that the offered version was withdrawn, so that the folder is offered again even in the same state. */
  withdrawn(): void {
    this.#offered = undefined;
    this.hurry();
  }

  close(): void {
    this.#isClosed = true;
    this.#work.close();
  }

  async #look(): Promise<void> {
    const { clock, look } = this.#options;
    if (this.#isMaking) return;
    const sight = await look();
    const state = sight && toHex(sight.state);
    if (sight !== undefined) this.#folders = foldersOf(sight);
    const now = clock.now();
    if (state !== this.#state) {
      this.#state = state;
      this.#since = now;
      this.#failures = 0;
      this.#retryAt = now;
    }
    if (state === undefined || state === this.#offered) {
      this.#restlessSince = undefined;
      return;
    }
    this.#restlessSince ??= now;
    if (now < this.#since + SETTLE_MS || now < this.#retryAt) {
      this.#tellRestless(now);
      this.#work.hurry(UNSETTLED_INTERVAL_MS);
      return;
    }
    // The time of hashing does not count as that of looking, after which there is a pause.
    this.#isMaking = true;
    inBackground(this.#make(), `offer ${this.#options.source.path}`, this.#options.report);
  }

  async #make(): Promise<void> {
    const { make, onVersion, clock, report, source } = this.#options;
    try {
      const offer = await make();
      if (this.#isClosed) return;
      this.#offered = offer.state;
      this.#restlessSince = undefined;
      this.#told = undefined;
      onVersion(offer);
    } catch (thrown) {
      if (this.#isClosed) return;
      this.#failures += 1;
      this.#retryAt = clock.now() + Math.min(LONGEST_WAIT_MS, RETRY_MS * 2 ** (this.#failures - 1));
      const error = withReasons(toError(thrown));
      if (error.message !== this.#told) report(error, `offer ${source.path}`);
      this.#told = error.message;
    } finally {
      this.#isMaking = false;
    }
    // Something may have changed while the files were hashed.
    this.#work.hurry(EVENT_DELAY_MS);
  }

  #tellRestless(now: number): void {
    const { report, source } = this.#options;
    if (now < this.#restlessSince! + RESTLESS_MS) return;
    const message = `${source.path} changes all the time: a new version is offered once nothing in it has changed for ${SETTLE_MS / 1000} seconds`;
    if (message === this.#told) return;
    this.#told = message;
    report(new SeederError('CHANGED', message, { path: source.path }), `offer ${source.path}`);
  }
}

/** Finds the folder that was seen, and all folders below it in which something was found. */
function foldersOf({ path, places }: SourceSight): ReadonlySet<string> {
  const folders = new Set([path]);
  for (const place of places) {
    for (let at = dirname(place.path); !folders.has(at) && isBelow(path, at); at = dirname(at))
      folders.add(at);
  }
  return folders;
}

function isBelow(root: string, path: string): boolean {
  const between = relative(root, path);
  return between !== '' && between !== '..' && !between.startsWith(`..${sep}`);
}
