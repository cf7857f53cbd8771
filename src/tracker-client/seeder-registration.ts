import {
  MAX_REGISTERED_METAINFO_BYTES,
  type Registration,
  type RegistrationResponse,
} from '../tracker-protocol/index.ts';
import {
  type CancelTimer,
  type Clock,
  handleOrReport,
  inBackground,
  parseInfoHash,
  type Random,
  type ReportError,
  toError,
  withoutSecrets,
} from '../util/index.ts';
import { backOff } from './back-off.ts';
import { fitFirstRegistration, fitRegistration, type TorrentToAnnounce } from './fit-registration.ts';
import { isRefusal } from './refusal.ts';
import { leave, register, renew, type SeederIdentity, uploadMetainfo } from './registry-client.ts';
import { TrackerCallError } from './tracker-call-error.ts';
import type { TrackerPorts } from './tracker-ports.ts';

/** The fewest seconds between renewals. A shorter time of the tracker is raised to this. */
export const MIN_RENEWAL = 1;
/** The most seconds between renewals. A longer time of the tracker is cut to this. */
export const MAX_RENEWAL = 24 * 3600;
/** The milliseconds that leaving may take when a seeder is closed. */
export const LEAVE_TIMEOUT_MS = 1000;

const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 60_000;

/** The calls that a registration makes. A test gives its own. */
export interface RegistryCalls {
  readonly register: typeof register;
  readonly renew: typeof renew;
  readonly leave: typeof leave;
  readonly uploadMetainfo: typeof uploadMetainfo;
}

/** The options of a {@link SeederRegistration}. */
export interface SeederRegistrationOptions {
  /** The tracker's address: `http://host:9910`. */
  readonly trackerUrl: string;
  /** The access token for registering; by default that of the address, if it has one. */
  readonly token?: string | undefined;
  /** The address at which peers reach the seeder, and its peer id. */
  readonly seeder: Omit<Registration, 'torrents'>;
  /** Lists all torrents of the seeder. It is called each time the list is sent. */
  torrents(): readonly TorrentToAnnounce[];
  /** The tracker has accepted a registration or a renewal. */
  onRegistered(answer: RegistrationResponse): void;
  /** A call has failed, and will be made again after a while. It is also called when the tracker has forgotten the seeder. */
  onFailure(error: Error): void;
  /**
   * The tracker has refused the first registration for good, see {@link isRefusal}. It is not asked again. Without this
   * callback it is asked again after a while, as after any failure.
   */
  readonly onRefused?: (error: Error) => void;
  readonly calls?: RegistryCalls;
  /** The time and the network that the calls use; by default those of this machine. */
  readonly ports?: TrackerPorts | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly report: ReportError;
}

/**
 * The registration of a seeder with one tracker, from `start()` to `close()`. It registers the seeder, renews the
 * registration when the tracker wants it, and registers again when the tracker has forgotten it. It makes one call at a
 * time, apart from uploads of metainfo.
 */
export class SeederRegistration {
  readonly #options: SeederRegistrationOptions;
  readonly #calls: RegistryCalls;
  readonly #closing = new AbortController();
  #cancelTimer: CancelTimer = () => {};
  /** The identity that the tracker has given; `undefined` while it does not know the seeder. */
  #identity: SeederIdentity | undefined;
  #isCalling = false;
  #isUploading = false;
  /** The info-hashes of torrents whose metainfo is too large for trackers, after that was reported. */
  readonly #tooLarge = new Set<string>();
  #listChanged = false;
  #failures = 0;
  #wasTaken = false;

  constructor(options: SeederRegistrationOptions) {
    this.#options = options;
    this.#calls = options.calls ?? { register, renew, leave, uploadMetainfo };
  }

  /** Registers the seeder now. */
  start(): void {
    this.#callIn(0);
  }

