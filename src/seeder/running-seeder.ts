import { Discovery } from '../discovery/index.ts';
import type { HashPool, LeftOut } from '../hashing/index.ts';
import type { Session, Torrent } from '../session/index.ts';
import { FileStorage, type OpenFiles } from '../storage/index.ts';
import {
  announceByTrust,
  announceUrlOf,
  describeNoTracker,
  distinctTrackers,
  printableUrl,
} from '../tracker-client/index.ts';
import {
  type Address,
  type CancelTimer,
  type Clock,
  type Closer,
  closeAll,
  inBackground,
  type Random,
  type ReportError,
} from '../util/index.ts';
import { makeOfferCached } from './cached-offer.ts';
import { type ChangedOffer, ChangeWatch } from './change-watch.ts';
import { firstOf } from './first-of.ts';
import type { HashCache } from './hash-cache/index.ts';
import type { Offer } from './offer.ts';
import type { Offers } from './read-offers.ts';
import { Registrations } from './registrations.ts';
import { RepeatedFailures } from './repeated-failures.ts';
import { ReturnWatch } from './return-watch.ts';
import { SeederError } from './seeder-error.ts';
import type { SeededTorrent, Seeder, SeederOptions } from './seeder-options.ts';

/** The parts that a running seeder uses. */
export interface SeederResources {
  readonly options: SeederOptions;
  readonly session: Session;
  /** The pool that hashes changed files, and makes merkle trees for the session. */
  readonly pool: HashPool;
  /** The cache of what was hashed before; `undefined` when nothing is kept. */
  readonly cache: HashCache | undefined;
  readonly openFiles: OpenFiles;
  readonly peerId: Uint8Array;
  readonly clock: Clock;
  readonly random: Random;
  readonly report: ReportError;
}

interface Seeding {
  readonly torrent: Torrent;
  readonly closers: readonly Closer[];
}

/** A seeder whose offers are in a session, registered with the tracker, announced to their own trackers, and watched. */
export class RunningSeeder implements Seeder {
  readonly notOffered: readonly SeederError[];
  readonly leftOut: LeftOut;
  readonly #resources: SeederResources;
  readonly #seeding = new Map<Offer, Seeding>();
  /** The offers whose info-hash is already seeded from other files, which have the same name and content. */
  readonly #spare = new Set<Offer>();
  readonly #changes: ChangeWatch;
  readonly #returns: ReturnWatch;
  readonly #closing = new AbortController();
  readonly #trackers: readonly string[];
  readonly #registrations: Registrations;
  readonly #announceFailures: RepeatedFailures;
  #listSentAt: number | undefined;
  #cancelList: CancelTimer | undefined;

