import type { CompactPeers, ScrapeEntry } from '../../tracker-protocol/index.ts';
import type { AddressRange, InfoHash, MaybePromise } from '../../util/index.ts';

/** The role of a peer: a seeder has all, a partial seed all it wants (BEP 21), a downloader still downloads. */
export type PeerRole = 'seeder' | 'partialSeed' | 'downloader';

/**
 * The holder of a record in a swarm, if it is not the peer's own address: the registry, for a registered seeder; or, as 4 or
 * 16 bytes, the client that has named an address which is not its own.
 */
export type RecordHolder = 'registry' | Uint8Array;

/** A peer as it announces itself. */
export interface SwarmPeer {
  /** Compact address: 6 bytes for IPv4, 18 for IPv6. It is the peer's key. */
  readonly address: Uint8Array;
  /** 20 bytes. */
  readonly peerId: Uint8Array;
  readonly role: PeerRole;
  /** The holder of its record; `undefined`: its own address, from which it announced. */
  readonly heldBy?: RecordHolder | undefined;
}

/** The question of a peer: how many others it wants, and which. */
export interface SwarmQuestion {
  /** The number of peers wanted, from 0. */
  readonly numWant: number;
  /** Whether the response is to have `peerIds`. */
  readonly withPeerIds: boolean;
  /** The ranges whose peers come first; `undefined`: all are alike. */
  readonly near?: readonly AddressRange[];
}

export interface SwarmResponse {
  /** The number of seeders, including the peer itself. */
  readonly complete: number;
  /** The number of all others: partial seeds and downloaders. */
  readonly incomplete: number;
  readonly peers: CompactPeers;
  /** The milliseconds since the first peer of the swarm came, in whole seconds. */
  readonly age: number;
}

export interface SwarmStoreStats {
  readonly swarms: number;
  readonly peers: number;
}

/** The counts of how often a store has met its limits. */
export interface SwarmLimitsMet {
  /** The swarms that were forgotten to make room. */
  readonly swarmsEvicted: number;
  /** The peers that were answered and not recorded. */
  readonly peersUnrecorded: number;
  /** The peers that were forgotten for others of the same address, or that the same client named. */
  readonly peersReplaced: number;
}

/**
 * The store of swarms, which knows the peers of each.
 *
 * The contract, which `describeSwarmStore()` tests:
 *
 * - A peer is its address: announcing again from the same address and port replaces its record.
 * - A seeder and a partial seed are handed downloaders only; a downloader is handed both, about half of each where there are
 *   enough. IPv4 and IPv6 peers are kept apart: a peer gets those of its own family first and the other family fills up.
 * - No peer is handed itself: neither its address nor, at another address, its peer id.
 * - A record belongs to its holder. A client that names another address changes only records that it holds: not one of that
 *   address itself, of another client, or of a registered seeder. An address itself takes over the records in which others
 *   have named it; nobody but the registry changes the record of a registered seeder. A peer whose record may not be changed
 *   is answered.
 * - A swarm keeps `maxPeersPerAddress` peers of one address, unless the store is told another number: of one public IPv4
 *   address or IPv6 /64, and of what one client has said of other addresses; `PRIVATE_SHARES` times as many of a private
 *   address, `CUSTOMER_SHARES` times of a public IPv6 /48. For one more, another one of the same address is forgotten: of
 *   uploaders or downloaders, whichever are more, the one that has been silent for the longest time. A registered seeder is
 *   not forgotten so; if only such are left, the peer is answered and not recorded.
 * - No address fills a response while there are others: if one has many of the peers, addresses take turns, and so do public
 *   networks, IPv4 /24 and IPv6 /48.
 * - Peers are picked at random; no peer is twice in a response. Peers in the ranges that are `near` come before others of
 *   their family: all of them in a swarm of some hundred peers, in a larger one those that are found.
 * - A download counts as completed when a known peer that was no seeder says `completed` as a seeder: an unknown peer does
 *   not count, nor one that says it again.
 * - A peer that has been silent for longer than the store's time to live is forgotten in the next round of {@link
 *   SwarmStore.expire}. A swarm without peers is forgotten at once, its count of downloads with it.
 * - Memory is bounded. For one peer or swarm too many in all, another swarm with few peers is forgotten; a peer for which
 *   its own swarm has no room is answered but not recorded.
 *
 * A store in memory answers at once, because an announce there is over before a promise would be made; a store on another
 * machine gives promises, which reject with `StoreUnavailableError` while that machine does not answer. Either way the given
 * bytes belong to the caller again when the call returns.
 *
 * Times are those of `Clock`: milliseconds.
 */
export interface SwarmStore {
  /**
   * Records a peer and picks others for it, as one step.
   *
   * @param isCompleted whether the peer says that it has just completed
   * @returns the counts, and peers as bytes that belong to the caller
   */
  announce(
    infoHash: InfoHash,
    peer: SwarmPeer,
    question: SwarmQuestion,
    isCompleted: boolean,
    now: number,
  ): MaybePromise<SwarmResponse>;

  /**
   * Forgets a peer. Does nothing when the peer is not known, or when the caller may not remove its record.
   *
   * @param by the holder that removes it; `undefined`: the address itself. The registry removes only its own records
   */
  leave(infoHash: InfoHash, address: Uint8Array, by?: RecordHolder): MaybePromise<void>;

  /** @returns `undefined` for a swarm without peers */
  scrape(infoHash: InfoHash): MaybePromise<ScrapeEntry | undefined>;

  /**
   * Takes a step through all swarms, so short that announces do not wait, and forgets expired peers.
   *
   * @returns whether the round is over: all peers were forgotten that had expired when it began
   */
  expire(now: number): MaybePromise<boolean>;

  stats(): MaybePromise<SwarmStoreStats>;

  /** The counts of limits that were met; `undefined`: the store has no limits of its own. */
  readonly limitsMet?: SwarmLimitsMet;
}
