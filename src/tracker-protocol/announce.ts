import type { Address, InfoHash } from '../util/index.ts';

/**
 * The event of an announce: `none` is a regular one, `paused` is that of a partial seed that wants no more.
 *
 * @see BEP 3, BEP 21
 */
export type AnnounceEvent = 'none' | 'started' | 'completed' | 'stopped' | 'paused';

/** The request by which a peer announces itself to a tracker, over any transport. @see BEP 3 */
export interface AnnounceRequest {
  readonly infoHash: InfoHash;
  /** 20 bytes. */
  readonly peerId: Uint8Array;
  /** The TCP port on which the peer takes connections, 1 to 65535; 0 only with the event `stopped`. */
  readonly port: number;
  /** Another address at which the peer says it can be reached: a hint that a tracker may ignore. @see BEP 3 `ip`, BEP 7 */
  readonly ip?: string;
  /** Bytes. */
  readonly uploaded: number;
  readonly downloaded: number;
  /** The number of bytes still missing; 0 makes the peer a seeder. */
  readonly left: number;
  readonly event: AnnounceEvent;
  /** The number of peers wanted, 0 or more; `undefined`: the tracker's default. */
  readonly numWant?: number;
  /** Secret of the peer, by which it is known again at another address: one character a byte. @see BEP 7 */
  readonly key?: string;
  /** The `tracker id` that the tracker gave in an earlier response: one character a byte. */
  readonly trackerId?: string;
  /** Whether peers are wanted in the compact form. @see BEP 23 */
  readonly compact: boolean;
  /** Whether peer ids may be left out of the dictionary form. */
  readonly noPeerId: boolean;
}

/** A peer in a response. */
export interface AnnouncedPeer extends Address {
  /** The peer id, 20 bytes; `undefined` in the compact form. */
  readonly peerId?: Uint8Array;
}

/** A peer with a host name in place of an address. The client must look it up. @see BEP 3 */
export interface NamedPeer {
  /** A host name of letters, digits, dots, hyphens and underscores. */
  readonly name: string;
  readonly port: number;
}

/** @see BEP 3 */
export interface AnnounceResponse {
  /** The seconds until the next regular announce. */
  readonly interval: number;
  /** The seconds before which the peer must not announce again. */
  readonly minInterval?: number;
  /** Seeders. */
  readonly complete?: number;
  /** Leechers. */
  readonly incomplete?: number;
  readonly peers: readonly AnnouncedPeer[];
  /** The peers with host names; `undefined` when there are none. */
  readonly namedPeers?: readonly NamedPeer[];
  readonly trackerId?: string;
  readonly warningMessage?: string;
  /** The address from which the tracker saw the request come. @see BEP 24 */
  readonly externalIp?: string;
}

/**
 * The peers of a response as a tracker stores and sends them: compact addresses in a row, each family by itself, so that
 * writing a response is copying bytes.
 */
export interface CompactPeers {
  /** 6 bytes each. @see BEP 23 */
  readonly ipv4: Uint8Array;
  /** 18 bytes each. @see BEP 7 */
  readonly ipv6: Uint8Array;
  /** 20 bytes each, first those of `ipv4`, then those of `ipv6`; `undefined` when they are not sent. */
  readonly peerIds?: Uint8Array;
}

/** An {@link AnnounceResponse} in the form in which a tracker makes it. */
export interface CompactAnnounceResponse
  extends Omit<AnnounceResponse, 'peers' | 'namedPeers' | 'externalIp'> {
  readonly peers: CompactPeers;
  /** The address from which the request came, 4 or 16 bytes. @see BEP 24 */
  readonly externalIp?: Uint8Array;
}

/** The refusal of a tracker, for the peer's user to read. @see BEP 3 `failure reason`, BEP 31 `retry in` */
export interface TrackerFailure {
  readonly failureReason: string;
  /** The minutes until it is worth trying again, or `never`; `undefined`: the tracker does not say. */
  readonly retryIn?: number | 'never';
  /** The seconds to the next announce, for peers that do not know `retryIn`; `undefined`: the tracker does not say. */
  readonly interval?: number;
}
