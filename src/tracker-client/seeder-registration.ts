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

/** Seconds between renewals: what the tracker asks for is kept within these. */
export const MIN_RENEWAL = 1;
export const MAX_RENEWAL = 24 * 3600;
/** The milliseconds that leaving may take when a seeder is closed. */
export const LEAVE_TIMEOUT_MS = 1000;

const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 60_000;

/** The calls a registration makes; a test gives its own. */
export interface RegistryCalls {
  readonly register: typeof register;
  readonly renew: typeof renew;
  readonly leave: typeof leave;
  readonly uploadMetainfo: typeof uploadMetainfo;
}

export interface SeederRegistrationOptions {
  /** The tracker's address: `http://host:9910`. */
  readonly trackerUrl: string;
  /** Access token by which the tracker lets it register; absent: that of the address, if there is one. */
  readonly token?: string | undefined;
  /** The address at which peers reach the seeder, and its peer id. */
  readonly seeder: Omit<Registration, 'torrents'>;
  /** All the seeder holds; asked for each time the list is sent. */
  torrents(): readonly TorrentToAnnounce[];
  /** The tracker has taken a registration or a renewal. */
  onRegistered(answer: RegistrationResponse): void;
  /** A call failed; it is made again after a while. Also told when the tracker has forgotten the seeder. */
  onFailure(error: Error): void;
  /**
   * The tracker refuses the seeder from the start, and will go on to: {@link isRefusal}. Nothing more is asked of it.
   * Absent: it is asked again after a while, as after any failure.
   */
  readonly onRefused?: (error: Error) => void;
  readonly calls?: RegistryCalls;
  /** The time and the network that the calls use; absent: those of this machine. */
  readonly ports?: TrackerPorts | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly report: ReportError;
}

/**
 * Keeps a seeder registered with one tracker, from `start()` to `close()`: registers, renews when the tracker wants it,
 * and registers again when the tracker has forgotten it. There is one call at a time, uploads of metainfo aside.
 */
export class SeederRegistration {
  readonly #options: SeederRegistrationOptions;
  readonly #calls: RegistryCalls;
  readonly #closing = new AbortController();
  #cancelTimer: CancelTimer = () => {};
  /** Absent while the tracker does not know the seeder. */
  #identity: SeederIdentity | undefined;
  #isCalling = false;
  #isUploading = false;
  /** Info-hashes of torrents whose metainfo no tracker takes, and of which that was told. */
  readonly #tooLarge = new Set<string>();
  #listChanged = false;
  #failures = 0;
  #wasTaken = false;

  constructor(options: SeederRegistrationOptions) {
    this.#options = options;
    this.#calls = options.calls ?? { register, renew, leave, uploadMetainfo };
  }

  /** Registers now. */
  start(): void {
    this.#callIn(0);
  }

  /** `torrents()` gives another list than before: it replaces the tracker's now, or when the tracker is back. */
  changed(): void {
    this.#listChanged = true;
    if (this.#identity !== undefined && !this.#isCalling && this.#failures === 0) this.#callIn(0);
  }

  /**
   * Takes the seeder off the tracker's list, and gives the tracker little time to answer. Does not fail: what did not
   * work goes to `onFailure`. A registration still under way is given up; if the tracker took it, it will expire.
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

  /** @returns milliseconds until the next call */
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
      // What the whole list brings along need not be uploaded by itself.
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

  /** Gives up when the tracker refuses the seeder from the start. @returns whether it does */
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

  /** Beside the renewals, which must not wait for it. What fails is named as missing by the next renewal. */
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
        // A refusal concerns this one, unless the tracker is full; anything else is likely to befall the next as well.
        if (!(thrown instanceof TrackerCallError && thrown.code === 'BAD_STATUS') || thrown.status === 507)
          return;
      }
    }
  }

  /** Tells once that no tracker takes a metainfo, which those who look for the torrent must then get elsewhere. */
  #tellTooLarge(infoHash: string, bytes: number): void {
    if (this.#tooLarge.has(infoHash)) return;
    this.#tooLarge.add(infoHash);
    const found = `The .torrent of ${infoHash} has ${bytes} bytes, a tracker takes at most ${MAX_REGISTERED_METAINFO_BYTES}`;
    this.#tellFailure(
      new TrackerCallError('TOO_LARGE', `${found}: it is served, but who wants it needs the .torrent`),
    );
  }

  #tellFailure(thrown: unknown): void {
    const { report } = this.#options;
    handleOrReport(() => this.#options.onFailure(toError(thrown)), 'hear of a failed registration', report);
  }
}

/** The tracker does not know the seeder, or not by this token: it was restarted, or the registration has expired. */
function isForgotten(thrown: unknown): boolean {
  return thrown instanceof TrackerCallError && [401, 403, 404, 410].includes(thrown.status ?? 0);
}
