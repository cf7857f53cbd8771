/**
 * A source of peers: it tells a torrent of addresses. What is done with them is decided by the swarm, which does not believe
 * what one stranger says about another.
 *
 * A new source is a class that implements this, and one line in `Discovery`. Its kind is a word in `PeerSourceKind`, in `swarm/`. A
 * source that needs a socket gets it by `DiscoveryOptions`, from the client's `transfer.ts` and the seeder's `running-seeder.ts`.
 * Sources other than the trackers of the torrent and of the user must stay off for private torrents (BEP 27).
 */
export interface PeerSource {
  /** Begins to look for peers, and tells the torrent of them until `close()`. */
  start(): void;
  /** Tells it that the download has become whole. Called at most once. */
  completed?(): void;
  /** Tells it whether the torrent has no peer to download from. May be called often. */
  setNeedsPeers?(needsPeers: boolean): void;
  /** Stops. Does not fail: what did not work was told where it was asked for. */
  close(): Promise<void>;
}
