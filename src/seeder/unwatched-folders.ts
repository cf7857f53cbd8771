import { type FolderReader, listFiles } from '../hashing/index.ts';
import type { Clock, ReportError } from '../util/index.ts';
import { firstOf } from './first-of.ts';
import { folderDifferences } from './folder-differences.ts';
import type { Offer } from './offer.ts';
import { RepeatedWork } from './repeated-work.ts';
import { SeederError } from './seeder-error.ts';

/** The milliseconds between two looks at the folders. After an event there is one soon. */
export const UNWATCHED_INTERVAL_MS = 60_000;
/** The milliseconds between an event and the look that it causes, so that many events make one look. */
const EVENT_DELAY_MS = 4000;

/** The options of {@link UnwatchedFolders}. */
export interface UnwatchedFoldersOptions {
  readonly clock: Clock;
  readonly report: ReportError;
  readonly pool: FolderReader;
}

/**
 * A watch over folders that are offered as one without `watch`. When something was added, removed or changed in one, it tells so
 * once. The folder is offered as it was, because its id was given away and all that the id covers is still there.
 */
export class UnwatchedFolders {
  readonly #options: UnwatchedFoldersOptions;
  /** The offers with the differences that were told last. */
  readonly #offers = new Map<Offer, string>();
  readonly #work: RepeatedWork;

  constructor(options: UnwatchedFoldersOptions) {
    const { clock, report } = options;
    this.#options = options;
    this.#work = new RepeatedWork({
      clock,
      pauseMs: UNWATCHED_INTERVAL_MS,
      work: () => this.#look(),
      context: 'look at the folders that are offered as one',
      report,
    });
  }

  /** Looks at a folder from now on. Does nothing for another offer. */
  add(offer: Offer): void {
    if (offer.source.kind === 'folder') this.#offers.set(offer, '');
  }

  remove(offer: Offer): void {
    this.#offers.delete(offer);
  }

  /** Looks soon, because of an event. */
  hurry(): void {
    if (this.#offers.size > 0) this.#work.hurry(EVENT_DELAY_MS);
  }

  close(): void {
    this.#offers.clear();
    this.#work.close();
  }

  async #look(): Promise<void> {
    for (const offer of [...this.#offers.keys()]) {
      const { source, skipped = [] } = offer;
      if (source.kind !== 'folder' || offer.metainfo.isSingleFile) continue;
      // A folder that cannot be listed has files that cannot be read, of which another watch tells.
      const { path, hidden, follow } = source;
      const listing = await listFiles(this.#options.pool, path, { hidden, follow }).catch(() => undefined);
      if (listing === undefined) continue;
      const leftOut = new Set(skipped.map((failure) => failure.path));
      this.#tell(
        offer,
        folderDifferences(offer.metainfo, listing, (one) => leftOut.has(one)),
      );
    }
  }

  #tell(offer: Offer, differences: readonly string[]): void {
    const { path, contentId } = offer;
    const before = this.#offers.get(offer);
    const found = firstOf(differences);
    if (before === undefined || before === found) return;
    this.#offers.set(offer, found);
    // One warning is enough, until the folder is again what is offered.
    if (differences.length === 0 || before !== '') return;
    const id = contentId === undefined ? '' : `, with the id ${contentId}`;
    const message = `${path} is offered as it was at the start${id}, although it has changed: ${found}. Start anew to offer it as it is now, or start with --watch to offer each new version`;
    this.#options.report(new SeederError('CHANGED', message, { path }), `offer ${path} as it is now`);
  }
}
