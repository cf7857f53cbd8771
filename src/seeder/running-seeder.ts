import type { HashPool, LeftOut } from '../hashing/index.ts';
import type { Session } from '../session/index.ts';
import type { OpenFiles } from '../storage/index.ts';
import { distinctTrackers } from '../tracker-client/index.ts';
import { type Address, type Clock, closeAll, type Random, type ReportError } from '../util/index.ts';
import { makeOfferCached } from './cached-offer.ts';
import { type ChangedOffer, ChangeWatch } from './change-watch.ts';
import type { FoundSource } from './file-finder.ts';
import { findDifferent } from './find-different.ts';
import { firstOf } from './first-of.ts';
import { FolderListener } from './folder-listener.ts';
import type { HashCache } from './hash-cache/index.ts';
import type { Offer, OfferSource } from './offer.ts';
import { PathsWatch } from './paths-watch.ts';
import type { Offers } from './read-offers.ts';
import { Registrations } from './registrations.ts';
import { ReturnWatch } from './return-watch.ts';
import { seededTorrentOf } from './seeded-torrent.ts';
import { SeederError } from './seeder-error.ts';
import type { SeededTorrent, Seeder, SeederOptions } from './seeder-options.ts';
import { serveOffer } from './serve-offer.ts';
import { ServedOffers } from './served-offers.ts';
import { TorrentAnnounces } from './torrent-announces.ts';
import { UnwatchedFolders } from './unwatched-folders.ts';

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

/** A seeder whose offers are in a session, registered with the tracker, announced to their own trackers, and watched. */
export class RunningSeeder implements Seeder {
  readonly notOffered: readonly SeederError[];
  readonly leftOut: LeftOut;
  readonly #resources: SeederResources;
  readonly #served: ServedOffers;
  readonly #changes: ChangeWatch;
  readonly #returns: ReturnWatch;
  readonly #paths: PathsWatch;
  /** The watch over folders without `watch`, which only tells. */
  readonly #unwatched: UnwatchedFolders | undefined;
  readonly #listener: FolderListener;
  readonly #registrations: Registrations;
  readonly #closing = new AbortController();
  /** The info-hashes of the sources that were offered. */
  readonly #offered = new WeakMap<OfferSource, string>();

