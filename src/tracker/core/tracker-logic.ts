import type {
  AnnounceRequest,
  CompactAnnounceResponse,
  ScrapeRequest,
  ScrapeResponse,
  TrackerFailure,
} from '../../tracker-protocol/index.ts';
import type { InfoHash, MaybePromise } from '../../util/index.ts';
import type { ClientAddress } from './client-address.ts';

/**
 * The tracker as its front ends see it. They turn bytes into requests, and ask it for responses and for who may announce
 * what; nothing here depends on a transport.
 */
export interface TrackerLogic {
  /** The seconds between announces in a swarm that has existed for some time. */
  readonly interval: number;

  /** A number that changes each time the access rules may have changed; `undefined`: everybody may announce everything. */
  readonly accessVersion: number | undefined;

  /**
   * Records the peer and answers it. A claim of another address (`ip`) that `reachableHost()` does not grant is ignored;
   * a granted claim holds as long as nobody else has said anything of that address and port.
   *
   * @param passkey that the announce URL has, if it has one
   */
  announce(
    request: AnnounceRequest,
    clientAddress: ClientAddress,
    passkey?: string,
  ): MaybePromise<CompactAnnounceResponse | TrackerFailure>;

  /**
   * Counts the peers of swarms. The swarm of a torrent that is not served is given as empty.
   *
   * @param passkey that the scrape URL has, if it has one
   */
  scrape(request: ScrapeRequest, passkey?: string): MaybePromise<ScrapeResponse | TrackerFailure>;

  /**
   * Says when a peer is to announce itself again: sooner in a young swarm, and not all peers at the same time.
   *
   * @param age the age of the swarm in seconds
   */
  times(age: number): { interval: number; minInterval: number };

  /** Says why an announce is refused, and counts that; `undefined`: it is granted. {@link announce} asks this itself. */
  refuseAnnounce(infoHash: InfoHash, passkey: string | undefined): TrackerFailure | undefined;

  /** Says why a scrape is refused, whatever torrents it is of, and counts that; `undefined`: it is granted. */
  refuseScrape(passkey: string | undefined): TrackerFailure | undefined;

  /** Says why a torrent is not served, and counts that; `undefined`: it is served. */
  refuseInfoHash(infoHash: InfoHash): TrackerFailure | undefined;

  /** Says whether a passkey allows announces, for a peer that is already in a swarm. It increments no counter. */
  grants(passkey: string | undefined): boolean;

  /** Says whether a torrent is served, for a peer that is already in a swarm. It increments no counter. */
  serves(infoHash: InfoHash): boolean;
}
