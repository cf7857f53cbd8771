import type { FolderReader } from '../hashing/index.ts';
import { type Clock, inBackground, type ReportError, toError } from '../util/index.ts';
import type { AwaitedSource, Offer, OfferSource } from './offer.ts';
import { type OfferPlace, offerPlacesOf } from './offer-places-of.ts';
import { type LookAtFile, lookAtFile, stateOf } from './offered-files.ts';
import { RepeatedWork } from './repeated-work.ts';
import { SeederError, withReasons } from './seeder-error.ts';

/** The milliseconds between two rounds over the awaited files. */
export const RETURN_INTERVAL_MS = 1000;
/** The number of files that one round looks at, with all files of the last offer. The next round goes on from there. */
export const MAX_RETURN_LOOKS = 1000;
/** The number of offers whose files are looked at at once. */
const LOOKS_AT_ONCE = 32;
/** The most offers whose files are hashed at once. */
const OFFERS_AT_ONCE = 4;
/** The milliseconds for which files must not change before they are hashed. They double each time the files change again. */
export const SETTLE_MS = 4000;
/** The milliseconds until files that could not be read are tried again. They double after each failure. */
export const RETRY_MS = 4000;
/** The most milliseconds of both waits. */
export const LONGEST_WAIT_MS = 300_000;

/** The options of a {@link ReturnWatch}. */
export interface ReturnWatchOptions {
  readonly clock: Clock;
  readonly report: ReportError;
  readonly pool: FolderReader;
  /** Hashes the files of a source. */
  readonly remake: (source: OfferSource) => Promise<Offer>;
  /** Called with an offer whose files are there again. */
  readonly onReturned: (offer: Offer) => void;
  readonly look?: LookAtFile;
}

/** The awaited files of one offer. */
interface Awaited {
  readonly source: OfferSource;
  readonly path: string;
  readonly places: () => Promise<readonly OfferPlace[]>;
  /** The milliseconds for which they must not change. */
  readonly settleMs: number;
  /** Their state at the last look; `undefined` while one is missing or cannot be read. */
  state: string | undefined;
  /** The time at which they were first seen in that state. */
  since: number;
  isHashing: boolean;
  failures: number;
  retryAt: number;
  /** The message of the last failure that was reported. */
  told: string | undefined;
  /** The state in which they were found not to be the torrent's files. */
  mismatch: string | undefined;
}

/**
 * A watch for files that were withdrawn, or could not be offered at the start. Once they can be read and have not changed for
 * a while, they are hashed and offered, a few at a time. After a failure this is tried again, less and less often.
 */
export class ReturnWatch {
  readonly #options: ReturnWatchOptions;
  readonly #awaited = new Set<Awaited>();
  readonly #withdrawals = new WeakMap<OfferSource, number>();
  readonly #work: RepeatedWork;
  #round: Iterator<Awaited, undefined> = this.#awaited.values();
  /** The offers whose files have settled, which wait to be hashed. */
  readonly #settled = new Set<Awaited>();
  #hashing = 0;
  #isClosed = false;

