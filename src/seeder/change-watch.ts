import type { Clock, ReportError } from '../util/index.ts';
import type { Offer, OfferedFile } from './offer.ts';
import { faultOf, type LookAtFile, lookAtFile } from './offered-files.ts';
import { RepeatedWork } from './repeated-work.ts';
import type { SeederError } from './seeder-error.ts';

/** The milliseconds between two rounds over the offered files. */
export const LOOK_INTERVAL_MS = 1000;
/** The most files that one round looks at. The next round goes on from there. */
export const MAX_LOOKS = 100;
/** The most files that one round looks at while it finds changed ones: a disk or a whole folder may be gone. */
export const MAX_LOOKS_AFTER_CHANGE = 2000;

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
  readonly look?: LookAtFile;
}

/**
 * A watch over the offered files. It looks at some of them each second, and tells when one is no longer what was hashed.
 * Besides, every read for a peer is checked.
 */
export class ChangeWatch {
  readonly #options: ChangeWatchOptions;
  readonly #offers = new Set<Offer>();
  readonly #work: RepeatedWork;
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
  }

  remove(offer: Offer): void {
    this.#offers.delete(offer);
  }

  close(): void {
    this.#offers.clear();
    this.#work.close();
  }

  async #lookAtSome(): Promise<void> {
    const { look = lookAtFile, onChanged } = this.#options;
    const changed: ChangedOffer[] = [];
    for (let looks = 0; looks < this.#looks; looks += 1) {
      const { done, value } = this.#files.next();
      if (done) {
        this.#files = this.#allFiles();
        break;
      }
      const [offer, file] = value;
      const reason = await faultOf(file, look);
      if (reason !== undefined && this.#offers.delete(offer)) changed.push({ offer, reason });
    }
    this.#looks = changed.length > 0 ? MAX_LOOKS_AFTER_CHANGE : MAX_LOOKS;
    if (changed.length > 0) onChanged(changed);
  }

  *#allFiles(): Generator<[Offer, OfferedFile], undefined> {
    for (const offer of this.#offers) {
      for (const file of offer.files) {
        if (!this.#offers.has(offer)) break;
        yield [offer, file];
      }
    }
    return undefined;
  }
}