  constructor({ offers, notOffered, awaited, leftOut }: Offers, resources: SeederResources) {
    const { options, clock, report, pool } = resources;
    this.#resources = resources;
    this.notOffered = notOffered;
    this.leftOut = leftOut;
    const trackers = distinctTrackers(options.tracker);
    const onDebug = (message: string) => options.onDebug?.(message);
    this.#changes = new ChangeWatch({
      clock,
      report,
      onChanged: (changed) => this.#withdraw(changed),
      findDifferent: (offer, files) => findDifferent(resources.pool, offer, files, this.#closing.signal),
    });
    this.#returns = new ReturnWatch({
      clock,
      report,
      pool,
      remake: (source) => this.#remake(source),
      onReturned: (offer) => this.#offerLater(offer),
    });
    this.#unwatched = options.watch === true ? undefined : new UnwatchedFolders({ clock, report, pool });
    this.#listener = new FolderListener({
      clock,
      folders: () => this.#foldersToHear(),
      onEvent: (folder, name) => this.#onEvent(folder, name),
      onDebug,
    });
    const announces = new TorrentAnnounces({ ...resources, trackers });
    const onFailed = (offer: Offer, reason: SeederError) => this.#withdraw([{ offer, reason }]);
    const serving = { ...resources, announces, onFailed };
    this.#served = new ServedOffers({
      ...resources,
      serve: (offer) => serveOffer(serving, offer),
      onServed: (offer) => this.#onServed(offer),
      onStopped: (offer) => this.#onStopped(offer),
      onDebug,
    });
    for (const offer of offers) this.#served.add(offer);
    for (const source of awaited) this.#returns.addNew(source);
    this.#paths = new PathsWatch({
      ...resources,
      offers,
      notOffered,
      known: () => new Set([...this.#returns.paths, ...this.#served.paths]),
      make: (source) => this.#make(source),
      onFound: (found, all) => this.#awaitFound(found, all),
      onVersion: (offer) => this.#replace(offer),
    });
    this.#registrations = new Registrations({ ...resources, trackers, offers: () => this.#served.offers });
  }

  get registered(): Promise<void> {
    return this.#registrations.registered;
  }

  get address(): Address {
    return this.#resources.session.address;
  }

  get torrents(): readonly SeededTorrent[] {
    return this.#served.offers.map(seededTorrentOf);
  }

  get stats() {
    return this.#served.stats;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#changes.close();
    this.#returns.close();
    this.#paths.close();
    this.#unwatched?.close();
    this.#served.close();
    this.#listener.close();
    await closeAll([
      { name: 'the registrations', close: () => this.#registrations.close() },
      { name: 'the session', close: () => this.#resources.session.close() },
      { name: 'the hashing thread', close: () => this.#resources.pool.close() },
      { name: 'the hash cache', close: () => this.#resources.cache?.close() },
      ...this.#served.closers,
    ]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #onServed(offer: Offer): void {
    this.#offered.set(offer.source, offer.metainfo.infoHash);
    this.#changes.add(offer);
    this.#unwatched?.add(offer);
    this.#listener.listenSoon();
  }

  #onStopped(offer: Offer): void {
    this.#changes.remove(offer);
    this.#unwatched?.remove(offer);
  }

  /** Withdraws offers whose files have changed, and reports all of them at once. */
  #withdraw(changed: readonly ChangedOffer[]): void {
    const { report, options } = this.#resources;
    for (const { offer } of changed) this.#served.endFormer(offer);
    const withdrawn = changed.filter(({ offer }) => this.#served.has(offer));
    if (withdrawn.length === 0) return;
    for (const { offer, reason } of withdrawn) {
      this.#served.remove(offer);
      if (!this.#paths.withdrawn(offer)) this.#returns.add(offer);
      options.onWithdrawn?.(seededTorrentOf(offer), reason);
    }
    report(summarize(withdrawn), 'go on seeding');
    this.#served.useSpare();
    this.#listener.listenSoon();
    this.#registrations.changed();
  }

  #make(source: OfferSource): Promise<Offer> {
    return makeOfferCached(this.#resources, source, { signal: this.#closing.signal });
  }

  /** Makes an offer of files that were withdrawn. @throws {SeederError} `MISMATCH` for a folder in another state than offered */
  async #remake(source: OfferSource): Promise<Offer> {
    const offer = await this.#make(source);
    const before = this.#offered.get(source);
    if (source.kind !== 'folder' || before === undefined || before === offer.metainfo.infoHash) return offer;
    const { path } = source;
    const message = `${path} is not offered any more, because it is not what it was at the start: start anew, or start with --watch to offer each new version`;
    throw new SeederError('MISMATCH', message, { path });
  }

  /** Waits until new files have settled, and no longer for files that are gone. */
  #awaitFound(found: readonly FoundSource[], all: ReadonlySet<string>): void {
    if (this.#closing.signal.aborted) return;
    this.#returns.keepOnly(({ kind }, path) => kind === 'torrent' || all.has(path));
    for (const { source, path, reason } of found) this.#returns.addFound({ source, path, reason });
    this.#listener.listenSoon();
  }

  /** Offers a new version of a folder. */
  #replace(offer: Offer): void {
    if (!this.#served.replace(offer)) return;
    this.#resources.options.onOffered?.(seededTorrentOf(offer));
    this.#registrations.changed();
  }

  /** Offers files that were withdrawn, or could not be offered at the start. */
  #offerLater(offer: Offer): void {
    this.#served.add(offer);
    this.#resources.options.onOffered?.(seededTorrentOf(offer));
    this.#registrations.changed();
  }

  *#foldersToHear(): Generator<string> {
    yield* this.#paths.foldersToHear();
    yield* this.#changes.folders;
  }

  #onEvent(folder: string, name: string): void {
    const isWatched = this.#paths.tell(folder, name);
    if (!isWatched && !this.#changes.hasFilesIn(folder)) return;
    this.#changes.tell(folder, name);
    this.#unwatched?.hurry();
    // A folder may be new, or another one have taken its place.
    this.#listener.listenSoon();
  }
}

/** Makes one error of all changes of a round. */
function summarize(changed: readonly ChangedOffer[]): SeederError {
  if (changed.length === 1) return changed[0]!.reason;
  const failures = changed.map(({ reason }) => reason);
  const paths = changed.map(({ offer }) => offer.path);
  const message = `${changed.length} torrents are gone or have changed: ${firstOf(paths)}`;
  return new SeederError('CHANGED', message, { failures });
}
