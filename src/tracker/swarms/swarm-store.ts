import type { CompactPeers, ScrapeEntry } from '../../tracker-protocol/index.ts';
import type { InfoHash } from '../../util/index.ts';

/** A seeder has all, a partial seed all it wants (BEP 21), a downloader still downloads. */
export type PeerRole = 'seeder' | 'partialSeed' | 'downloader';

/** A peer as it announces itself. */
export interface SwarmPeer {
  /** Compact address: 6 bytes for IPv4, 18 for IPv6. It is the peer's key. */
  readonly address: Uint8Array;
  /** 20 bytes. */
  readonly peerId: Uint8Array;
  readonly role: PeerRole;
}

/** What the peer wants to hear. */
export interface SwarmQuestion {
  /** Peers wanted, from 0. */
  readonly numWant: number;
  /** Whether the answer is to have `peerIds`. */
  readonly withPeerIds: boolean;
}

export interface SwarmAnswer {
  /** Seeders, the peer itself among them. */
  readonly complete: number;
  /** All others: partial seeds and downloaders. */
  readonly incomplete: number;
  readonly peers: CompactPeers;
}

export interface SwarmStoreStats {
  readonly swarms: number;
  readonly peers: number;
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
 * - Which peers are picked is random; no peer stands twice in an answer.
 * - A peer not heard of for longer than the store's time to live is forgotten by the next {@link SwarmStore.expire}. A
 *   swarm without peers is forgotten at once, its count of downloads with it.
 * - Memory is bounded. A peer for which there is no room is answered but not recorded.
 *
 * All calls are synchronous on purpose: an announce never waits for another machine. An adapter that shares its
 * swarms with others does so in the background.
 *
 * Times are those of `Clock`: milliseconds.
 */
export interface SwarmStore {
  /**
   * Records a peer and picks others for it, as one step.
   *
   * @param isCompleted the peer says it has just completed: counted once, when it was no seeder before
   * @returns bytes of the answer's own; `undefined` when the swarm is not known and there is no room for another
   */
  announce(
    infoHash: InfoHash,
    peer: SwarmPeer,
    question: SwarmQuestion,
    isCompleted: boolean,
    now: number,
  ): SwarmAnswer | undefined;

  /** Forgets a peer; harmless when it is not known. */
  leave(infoHash: InfoHash, address: Uint8Array): void;

  /** @returns `undefined` for a swarm without peers */
  scrape(infoHash: InfoHash): ScrapeEntry | undefined;

  /** Forgets all peers that were not heard of in time. @returns how many */
  expire(now: number): number;

  stats(): SwarmStoreStats;
}
