import { dirname } from 'node:path';
import type { Clock, ReportError } from '../util/index.ts';
import type { FoundSources } from './find-sources.ts';
import type { OfferSource } from './offer.ts';
import { RepeatedWork } from './repeated-work.ts';
import type { SeederError } from './seeder-error.ts';

/** The milliseconds between two searches of the folders. After an event there is one soon. */
export const SEARCH_INTERVAL_MS = 5000;
/** The milliseconds between an event and the search that it causes, so that many events make one search. */
const EVENT_DELAY_MS = 300;

/** A source that was found, and is not offered yet. */
export interface FoundSource {
  readonly source: OfferSource;
  readonly path: string;
  /** The reason why it cannot be looked at now. */
  readonly reason?: SeederError;
}

/** The options of a {@link FileFinder}. */
export interface FileFinderOptions {
  readonly clock: Clock;
  readonly report: ReportError;
  /** Searches the folders. */
  readonly find: () => Promise<FoundSources>;
  /** Tells the paths of the files that are offered or awaited. */
  readonly known: () => ReadonlySet<string>;
  /** Called after each search, with the new files, and the paths of all. */
  readonly onFound: (found: readonly FoundSource[], paths: ReadonlySet<string>) => void;
}

/** A search for new files in folders whose files are offered one by one. It is repeated, and made soon after an event. */
export class FileFinder {
  readonly #options: FileFinderOptions;
  readonly #work: RepeatedWork;
  #folders: ReadonlySet<string> = new Set();

  constructor(options: FileFinderOptions) {
    const { clock, report } = options;
    this.#options = options;
    this.#work = new RepeatedWork({
      clock,
      pauseMs: SEARCH_INTERVAL_MS,
      work: () => this.#search(),
      context: 'look for new files',
      report,
    });
  }

  /** The folders in which files were found. */
  get folders(): Iterable<string> {
    return this.#folders;
  }

  /** Searches soon, because of an event. */
  hurry(): void {
    this.#work.hurry(EVENT_DELAY_MS);
  }

  close(): void {
    this.#work.close();
  }

  async #search(): Promise<void> {
    const { find, known, onFound } = this.#options;
    const { candidates, unseen } = await find();
    const found: FoundSource[] = [
      ...candidates.map(({ source, path }) => ({ source, path: path! })),
      ...unseen.map(({ source, reason }) => ({ source, path: reason.path!, reason })),
    ];
    const paths = new Set(found.map(({ path }) => path));
    this.#folders = new Set(Array.from(paths, dirname));
    const before = known();
    onFound(
      found.filter(({ path }) => !before.has(path)),
      paths,
    );
  }
}