  /** Sends the new list of `torrents()` to the tracker, at once or when the tracker is back. */
  changed(): void {
    this.#listChanged = true;
    if (this.#identity !== undefined && !this.#isCalling && this.#failures === 0) this.#callIn(0);
  }

  /**
   * Removes the seeder from the tracker's list, and waits a short time for the response. It never rejects: errors go to
   * `onFailure`. A registration under way is given up; if the tracker has accepted it, it will expire.
   */
  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    this.#cancelTimer();
    if (this.#identity === undefined) return;
    const { trackerUrl, clock, ports } = this.#options;
    const late = new AbortController();
    const cancelLate = clock.setTimer(LEAVE_TIMEOUT_MS, () => late.abort());
    try {
      await this.#calls.leave(trackerUrl, this.#identity, { signal: late.signal, ports });
    } catch (thrown) {
      if (!isForgotten(thrown)) this.#tellFailure(thrown);
    } finally {
      cancelLate();
    }
  }

  #callIn(delayMs: number): void {
    this.#cancelTimer();
    if (this.#closing.signal.aborted) return;
    this.#cancelTimer = this.#options.clock.setTimer(delayMs, () => {
      inBackground(
        this.#call(),
        `register with ${withoutSecrets(this.#options.trackerUrl)}`,
        this.#options.report,
      );
    });
  }

  async #call(): Promise<void> {
    this.#isCalling = true;
    const delayMs = await this.#registerOrRenew();
    this.#isCalling = false;
    this.#callIn(this.#listChanged && this.#failures === 0 ? 0 : delayMs);
  }

  /** Makes the next call. @returns the milliseconds until the one after it */
  async #registerOrRenew(): Promise<number> {
    const sendsList = this.#identity === undefined || this.#listChanged;
    this.#listChanged = false;
    try {
      const answer = await (this.#identity === undefined
        ? this.#register()
        : this.#renew(this.#identity, sendsList));
      this.#failures = 0;
      this.#wasTaken = true;
      handleOrReport(() => this.#options.onRegistered(answer), 'take a registration', this.#options.report);
      // If the whole list is sent next, it brings the metainfos along.
      if (!this.#listChanged) this.#upload(answer.missing);
      return Math.min(MAX_RENEWAL, Math.max(MIN_RENEWAL, answer.renewIn)) * 1000;
    } catch (thrown) {
      if (this.#closing.signal.aborted) return 0;
      if (this.#isRefused(thrown)) return 0;
      this.#listChanged ||= sendsList;
      this.#tellFailure(thrown);
      if (this.#identity !== undefined && isForgotten(thrown)) {
        this.#identity = undefined;
        return 0;
      }
      this.#failures += 1;
      return backOff(this.#failures, FIRST_RETRY_MS, LONGEST_RETRY_MS, this.#options.random);
    }
  }

  /** Gives up if the tracker refuses the first registration for good. @returns whether it does */
  #isRefused(thrown: unknown): boolean {
    const { onRefused, report } = this.#options;
    if (this.#wasTaken || onRefused === undefined || !isRefusal(thrown)) return false;
    this.#closing.abort();
    handleOrReport(() => onRefused(toError(thrown)), 'hear of a refused registration', report);
    return true;
  }

  async #register(): Promise<RegistrationResponse> {
    const { trackerUrl, token, seeder, ports } = this.#options;
    const { registration, isWhole } = fitFirstRegistration(seeder, this.#options.torrents());
    const answer = await this.#calls.register(trackerUrl, registration, {
      signal: this.#closing.signal,
      token,
      ports,
    });
    this.#identity = { id: answer.id, token: answer.token };
    this.#listChanged ||= !isWhole;
    return answer;
  }

  #renew(identity: SeederIdentity, sendsList: boolean): Promise<RegistrationResponse> {
    const { trackerUrl, seeder, ports } = this.#options;
    const registration = sendsList ? fitRegistration(seeder, this.#options.torrents()) : undefined;
    return this.#calls.renew(trackerUrl, identity, registration, {
      signal: this.#closing.signal,
      ports,
    });
  }

  /**
   * Uploads missing metainfos beside the renewals, which must not wait for it. The response to the next renewal names those
   * that have failed.
   */
  #upload(missing: readonly string[]): void {
    if (missing.length === 0 || this.#isUploading || this.#identity === undefined) return;
    this.#isUploading = true;
    const work = this.#uploadAll(new Set(missing), this.#identity.token).finally(() => {
      this.#isUploading = false;
    });
    inBackground(
      work,
      `upload metainfo to ${withoutSecrets(this.#options.trackerUrl)}`,
      this.#options.report,
    );
  }

  async #uploadAll(missing: ReadonlySet<string>, token: string): Promise<void> {
    const { signal } = this.#closing;
    for (const { infoHash, metainfo } of this.#options.torrents()) {
      if (signal.aborted) return;
      if (!missing.has(infoHash)) continue;
      if (metainfo.length > MAX_REGISTERED_METAINFO_BYTES) {
        this.#tellTooLarge(infoHash, metainfo.length);
        continue;
      }
      try {
        const { trackerUrl, ports } = this.#options;
        const call = { signal, ports };
        await this.#calls.uploadMetainfo(trackerUrl, token, parseInfoHash(infoHash), metainfo, call);
      } catch (thrown) {
        if (signal.aborted) return;
        this.#tellFailure(thrown);
        // A refusal concerns this metainfo alone, unless the tracker is full (507). Other errors would repeat.
        if (!(thrown instanceof TrackerCallError && thrown.code === 'BAD_STATUS') || thrown.status === 507)
          return;
      }
    }
  }

  /** Reports once that a metainfo is too large for trackers, so that users need the `.torrent` from elsewhere. */
  #tellTooLarge(infoHash: string, bytes: number): void {
    if (this.#tooLarge.has(infoHash)) return;
    this.#tooLarge.add(infoHash);
    const found = `The .torrent of ${infoHash} has ${bytes} bytes, a tracker takes at most ${MAX_REGISTERED_METAINFO_BYTES}`;
    this.#tellFailure(
      new TrackerCallError('TOO_LARGE', `${found}: it is served, but downloading it needs the .torrent`),
    );
  }

  #tellFailure(thrown: unknown): void {
    const { report } = this.#options;
    handleOrReport(() => this.#options.onFailure(toError(thrown)), 'hear of a failed registration', report);
  }
}

/** Tells whether the tracker no longer knows the seeder or its token, because it was restarted or the registration expired. */
function isForgotten(thrown: unknown): boolean {
  return thrown instanceof TrackerCallError && [401, 403, 404, 410].includes(thrown.status ?? 0);
}
