import type { HashPool } from '../hashing/index.ts';
import type { Session, Torrent } from '../session/index.ts';
import { FileStorage, type OpenFiles } from '../storage/index.ts';
import { Announcer, announce, printableUrl, SeederRegistration } from '../tracker-client/index.ts';
import { withoutTokens } from '../tracker-protocol/index.ts';
import {
  type Address,
  type Clock,
  type Closer,
  closeAll,
  inBackground,
  type Random,
  type ReportError,
  toHex,
} from '../util/index.ts';
import { type Offer, registrationOf } from './offers.ts';
import { type SeededTorrent, type Seeder, SeederError, type SeederOptions } from './seeder-options.ts';

/** What a seeder works with. */
export interface SeederResources {
  readonly options: SeederOptions;
  readonly session: Session;
  /** Makes merkle trees for the session. */
  readonly trees: HashPool;
  readonly openFiles: OpenFiles;
  readonly peerId: Uint8Array;
  readonly clock: Clock;
  readonly random: Random;
  readonly report: ReportError;
}

interface Seeding {
  readonly offer: Offer;
  readonly torrent: Torrent;
  readonly closers: readonly Closer[];
}

/** Offers in a session, registered with the tracker and announced to their own. */
export class RunningSeeder implements Seeder {
  readonly #resources: SeederResources;
  readonly #seeding = new Map<Offer, Seeding>();
  readonly #registration: SeederRegistration | undefined;

  constructor(offers: readonly Offer[], resources: SeederResources) {
    this.#resources = resources;
    for (const offer of offers) this.#seed(offer);
    this.#registration = this.#register();
  }

  get address(): Address {
    return this.#resources.session.address;
  }

  get torrents(): readonly SeededTorrent[] {
    return [...this.#seeding.keys()].map(({ metainfo, path, sha256 }) => ({
      name: metainfo.name,
      size: metainfo.length,
      infoHash: metainfo.infoHash,
      ...(sha256 === undefined ? {} : { sha256 }),
      path,
    }));
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
    await closeAll([
      { name: 'the registration', close: () => this.#registration?.close() },
      { name: 'the session', close: () => this.#resources.session.close() },
      { name: 'the hashing thread', close: () => this.#resources.trees.close() },
      ...[...this.#seeding.values()].flatMap(({ closers }) => closers),
    ]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #seed(offer: Offer): void {
    const { session, openFiles, report, options } = this.#resources;
    const { metainfo, diskPaths } = offer;
    const files = metainfo.files.map(({ offset, length }, at) => ({ offset, length, path: diskPaths[at]! }));
    const storage = new FileStorage({ files, mode: 'read', openFiles });
    const torrent = session.add({
      metainfo,
      storage,
      limits: { up: options.limitUpPerTorrent },
      onFailed: (error) => {
        report(error, `seed ${offer.path}`);
        inBackground(this.#drop(offer), `stop seeding ${offer.path}`, report);
      },
      onBadPeer: (name, error) => report(error, `upload to ${name}`),
    });
    const announcer = offer.isForeign ? this.#announce(offer, torrent) : undefined;
    this.#seeding.set(offer, {
      offer,
      torrent,
      closers: [
        { name: `announces of ${metainfo.name}`, close: () => announcer?.close() },
        { name: offer.path, close: () => storage.close() },
      ],
    });
  }

  /** A file that went away is offered no longer; the others are. */
  async #drop(offer: Offer): Promise<void> {
    const seeding = this.#seeding.get(offer);
    if (seeding === undefined) return;
    this.#seeding.delete(offer);
    this.#registration?.changed();
    const { torrent, closers } = seeding;
    await closeAll([{ name: offer.path, close: () => this.#resources.session.remove(torrent) }, ...closers]);
  }

  #announce({ metainfo }: Offer, torrent: Torrent): Announcer {
    const { session, report } = this.#resources;
    const announcer = new Announcer({
      ...this.#resources,
      tiers: metainfo.announceList,
      infoHashes: torrent.infoHashes,
      port: session.address.port,
      announce,
      stats: () => torrent.stats,
      onPeers: (peers) => torrent.addPeers(peers),
      onFailure: (url, error) => report(error, `announce ${metainfo.name} to ${printableUrl(url)}`),
    });
    announcer.start();
    return announcer;
  }

  #register(): SeederRegistration | undefined {
    const { options, session, peerId, report } = this.#resources;
    const { tracker, host } = options;
    if (tracker === undefined) return undefined;
    const registration = new SeederRegistration({
      ...this.#resources,
      trackerUrl: tracker,
      token: options.token,
      seeder: { ...(host === undefined ? {} : { host }), port: session.address.port, peerId: toHex(peerId) },
      torrents: () => [...this.#seeding.keys()].map(registrationOf),
      onRegistered: ({ renewIn, refused = [] }) => {
        if (refused.length > 0) report(this.#refusedBy(refused), `register ${refused.length} torrents`);
        options.onRegistered?.({ torrents: this.#seeding.size - refused.length, renewIn });
      },
      onFailure: (error) => report(error, `register with ${withoutTokens(tracker)}`),
    });
    registration.start();
    return registration;
  }

  /** The tracker has lists of what it serves. */
  #refusedBy(infoHashes: readonly string[]): SeederError {
    const names = [...this.#seeding.keys()]
      .filter(({ metainfo }) => infoHashes.includes(metainfo.infoHash))
      .map(({ metainfo }) => metainfo.name);
    const more = names.length > NAMES_TOLD ? ` and ${names.length - NAMES_TOLD} more` : '';
    return new SeederError(
      'REFUSED',
      `The tracker does not serve ${names.slice(0, NAMES_TOLD).join(', ')}${more}`,
    );
  }
}

/** Names of torrents in one message. */
const NAMES_TOLD = 5;
