import type { Session } from '../session/index.ts';
import { SeederRegistration } from '../tracker-client/index.ts';
import type { RegistrationResponse } from '../tracker-protocol/index.ts';
import {
  type CancelTimer,
  type Clock,
  formatAddress,
  formatCount,
  type Random,
  type ReportError,
  toHex,
  withoutSecrets,
} from '../util/index.ts';
import { firstOf } from './first-of.ts';
import { type Offer, registrationOf } from './offer.ts';
import { Registered } from './registered.ts';
import { RepeatedFailures } from './repeated-failures.ts';
import { SeederError } from './seeder-error.ts';
import type { SeederOptions } from './seeder-options.ts';

/** The milliseconds between two lists that are sent because offers have changed, as a list may be long. */
const LIST_INTERVAL_MS = 5000;

/** The parts that registrations use. */
export interface RegistrationsOptions {
  readonly options: SeederOptions;
  /** The addresses of the trackers, each once. */
  readonly trackers: readonly string[];
  readonly session: Pick<Session, 'address'>;
  readonly peerId: Uint8Array;
  readonly clock: Clock;
  readonly random: Random;
  readonly report: ReportError;
  /** Lists the offers that are seeded now. */
  readonly offers: () => readonly Offer[];
}

/**
 * The registrations of a seeder with all of its trackers. Each is on its own: a tracker that is away or refuses holds up no
 * other one, and is told nothing of them.
 */
export class Registrations {
  readonly #options: RegistrationsOptions;
  readonly #registered = new Registered();
  readonly #all: readonly SeederRegistration[];
  /** The number of trackers that have not refused the seeder for good. */
  #left: number;
  #listSentAt: number | undefined;
  #cancelList: CancelTimer | undefined;

  /** Registers with all trackers at once. */
  constructor(options: RegistrationsOptions) {
    this.#options = options;
    this.#left = options.trackers.length;
    this.#all = options.trackers.map((tracker) => this.#registrationWith(tracker));
    if (this.#all.length === 0) this.#registered.done();
    for (const registration of this.#all) registration.start();
  }

  /** A promise that resolves when the first tracker accepts the list, and rejects when all of them refuse it. */
  get registered(): Promise<void> {
    return this.#registered.promise;
  }

  /** Sends the present list of offers to all trackers, a little later if one was sent just now. */
  changed(): void {
    const { clock } = this.#options;
    if (this.#listSentAt !== undefined && clock.now() < this.#listSentAt + LIST_INTERVAL_MS) {
      this.#cancelList ??= clock.setTimer(LIST_INTERVAL_MS, () => {
        this.#cancelList = undefined;
        this.changed();
      });
      return;
    }
    this.#listSentAt = clock.now();
    for (const registration of this.#all) registration.changed();
  }

  /** Leaves all trackers. It never rejects. */
  async close(): Promise<void> {
    this.#cancelList?.();
    this.#registered.fail(
      new SeederError('CLOSED', 'The seeder was closed before the tracker accepted its list'),
    );
    await Promise.all(this.#all.map((registration) => registration.close()));
  }

  #registrationWith(tracker: string): SeederRegistration {
    const { options, session, peerId, offers } = this.#options;
    const { host, token, keepTrying = false } = options;
    const name = withoutSecrets(tracker);
    const context = `register with ${name}`;
    const failures = new RepeatedFailures(this.#options);
    const reachability = new Reachability(this.#options, name);
    return new SeederRegistration({
      ...this.#options,
      trackerUrl: tracker,
      token,
      seeder: { ...(host === undefined ? {} : { host }), port: session.address.port, peerId: toHex(peerId) },
      torrents: () => offers().map(registrationOf),
      onRegistered: (answer) => {
        failures.clear();
        reachability.tell(answer);
        this.#tellRegistered(name, answer);
      },
      onFailure: (error) => failures.tell(error, context),
      ...(!keepTrying && { onRefused: (error) => this.#onRefused(error, context) }),
    });
  }

  #tellRegistered(tracker: string, { renewIn, refused = [], reachable }: RegistrationResponse): void {
    const { options, offers, report } = this.#options;
    if (refused.length > 0) {
      const message = `The tracker${this.#named(tracker)} does not serve ${firstOf(this.#namesOf(refused))}`;
      report(new SeederError('REFUSED', message), `register ${formatCount(refused.length, 'torrent')}`);
    }
    options.onRegistered?.({
      tracker,
      torrents: offers().length - refused.length,
      renewIn,
      ...(reachable !== undefined && { reachable }),
    });
    this.#registered.done();
  }

  /** Goes on with the other trackers when one refuses the seeder for good; without others, nobody will list it. */
  #onRefused(error: Error, context: string): void {
    const { options, report } = this.#options;
    this.#left -= 1;
    if (this.#left === 0) this.#registered.fail(error);
    if (this.#left > 0 || options.onRefused === undefined) report(error, context);
    else options.onRefused(error);
  }

  #namesOf(infoHashes: readonly string[]): string[] {
    const wanted = new Set(infoHashes);
    return this.#options
      .offers()
      .filter(({ metainfo }) => wanted.has(metainfo.infoHash))
      .map(({ metainfo }) => metainfo.name);
  }

  /** Names a tracker in a message, if there are several. */
  #named(tracker: string): string {
    return this.#options.trackers.length > 1 ? ` ${tracker}` : '';
  }
}

/** The news of one tracker about whether others can reach the seeder. */
class Reachability {
  readonly #options: RegistrationsOptions;
  readonly #tracker: string;
  #isToldUnreachable = false;

  constructor(options: RegistrationsOptions, tracker: string) {
    this.#options = options;
    this.#tracker = tracker;
  }

  /** Warns once when the tracker finds that nobody can connect to the seeder, and again after it could be reached. */
  tell({ reachable, host, port }: RegistrationResponse): void {
    const isNews = reachable === false && !this.#isToldUnreachable;
    this.#isToldUnreachable = reachable === undefined ? this.#isToldUnreachable : !reachable;
    if (!isNews) return;
    const { options, session, trackers, report } = this.#options;
    const forward = options.port === undefined || options.port === 0 ? ', with a fixed port by --port' : '';
    const tracker = trackers.length > 1 ? `The tracker ${this.#tracker}` : 'The tracker';
    const message = `${tracker} got no answer at ${formatAddress({ host, port })}: let TCP port ${session.address.port} through the firewall and forward it in the router${forward}, or give the address at which others reach this machine by --host`;
    report(new SeederError('UNREACHABLE', message), 'be reached by others');
  }
}
