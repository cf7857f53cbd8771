import type { PeerSourceKind } from '../swarm/index.ts';
import { Announcer, type AnnouncerOptions, type TrackerState } from '../tracker-client/index.ts';
import { type Address, formatCount } from '../util/index.ts';
import type { PeerSource } from './peer-source.ts';
import { RegisteredSeeders } from './registered-seeders.ts';

/** The part of a torrent that discovery needs. */
export interface DiscoveredTorrent extends Pick<AnnouncerOptions, 'infoHashes'> {
  readonly metainfo: { readonly name: string };
  readonly stats: ReturnType<AnnouncerOptions['stats']>;
  addPeers(addresses: readonly Address[], source: PeerSourceKind): void;
}

/** The options of a {@link Discovery}: those of an `Announcer`, apart from those that the torrent answers itself. */
export interface DiscoveryOptions extends Omit<AnnouncerOptions, 'infoHashes' | 'stats' | 'onPeers'> {
  readonly torrent: DiscoveredTorrent;
  /**
   * The trackers of the user, each of which is asked for itself; none by default. Of the trackers in `tiers` one is asked at a
   * time, because a torrent names trackers that share a swarm. Those of a user need not.
   */
  readonly ownTrackers?: readonly string[];
  /** The seeders that the registry named; none by default. */
  readonly seeders?: readonly Address[];
  /** Is told what matters only to somebody who looks for a fault; `undefined` when nobody is to be told. */
  readonly debug?: ((message: string) => void) | undefined;
}

/** The words for each kind of source, in a message. */
const SOURCE_WORDS: Readonly<Record<PeerSourceKind, string>> = {
  user: 'the user',
  registry: 'the registry',
  tracker: 'a tracker',
};

/** Keeps a torrent told of peers by all its sources, from `start()` to `close()`. Each source is one line in here. */
export class Discovery {
  readonly #announcers: readonly Announcer[];
  readonly #sources: readonly PeerSource[];

  constructor({ torrent, tiers, ownTrackers = [], seeders = [], debug, ...options }: DiscoveryOptions) {
    const from = (kind: PeerSourceKind) => (peers: readonly Address[]) => {
      const heard = `Heard of ${formatCount(peers.length, 'peer')} of ${torrent.metainfo.name}`;
      debug?.(`${heard} from ${SOURCE_WORDS[kind]}`);
      torrent.addPeers(peers, kind);
    };
    const { infoHashes } = torrent;
    const stats = () => torrent.stats;
    const others = tiers.map((tier) => tier.filter((url) => !ownTrackers.includes(url)));
    const groups = [others, ...ownTrackers.map((url) => [[url]])].filter((group) => group.flat().length > 0);
    this.#announcers = groups.map(
      (group) => new Announcer({ ...options, tiers: group, infoHashes, stats, onPeers: from('tracker') }),
    );
    this.#sources = [new RegisteredSeeders(seeders, from('registry')), ...this.#announcers];
  }

  /** The state of each tracker, in the order in which they are asked. */
  get trackers(): TrackerState[] {
    return this.#announcers.flatMap(({ trackers }) => trackers);
  }

  /** Begins to look for peers. */
  start(): void {
    for (const source of this.#sources) source.start();
  }

  /** The download has become whole: the sources are told at once, and once. Not for a torrent that was whole from the start. */
  completed(): void {
    for (const source of this.#sources) source.completed?.();
  }

  /** Says whether the torrent has no peer to download from: then sources are asked more often. May be called often. */
  setNeedsPeers(needsPeers: boolean): void {
    for (const source of this.#sources) source.setNeedsPeers?.(needsPeers);
  }

  /** Stops all sources; trackers that list the peer are told, and get little time to respond. Does not fail. */
  async close(): Promise<void> {
    await Promise.all(this.#sources.map((source) => source.close()));
  }
}