  constructor(options: ReturnWatchOptions) {
    this.#options = options;
    this.#work = new RepeatedWork({
      clock: options.clock,
      pauseMs: RETURN_INTERVAL_MS,
      work: () => this.#lookAtSome(),
      context: 'look for files that are to be offered again',
      report: options.report,
    });
  }

  /** Waits for the files of an offer that was withdrawn. */
  add(offer: Offer): void {
    const withdrawals = (this.#withdrawals.get(offer.source) ?? 0) + 1;
    this.#withdrawals.set(offer.source, withdrawals);
    const { source, path, files } = offer;
    this.#await({ source, path, places: async () => files, settleMs: doubled(SETTLE_MS, withdrawals) });
  }

  /** Waits for files that could not be offered at the start. That failure was reported already. */
  addNew({ source, path, state, reason }: AwaitedSource): void {
    this.#await({
      source,
      path,
      places: offerPlacesOf(source, this.#options.pool),
      settleMs: SETTLE_MS,
      told: reason.message,
      mismatch: reason.code === 'MISMATCH' ? state : undefined,
    });
  }

  /** Waits until files that were found while the seeder runs have settled. @param reason why they cannot be looked at now */
  addFound({
    source,
    path,
    reason,
  }: Omit<AwaitedSource, 'state' | 'reason'> & {
    readonly reason?: Error | undefined;
  }): void {
    this.#await({
      source,
      path,
      places: offerPlacesOf(source, this.#options.pool),
      settleMs: SETTLE_MS,
      told: reason?.message,
    });
  }

  #await(
    what: Pick<Awaited, 'source' | 'path' | 'places' | 'settleMs'> &
      Partial<Pick<Awaited, 'told' | 'mismatch'>>,
  ): void {
    const now = this.#options.clock.now();
    this.#awaited.add({
      state: undefined,
      since: now,
      isHashing: false,
      failures: 0,
      retryAt: now,
      told: undefined,
      mismatch: undefined,
      ...what,
    });
  }

  /** The paths of the awaited offers. */
  get paths(): ReadonlySet<string> {
    return new Set(Array.from(this.#awaited, ({ path }) => path));
  }

  /** Waits no longer for the offers that do not fulfil a condition. */
  keepOnly(isWanted: (source: OfferSource, path: string) => boolean): void {
    for (const awaited of this.#awaited) {
      if (isWanted(awaited.source, awaited.path)) continue;
      this.#awaited.delete(awaited);
      this.#settled.delete(awaited);
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#settled.clear();
    this.#awaited.clear();
    this.#work.close();
  }

  async #lookAtSome(): Promise<void> {
    let looks = 0;
    let isRoundOver = false;
    const lookOn = async () => {
      while (!isRoundOver && looks < MAX_RETURN_LOOKS) {
        const { done, value: awaited } = this.#round.next();
        if (done) isRoundOver = true;
        else looks += await this.#lookAt(awaited);
      }
    };
    await Promise.all(Array.from({ length: LOOKS_AT_ONCE }, lookOn));
    if (isRoundOver) this.#round = this.#awaited.values();
  }

  /** Looks at the files of one offer. @returns the number of files, at most */
  async #lookAt(awaited: Awaited): Promise<number> {
    const { clock, look = lookAtFile } = this.#options;
    const files = await awaited.places();
    const state = await stateOf(files, look);
    const now = clock.now();
    if (state !== awaited.state) Object.assign(awaited, { state, since: now, failures: 0, retryAt: now });
    const isSettled = state !== undefined && now >= awaited.since + awaited.settleMs;
    if (isSettled && now >= awaited.retryAt && state !== awaited.mismatch) this.#settled.add(awaited);
    else this.#settled.delete(awaited);
    this.#hashSettled();
    return files.length;
  }

  /** Hashes the files of the offers that have settled, {@link OFFERS_AT_ONCE} at a time. */
  #hashSettled(): void {
    for (const awaited of this.#settled) {
      if (this.#hashing >= OFFERS_AT_ONCE) return;
      this.#settled.delete(awaited);
      if (awaited.isHashing) continue;
      awaited.isHashing = true;
      this.#hashing += 1;
      const hashed = this.#remake(awaited).finally(() => {
        awaited.isHashing = false;
        this.#hashing -= 1;
        this.#hashSettled();
      });
      inBackground(hashed, `offer ${awaited.path}`, this.#options.report);
    }
  }

  async #remake(awaited: Awaited): Promise<void> {
    const { remake, onReturned, clock, report } = this.#options;
    const { source, path, state } = awaited;
    try {
      const again = await remake(source);
      if (this.#isClosed || !this.#awaited.delete(awaited)) return;
      onReturned(again);
    } catch (thrown) {
      if (this.#isClosed) return;
      awaited.failures += 1;
      awaited.retryAt = clock.now() + doubled(RETRY_MS, awaited.failures);
      if (thrown instanceof SeederError && thrown.code === 'MISMATCH') awaited.mismatch = state;
      const error = withReasons(toError(thrown));
      if (error.message === awaited.told) return;
      awaited.told = error.message;
      report(error, `offer ${path}`);
    }
  }
}

/** Doubles a wait with each time, up to {@link LONGEST_WAIT_MS}. @param times counted from 1 */
function doubled(ms: number, times: number): number {
  return Math.min(LONGEST_WAIT_MS, ms * 2 ** (times - 1));
}
