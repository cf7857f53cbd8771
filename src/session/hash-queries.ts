import { rootOfRun } from '../metainfo/index.ts';
import type { PeerConnection } from '../swarm/index.ts';
import { equalBytes } from '../util/index.ts';
import type { HashRequest } from '../wire/index.ts';

/** The milliseconds after which a peer that was asked for hashes and did not respond is not asked for others. */
export const HASH_PATIENCE_MS = 5_000;
/** The milliseconds after which further peers are asked for hashes, twice as many as were asked so far. */
export const ASK_MORE_MS = 1_000;
/** The milliseconds after which a query for hashes is given up. A slow peer sends hashes only behind the blocks that it owes. */
export const HASH_QUERY_LIMIT_MS = 30_000;
/** The milliseconds after which a query is given up that concerns the first piece of a peer, which may want to keep us busy. */
export const TRIAL_QUERY_LIMIT_MS = 2_000;

/** A query for hashes. */
export interface HashQuery {
  readonly request: HashRequest;
  /** The root that the hashes must have, see `rootOfRun()`. */
  readonly expected: Uint8Array;
  /** The milliseconds after which the query is given up; {@link HASH_QUERY_LIMIT_MS} when `undefined`. */
  readonly limitMs?: number | undefined;
  /** Tells whether the peer must have the hashes, because it has what they are made from. */
  isHeldBy(peer: PeerConnection): boolean;
}

/** The options of {@link HashQueries}. */
export interface HashQueriesOptions {
  /** Returns the time in milliseconds on a monotonic clock. */
  now(): number;
  /** Returns the connected peers. */
  peers(): Iterable<PeerConnection>;
  /** Tells whether the peer has sent a right piece. */
  readonly isProven: (peer: PeerConnection) => boolean;
  /** Hears of a peer that sent wrong hashes. */
  onBadPeer(peer: PeerConnection, why: Error): void;
}

/** A query that is under way. */
interface Pending {
  readonly query: HashQuery;
  readonly settle: (hashes: Uint8Array | undefined) => void;
  /** The peers that were asked. */
  readonly asked: Set<PeerConnection>;
  /** The peers that were asked and have not responded, with the times in milliseconds at which they were asked. */
  readonly owing: Map<PeerConnection, number>;
  /** The time at which the query began, in milliseconds. */
  readonly since: number;
  /** The time at which the last peer was asked, in milliseconds. */
  askedAt: number;
}

/**
 * Asks peers for hashes, and takes only hashes that have the right root. A peer that sends others is bad. A peer that does
 * not respond is asked for no others until it does. One peer is asked first; after each second three times as many have been
 * asked. So the one peer that responds is soon found in a crowd that does not, while a piece waits in memory.
 *
 * @see BEP 52
 */
export class HashQueries {
  readonly #options: HashQueriesOptions;
  readonly #pending = new Map<HashRequest, Pending>();
  readonly #silent = new Set<PeerConnection>();
  #isClosed = false;

  constructor(options: HashQueriesOptions) {
    this.#options = options;
  }

  /**
   * Asks peers for the hashes of a query.
   *
   * @returns proven hashes in the order of `gatherHashes()`; `undefined` when no peer sends them in time
   */
  ask(query: HashQuery): Promise<Uint8Array | undefined> {
    return new Promise((resolve) => {
      const settle = (hashes: Uint8Array | undefined) => {
        this.#pending.delete(query.request);
        resolve(hashes);
      };
      const now = this.#options.now();
      const pending = {
        query,
        settle,
        asked: new Set<PeerConnection>(),
        owing: new Map<PeerConnection, number>(),
      };
      const started: Pending = { ...pending, since: now, askedAt: now };
      this.#pending.set(query.request, started);
      this.#askNext(started);
    });
  }

  onHashes(peer: PeerConnection, request: HashRequest, hashes: Uint8Array): void {
    this.#silent.delete(peer);
    const pending = this.#pending.get(request);
    // Another peer was faster, or the query was given up.
    if (pending === undefined) return;
    pending.owing.delete(peer);
    if (equalBytes(rootOfRun(request, hashes), pending.query.expected)) {
      pending.settle(hashes);
      return;
    }
    this.#options.onBadPeer(peer, new Error(`The hashes that ${peer.name} sent do not have the right root`));
    this.#askNext(pending);
  }

  onRejected(peer: PeerConnection, request: HashRequest): void {
    this.#silent.delete(peer);
    const pending = this.#pending.get(request);
    if (pending?.owing.delete(peer)) this.#askNext(pending);
  }

  removePeer(peer: PeerConnection): void {
    this.#silent.delete(peer);
    for (const pending of this.#pending.values()) if (pending.owing.delete(peer)) this.#askNext(pending);
  }

  /** Counts a second: gives queries up, and asks further peers. */
  tick(now: number): void {
    for (const pending of this.#pending.values()) {
      const { limitMs = HASH_QUERY_LIMIT_MS } = pending.query;
      if (now - pending.since >= limitMs) pending.settle(undefined);
      else if (now - pending.askedAt >= ASK_MORE_MS) {
        for (const [peer, at] of pending.owing) if (now - at >= HASH_PATIENCE_MS) this.#silent.add(peer);
        for (let left = 2 * pending.asked.size; left > 0 && this.#askNext(pending); left -= 1);
      }
    }
  }

  /** Gives all queries up. */
  close(): void {
    this.#isClosed = true;
    for (const pending of this.#pending.values()) pending.settle(undefined);
  }

  /** Asks a further peer. Gives the query up when there is none and no peer owes a response. @returns whether there was one */
  #askNext(pending: Pending): boolean {
    const { query, asked, owing } = pending;
    const peer = this.#isClosed ? undefined : this.#next(pending);
    if (peer !== undefined) {
      asked.add(peer);
      pending.askedAt = this.#options.now();
      owing.set(peer, pending.askedAt);
      peer.session.hashes.request(query.request);
    } else if (owing.size === 0) pending.settle(undefined);
    return peer !== undefined;
  }

  /** Finds the next peer to ask: the fastest proven one, or else the fastest of the others. `undefined` when there is none. */
  #next({ query, asked }: Pending): PeerConnection | undefined {
    const { isProven } = this.#options;
    let best: PeerConnection | undefined;
    for (const peer of this.#options.peers()) {
      if (!peer.speaksV2 || !peer.isOpen || asked.has(peer) || this.#silent.has(peer)) continue;
      if (!query.isHeldBy(peer) || !peer.session.hashes.canRequest(query.request)) continue;
      const isBetter =
        best === undefined ||
        (isProven(peer) === isProven(best) ? peer.downloadRate > best.downloadRate : isProven(peer));
      if (isBetter) best = peer;
    }
    return best;
  }
}
