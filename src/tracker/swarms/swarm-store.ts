import type { CompactPeers, ScrapeEntry } from '../../tracker-protocol/index.ts';
import type { AddressRange, InfoHash, MaybePromise } from '../../util/index.ts';

/** A seeder has all, a partial seed all it wants (BEP 21), a downloader still downloads. */
export type PeerRole = 'seeder' | 'partialSeed' | 'downloader';

/**
 * The holder of a record in a swarm, where that is not the peer's own address: the tracker itself, for a registered seeder;
 * or the client, as 4 or 16 bytes, that has named an address which is not its own.
 */
export type RecordHolder = 'registry' | Uint8Array;

/** A peer as it announces itself. */
export interface SwarmPeer {
  /** Compact address: 6 bytes for IPv4, 18 for IPv6. It is the peer's key. */
  readonly address: Uint8Array;
  /** 20 bytes. */
  readonly peerId: Uint8Array;
  readonly role: PeerRole;
  /** The holder of its record; `undefined`: its own address, from which it has announced. */
  readonly heldBy?: RecordHolder | undefined;
}

/** What the peer wants to hear. */
export interface SwarmQuestion {
  /** Peers wanted, from 0. */
  readonly numWant: number;
  /** Whether the answer is to have `peerIds`. */
  readonly withPeerIds: boolean;
  /** Peers from there come first; absent: from anywhere. */
  readonly near?: readonly AddressRange[];
}

export interface SwarmResponse {
  /** Seeders, the peer itself among them. */
  readonly complete: number;
  /** All others: partial seeds and downloaders. */
  readonly incomplete: number;
  readonly peers: CompactPeers;
  /** Milliseconds since the first peer of the swarm came, in whole seconds. */
  readonly age: number;
}

export interface SwarmStoreStats {
  readonly swarms: number;
  readonly peers: number;
}

/** How often a store has met its limits. */
export interface SwarmLimitsMet {
  /** Swarms forgotten to make room. */
  readonly swarmsEvicted: number;
  /** Peers answered and not recorded. */
  readonly peersUnrecorded: number;
  /** Peers forgotten for others of the same address, or that the same client named. */
  readonly peersReplaced: number;
}

/**
 * Who is in which swarm.
 *
 * The contract, which `describeSwarmStore()` tests:
 *
 * - A peer is its address: announcing again from the same address and port replaces what was known.
 * - A seeder and a partial seed are handed downloaders only; a downloader is handed both, about half of each where
 *   there are enough. IPv4 and IPv6 peers are kept apart: a peer gets those of its own family first and the other
 *   family fills up.
 * - Nobody is handed itself: neither its address nor, at another address, its peer id.
 * - A record belongs to its holder. What a client says of another address changes no record that is not its own: not one of
 *   that address itself, of another client, or of a registered seeder. An address itself takes over what others have said
 *   of it; nobody but the registry changes the record of a registered seeder. A peer whose record may not be changed is
 *   answered.
 * - A swarm keeps `maxPeersPerAddress` peers of one address, unless the store is told another number: of one public
 *   IPv4 address or IPv6 /64, and of what one client has said of other addresses; `PRIVATE_SHARES` times as many of a
 *   private address, `CUSTOMER_SHARES` times of a public IPv6 /48. For one more, another one of the same stranger is
 *   forgotten: one of uploaders or downloaders, of which it has more, that was not heard of for the longest. A registered
 *   seeder is not forgotten so; where only such are left, the peer is answered and not recorded.
 * - No address fills an answer while there are others: where one has many of the peers, addresses take turns, and so do
 *   public networks, IPv4 /24 and IPv6 /48.
 * - Which peers are picked is random; no peer stands twice in an answer. Those of the ranges that are `near` come before
 *   others of their family: all of them in a swarm of some hundred peers, in a larger one those that are found.
 * - A download counts as completed when a peer that was known as something else says `completed` as a seeder: a stranger
 *   does not count, nor a peer that says it again.
 * - A peer not heard of for longer than the store's time to live is forgotten by the next round of
 *   {@link SwarmStore.expire}. A swarm without peers is forgotten at once, its count of downloads with it.
 * - Memory is bounded. For a peer too many, in all or as the first of a swarm, another swarm is forgotten, one with few
 *   peers; a peer for which a swarm itself has no room is answered but not recorded.
 *
 * A store in memory answers at once, for an announce there is over before a promise would be made; one that keeps its
 * swarms on another machine gives promises, which reject with `StoreUnavailableError` while that does not answer. Either
 * way the bytes that are given are the caller's again when the call returns.
 *
 * Times are those of `Clock`: milliseconds.
 */
export interface SwarmStore {
  /**
   * Records a peer and picks others for it, as one step.
   *
   * @param isCompleted the peer says it has just completed
   * @returns bytes of the answer's own
   */
  announce(
    infoHash: InfoHash,
    peer: SwarmPeer,
    question: SwarmQuestion,
    isCompleted: boolean,
    now: number,
  ): MaybePromise<SwarmResponse>;

  /**
   * Forgets a peer; harmless when it is not known, or when its record is not one that the caller may remove.
   *
   * @param by the holder on whose word it goes; `undefined`: the address itself. The registry removes only its own records
   */
  leave(infoHash: InfoHash, address: Uint8Array, by?: RecordHolder): MaybePromise<void>;

  /** @returns `undefined` for a swarm without peers */
  scrape(infoHash: InfoHash): MaybePromise<ScrapeEntry | undefined>;

  /**
   * Takes a step through all swarms, so short that announces do not wait, and forgets the peers that were not heard of
   * in time.
   *
   * @returns whether the round is over: everyone was forgotten whose time was up when it began
   */
  expire(now: number): MaybePromise<boolean>;

  stats(): MaybePromise<SwarmStoreStats>;

  /** Absent of a store that has no limits of its own. */
  readonly limitsMet?: SwarmLimitsMet;
}
