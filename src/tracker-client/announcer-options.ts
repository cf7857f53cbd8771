import type { AnnounceRequest, AnnounceResponse } from '../tracker-protocol/index.ts';
import type { Address, Clock, InfoHash, Random, ReportError } from '../util/index.ts';

/** The bytes that a torrent has moved since it was started, and those that it lacks. */
export interface TransferStats {
  readonly uploaded: number;
  readonly downloaded: number;
  /** 0 makes the peer a seeder. */
  readonly left: number;
}

/** The answer of a tracker to an announce. */
export interface ReceivedAnnounceResponse extends AnnounceResponse {
  /**
   * The peers that the answer gave by name, as soon as they are looked up, as far as they could be; absent when it gave
   * none. Never rejects.
   */
  readonly peersLookedUp?: Promise<readonly Address[]>;
}

/** Makes one announce: {@link announce} of this folder, or a test's. Stops when the signal says so. */
export type AnnounceTransport = (
  trackerUrl: string,
  request: AnnounceRequest,
  options: { readonly signal: AbortSignal },
) => Promise<ReceivedAnnounceResponse>;

/** The parts of a torrent that announcing needs. */
export interface AnnouncerOptions {
  /** Trackers' announce URLs, by tier. @see BEP 12 */
  readonly tiers: readonly (readonly string[])[];
  /** One, or the two of a hybrid torrent: v1, and v2 cut to 20 bytes. */
  readonly infoHashes: readonly InfoHash[];
  /** 20 bytes. */
  readonly peerId: Uint8Array;
  /** The port at which the peer takes connections. */
  readonly port: number;
  /** The number of peers that are asked for; absent: as many as the tracker likes to give. */
  readonly numWant?: number;
  /** Secret by which trackers know the peer again at another address. */
  readonly key?: string;
  /** Asked before each announce. */
  stats(): TransferStats;
  /** Peers a tracker has named: perhaps known already, perhaps this peer itself. */
  onPeers(peers: readonly Address[]): void;
  /**
   * An announce failed, with a `TrackerCallError` if the transport throws nothing else. It is tried again unless the code
   * is `UNSUPPORTED` or `retryIn` is `never`.
   */
  onFailure(trackerUrl: string, error: Error): void;
  /** The whole answer: a warning, counts of seeders and leechers, the address the tracker sees. */
  onResponse?(trackerUrl: string, answer: AnnounceResponse): void;
  readonly announce: AnnounceTransport;
  readonly clock: Clock;
  readonly random: Random;
  readonly report: ReportError;
}