  constructor({ offers, notOffered, awaited, leftOut }: Offers, resources: SeederResources) {
    const { clock, report } = resources;
    this.#resources = resources;
    this.notOffered = notOffered;
    this.leftOut = leftOut;
    this.#trackers = distinctTrackers(resources.options.tracker);
    this.#announceFailures = new RepeatedFailures(resources);
    this.#changes = new ChangeWatch({ clock, report, onChanged: (changed) => this.#withdraw(changed) });
    this.#returns = new ReturnWatch({
      clock,
      report,
      remake: (source) => makeOfferCached(resources, source, { signal: this.#closing.signal }),
      onReturned: (offer) => this.#offerLater(offer),
    });
    for (const offer of offers) this.#add(offer);
    for (const source of awaited) this.#returns.addNew(source);
    this.#registrations = new Registrations({
      ...resources,
      trackers: this.#trackers,
      offers: () => [...this.#seeding.keys()],
    });
  }

  get registered(): Promise<void> {
    return this.#registrations.registered;
  }

  get address(): Address {
    return this.#resources.session.address;
  }

  get torrents(): readonly SeededTorrent[] {
    return [...this.#seeding.keys()].map(describeOffer);
  }

  get stats() {
    const total = { uploaded: 0, uploadRate: 0, peers: 0 };
    for (const { torrent } of this.#seeding.values()) {
      const { uploaded, uploadRate, peers } = torrent.stats;
      total.uploaded += uploaded;
      total.uploadRate += uploadRate;
      total.peers += peers;
    }
    return total;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#changes.close();
    this.#returns.close();
    this.#cancelList?.();
    await closeAll([
      { name: 'the registrations', close: () => this.#registrations.close() },
      { name: 'the session', close: () => this.#resources.session.close() },
      { name: 'the hashing thread', close: () => this.#resources.pool.close() },
      { name: 'the hash cache', close: () => this.#resources.cache?.close() },
      ...[...this.#seeding.values()].flatMap(({ closers }) => closers),
    ]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Seeds an offer, or keeps it in reserve while another offer with the same info-hash is seeded. */
  #add(offer: Offer): void {
    if (this.#resources.session.has(offer.metainfo)) {
      this.#spare.add(offer);
      return;
    }
    this.#seeding.set(offer, this.#seed(offer));
    this.#changes.add(offer);
  }

  #seed(offer: Offer): Seeding {
    const { session, openFiles, report, options } = this.#resources;
    const { metainfo, files } = offer;
    const storage = new FileStorage({
      files: metainfo.files.map(({ offset, length }, at) => ({
        offset,
        length,
        path: files[at]!.path,
        realPath: files[at]!.realPath,
      })),
      versions: files.map(({ version }) => version),
      mode: 'read',
      openFiles,
    });
    const torrent = session.add({
      metainfo,
      storage,
      limits: { up: options.limitUpPerTorrent },
      onFailed: (cause) => {
        const reason = new SeederError('DISK', cause.message, { path: offer.path, cause });
        this.#withdraw([{ offer, reason }]);
      },
      onBadPeer: (name, error) => report(error, `upload to ${name}`),
      onDebug: (message) => options.onDebug?.(message),
    });
    const discovery = offer.source.kind === 'torrent' ? this.#discover(offer, torrent) : undefined;
    const closers = [
      { name: `announces of ${metainfo.name}`, close: () => discovery?.close() },
      { name: offer.path, close: () => storage.close() },
    ];
    return { torrent, closers };
  }

  /** Withdraws offers whose files have changed, and reports all of them at once. */
  #withdraw(changed: readonly ChangedOffer[]): void {
    const { session, report, options } = this.#resources;
    const withdrawn = changed.filter(({ offer }) => this.#seeding.has(offer));
    if (withdrawn.length === 0) return;
    for (const { offer, reason } of withdrawn) {
      const { torrent, closers } = this.#seeding.get(offer)!;
      this.#seeding.delete(offer);
      this.#changes.remove(offer);
      const closing = closeAll([{ name: offer.path, close: () => session.remove(torrent) }, ...closers]);
      inBackground(closing, `stop seeding ${offer.path}`, report);
      this.#returns.add(offer);
      options.onWithdrawn?.(describeOffer(offer), reason);
    }
    report(summarize(withdrawn), 'go on seeding');
    // The offers in reserve that take their place are checked when they are read.
    for (const offer of this.#spare) {
      if (session.has(offer.metainfo)) continue;
      this.#spare.delete(offer);
      this.#add(offer);
    }
    this.#tellTracker();
  }

  /** Offers files that were withdrawn, or could not be offered at the start. */
  #offerLater(offer: Offer): void {
    const { options } = this.#resources;
    this.#add(offer);
    options.onOffered?.(describeOffer(offer));
    this.#tellTracker();
  }

  /** Sends the present list to the tracker, at most every few seconds, as a list may be long. */
  #tellTracker(): void {
    const { clock } = this.#resources;
    if (this.#listSentAt !== undefined && clock.now() < this.#listSentAt + LIST_INTERVAL_MS) {
      this.#cancelList ??= clock.setTimer(LIST_INTERVAL_MS, () => {
        this.#cancelList = undefined;
        this.#tellTracker();
      });
      return;
    }
    this.#listSentAt = clock.now();
    this.#registrations.changed();
  }

  #discover({ metainfo }: Offer, torrent: Torrent): Discovery {
    const { session, options, report } = this.#resources;
    if (metainfo.announceList.length === 0 && this.#trackers.length === 0) {
      const names = describeNoTracker(metainfo.otherTrackers);
      const message = `The torrent ${names} and none is given, for example by --tracker: no peer will learn of it`;
      report(new SeederError('UNANNOUNCED', message), `announce ${metainfo.name}`);
    }
    const discovery = new Discovery({
      ...this.#resources,
      torrent,
      tiers: metainfo.announceList,
      port: session.address.port,
      announce: announceByTrust({
        byUser: this.#trackers.map(announceUrlOf),
        trustTrackers: options.trustTrackers,
      }),
      onFailure: (url, error) =>
        this.#announceFailures.tell(error, `announce ${metainfo.name} to ${printableUrl(url)}`),
    });
    discovery.start();
    return discovery;
  }
}

/** The milliseconds between two lists that are sent to the tracker because files have changed. */
const LIST_INTERVAL_MS = 5000;
function describeOffer({ metainfo, path, sha256 }: Offer): SeededTorrent {
  const { name, length: size, infoHash } = metainfo;
  return { name, size, infoHash, ...(sha256 === undefined ? {} : { sha256 }), path };
}

/** Makes one error of all changes of a round. */
function summarize(changed: readonly ChangedOffer[]): SeederError {
  if (changed.length === 1) return changed[0]!.reason;
  const failures = changed.map(({ reason }) => reason);
  const paths = changed.map(({ offer }) => offer.path);
  const message = `${changed.length} torrents are gone or have changed: ${firstOf(paths)}`;
  return new SeederError('CHANGED', message, { failures });
}
