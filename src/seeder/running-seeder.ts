import { dirname, relative, resolve, sep } from 'node:path';
import { Discovery } from '../discovery/index.ts';
import { FolderEvents } from '../files/index.ts';
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
import { FileFinder, type FoundSource } from './file-finder.ts';
import { findSources, folderSourceOf } from './find-sources.ts';
import { firstOf } from './first-of.ts';
import { FolderWatch } from './folder-watch.ts';
import type { HashCache } from './hash-cache/index.ts';
import type { Offer, OfferSource } from './offer.ts';
import { OldVersions } from './old-versions.ts';
import type { Offers } from './read-offers.ts';
import { Registrations } from './registrations.ts';
import { RepeatedFailures } from './repeated-failures.ts';
import { ReturnWatch } from './return-watch.ts';
import { SeederError } from './seeder-error.ts';
import type { SeededTorrent, Seeder, SeederOptions } from './seeder-options.ts';
import { lookAtSource } from './source-sight.ts';

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
  /** The former versions that are served on, with the functions that forget them. */
  readonly #former = new Map<Offer, Seeding & { readonly forget: () => void }>();
  readonly #oldVersions: OldVersions;
  /** The watch of what appears at the paths; empty without `watch`. */
  readonly #finder: FileFinder | undefined;
  readonly #folderWatches = new Map<string, FolderWatch>();
  readonly #events: FolderEvents;
  #cancelListening: CancelTimer | undefined;
  /** The watched paths as they were given, by their absolute paths; empty without `watch`. */
  readonly #roots = new Map<string, string>();
  /** The watched paths above each folder that is listened to. */
  readonly #rootsOfFolders = new Map<string, readonly string[]>();
  readonly #returns: ReturnWatch;
  readonly #closing = new AbortController();
  readonly #trackers: readonly string[];
  readonly #registrations: Registrations;
  /** The info-hashes of the sources that were offered. */
  readonly #offered = new WeakMap<OfferSource, string>();
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
      remake: (source) => this.#remake(source),
      onReturned: (offer) => this.#offerLater(offer),
    });
    this.#oldVersions = new OldVersions(resources);
    this.#events = new FolderEvents({
      onEvent: (folder, name) => this.#onEvent(folder, name),
      onDebug: (message) => resources.options.onDebug?.(message),
    });
    for (const offer of offers) this.#add(offer);
    for (const source of awaited) this.#returns.addNew(source);
    this.#finder = this.#watch(offers);
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
    for (const { torrent } of [...this.#seeding.values(), ...this.#former.values()]) {
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
    this.#finder?.close();
    for (const watch of this.#folderWatches.values()) watch.close();
    this.#oldVersions.close();
    this.#events.close();
    this.#cancelListening?.();
    this.#cancelList?.();
    await closeAll([
      { name: 'the registrations', close: () => this.#registrations.close() },
      { name: 'the session', close: () => this.#resources.session.close() },
      { name: 'the hashing thread', close: () => this.#resources.pool.close() },
      { name: 'the hash cache', close: () => this.#resources.cache?.close() },
      ...[...this.#seeding.values(), ...this.#former.values()].flatMap(({ closers }) => closers),
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
    this.#offered.set(offer.source, offer.metainfo.infoHash);
    this.#changes.add(offer);
    this.#listenSoon();
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
    for (const { offer } of changed) this.#endFormer(offer);
    const withdrawn = changed.filter(({ offer }) => this.#seeding.has(offer));
    if (withdrawn.length === 0) return;
    for (const { offer, reason } of withdrawn) {
      this.#stop(offer, this.#seeding.get(offer)!);
      this.#seeding.delete(offer);
      const watch = offer.source.kind === 'folder' ? this.#folderWatches.get(offer.source.path) : undefined;
      if (watch === undefined) this.#returns.add(offer);
      else watch.withdrawn();
      options.onWithdrawn?.(describeOffer(offer), reason);
    }
    report(summarize(withdrawn), 'go on seeding');
    // The offers in reserve that take their place are checked when they are read.
    for (const offer of this.#spare) {
      if (session.has(offer.metainfo)) continue;
      this.#spare.delete(offer);
      this.#add(offer);
    }
    this.#listenSoon();
    this.#tellTracker();
  }

  /** Stops serving an offer. */
  #stop(offer: Offer, { torrent, closers }: Seeding): void {
    const { session, report } = this.#resources;
    this.#changes.remove(offer);
    const closing = closeAll([{ name: offer.path, close: () => session.remove(torrent) }, ...closers]);
    inBackground(closing, `stop seeding ${offer.path}`, report);
  }

  /** Makes an offer of files that were withdrawn. @throws {SeederError} `MISMATCH` for a folder in another state than offered */
  async #remake(source: OfferSource): Promise<Offer> {
    const offer = await makeOfferCached(this.#resources, source, { signal: this.#closing.signal });
    const before = this.#offered.get(source);
    if (source.kind !== 'folder' || before === undefined || before === offer.metainfo.infoHash) return offer;
    const { path } = source;
    const message = `${path} is not offered any more, because it is not what it was at the start: start anew, or start with --watch to offer each new version`;
    throw new SeederError('MISMATCH', message, { path });
  }

  /** Watches the paths for what is added, changed and removed. @returns the search for new files, if they are offered one by one */
  #watch(offers: readonly Offer[]): FileFinder | undefined {
    const { options, clock, report } = this.#resources;
    const { paths = [], version = 'v1', asOne = false, watch = false } = options;
    if (!watch || paths.length === 0) return undefined;
    for (const path of paths) this.#roots.set(resolve(path), path);
    if (!asOne) {
      return new FileFinder({
        clock,
        report,
        find: () => findSources(paths, { ...options, version }, []),
        known: () => new Set([...this.#returns.paths, ...this.#offeredPaths()]),
        onFound: (found, all) => this.#awaitFound(found, all),
      });
    }
    for (const path of paths) {
      const source = folderSourceOf(path, options);
      const folder = new FolderWatch({
        clock,
        report,
        source,
        offer: offers.find((offer) => offer.path === path),
        told: this.notOffered.find((failure) => failure.path === path)?.message,
        look: () => lookAtSource(source),
        make: () => makeOfferCached(this.#resources, source, { signal: this.#closing.signal }),
        onVersion: (offer) => this.#replace(offer),
      });
      this.#folderWatches.set(path, folder);
    }
    return undefined;
  }

  *#offeredPaths(): Generator<string> {
    for (const { path } of this.#seeding.keys()) yield path;
    for (const { path } of this.#spare) yield path;
  }

  /** Waits until new files have settled, and no longer for files that are gone. */
  #awaitFound(found: readonly FoundSource[], all: ReadonlySet<string>): void {
    if (this.#closing.signal.aborted) return;
    this.#returns.keepOnly(({ kind }, path) => kind === 'torrent' || all.has(path));
    for (const { source, path, reason } of found) this.#returns.addFound({ source, path, reason });
    this.#listenSoon();
  }

  /** Offers a new version of a folder. The one before is served on while somebody downloads it and its files are there. */
  #replace(offer: Offer): void {
    const { options } = this.#resources;
    for (const [before, seeding] of this.#seeding) {
      if (before.path !== offer.path) continue;
      this.#seeding.delete(before);
      if (before.metainfo.infoHash === offer.metainfo.infoHash) {
        // Only the times of files have changed.
        this.#stop(before, seeding);
        this.#add(offer);
        return;
      }
      const forget = () => this.#oldVersions.forget(seeding.torrent);
      this.#former.set(before, { ...seeding, forget });
      this.#oldVersions.add(seeding.torrent, () => this.#endFormer(before));
    }
    // A version before the last may have come back.
    for (const before of this.#former.keys()) {
      if (before.metainfo.infoHash === offer.metainfo.infoHash) this.#endFormer(before);
    }
    this.#add(offer);
    options.onOffered?.(describeOffer(offer));
    this.#tellTracker();
  }

  /** Stops serving a former version. Does nothing for another offer. */
  #endFormer(offer: Offer): void {
    const former = this.#former.get(offer);
    if (former === undefined) return;
    this.#former.delete(offer);
    former.forget();
    this.#stop(offer, former);
    this.#resources.options.onDebug?.(
      `The former version ${offer.metainfo.infoHash} of ${offer.path} is not served any more`,
    );
  }

  /** Listens to the folders of all files a little later, because many may be added at once. */
  #listenSoon(): void {
    const { clock } = this.#resources;
    this.#cancelListening ??= clock.setTimer(LISTEN_DELAY_MS, () => {
      this.#cancelListening = undefined;
      this.#rootsOfFolders.clear();
      this.#events.listenTo(new Set(this.#foldersToHear()));
    });
  }

  *#foldersToHear(): Generator<string> {
    const { paths = [], watch = false } = this.#resources.options;
    if (watch) {
      // The folder above tells that a path was made, or another one put into its place.
      for (const path of paths) yield* [dirname(resolve(path)), path];
      yield* this.#finder?.folders ?? [];
      for (const folder of this.#folderWatches.values()) yield* folder.folders;
    }
    yield* this.#changes.folders;
  }

  /** Finds the watched paths that a folder is in, or that something in it stands at. */
  #rootsAt(folder: string, name: string): readonly string[] {
    const at = this.#roots.get(resolve(folder, name));
    if (at !== undefined) return [at];
    const known = this.#rootsOfFolders.get(folder);
    if (known !== undefined) return known;
    const roots = [...this.#roots.values()].filter((root) => isAtOrBelow(root, folder));
    this.#rootsOfFolders.set(folder, roots);
    return roots;
  }

  #onEvent(folder: string, name: string): void {
    const changed = this.#rootsAt(folder, name);
    if (changed.length === 0 && !this.#changes.hasFilesIn(folder)) return;
    this.#changes.tell(folder, name);
    // A folder may be new, or another one have taken its place.
    this.#listenSoon();
    if (changed.length > 0) this.#finder?.hurry();
    for (const path of changed) this.#folderWatches.get(path)?.hurry();
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

/** The milliseconds for which new folders wait for others before they are listened to. */
const LISTEN_DELAY_MS = 250;
/** The milliseconds between two lists that are sent to the tracker because files have changed. */
const LIST_INTERVAL_MS = 5000;

function describeOffer({ metainfo, path, sha256, contentId }: Offer): SeededTorrent {
  const { name, length: size, infoHash, isSingleFile, files } = metainfo;
  return {
    name,
    size,
    infoHash,
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(contentId === undefined ? {} : { contentId }),
    ...(isSingleFile ? {} : { files: files.length }),
    path,
  };
}

function isAtOrBelow(root: string, path: string): boolean {
  const between = relative(root, path);
  return between !== '..' && !between.startsWith(`..${sep}`);
}

/** Makes one error of all changes of a round. */
function summarize(changed: readonly ChangedOffer[]): SeederError {
  if (changed.length === 1) return changed[0]!.reason;
  const failures = changed.map(({ reason }) => reason);
  const paths = changed.map(({ offer }) => offer.path);
  const message = `${changed.length} torrents are gone or have changed: ${firstOf(paths)}`;
  return new SeederError('CHANGED', message, { failures });
}
