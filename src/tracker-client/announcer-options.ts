import type { AnnounceRequest, AnnounceResponse } from '../tracker-protocol/index.ts';
import type { Address, Clock, InfoHash, Random, ReportError } from '../util/index.ts';

/** The bytes that a torrent has moved since its start, and the bytes that it lacks. */
export interface TransferStats {
  readonly uploaded: number;
  readonly downloaded: number;
  /** The bytes that are still missing. 0 makes the peer a seeder. */
  readonly left: number;
}

/** The response of a tracker to an announce. */
export interface ReceivedAnnounceResponse extends AnnounceResponse {
  /**
   * The addresses of the peers that the response gives by name, once they are looked up. Names that have no address are left
   * out. `undefined` when the response has no names. The promise never rejects.
   */
  readonly peersLookedUp?: Promise<readonly Address[]>;
}

/** A function that announces once, and stops when its signal aborts: {@link announce}, or a test's. */
export type AnnounceTransport = (
  trackerUrl: string,
  request: AnnounceRequest,
  options: { readonly signal: AbortSignal },
) => Promise<ReceivedAnnounceResponse>;

/** The options of an announcer: the parts of a torrent that announcing needs. */
export interface AnnouncerOptions {
  /** The announce URLs of the trackers, by tier. @see BEP 12 */
  readonly tiers: readonly (readonly string[])[];
  /** The info-hash, or the two of a hybrid torrent: that of v1, and the first 20 bytes of that of v2. */
  readonly infoHashes: readonly InfoHash[];
  /** 20 bytes. */
  readonly peerId: Uint8Array;
  /** The port at which the peer takes connections. */
  readonly port: number;
  /** The number of peers to ask for; by default the tracker decides. */
  readonly numWant?: number;
  /** A secret by which trackers recognise the peer at another address. */
  readonly key?: string;
  /** Tells the torrent's bytes. It is called before each announce. */
  stats(): TransferStats;
  /** A tracker has named peers. They may be known already, and this peer itself may be among them. */
  onPeers(peers: readonly Address[]): void;
  /**
   * An announce has failed, usually with a `TrackerCallError`. It is tried again, except when the code is `UNSUPPORTED` or
   * `retryIn` is `never`.
   */
  onFailure(trackerUrl: string, error: Error): void;
  /** A tracker has answered. The response has a warning, counts of seeders and leechers, and the address it sees. */
  onResponse?(trackerUrl: string, answer: AnnounceResponse): void;
  readonly announce: AnnounceTransport;
  readonly clock: Clock;
  readonly random: Random;
  readonly report: ReportError;
}
