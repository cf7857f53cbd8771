import { rootOfRun } from '../metainfo/index.ts';
import type { PeerConnection } from '../swarm/index.ts';
import { equalBytes } from '../util/index.ts';
import type { HashRequest } from '../wire/index.ts';

/** A peer that was asked for hashes and has sent none for so long is not asked for others before it does. */
export const HASH_PATIENCE_MS = 5_000;
/** Milliseconds after which further peers are asked for hashes, twice as many as were asked so far. */
export const ASK_MORE_MS = 1_000;
/** Hashes that nobody gave for so long are done without: a slow peer's come behind the blocks that it owes. */
export const HASH_QUERY_LIMIT_MS = 30_000;
/** The same limit for the first piece of a peer, shorter because the peer that is asked may only want to keep us busy. */
export const TRIAL_QUERY_LIMIT_MS = 2_000;

/** Hashes that are wanted. */
export interface HashQuery {
  readonly request: HashRequest;
  /** What the hashes must come to, see `rootOfRun()`. */
  readonly expected: Uint8Array;
  /** After how many milliseconds they are done without; absent: {@link HASH_QUERY_LIMIT_MS}. */
  readonly limitMs?: number | undefined;
  /** Whether the peer must have them. */
  isHeldBy(peer: PeerConnection): boolean;
}

export interface HashQueriesOptions {
  now(): number;
  /** Those that are connected. */
  peers(): Iterable<PeerConnection>;
  /** Whether the peer has sent a right piece. */
  readonly isProven: (peer: PeerConnection) => boolean;
  onBadPeer(peer: PeerConnection, why: Error): void;
}

interface Pending {
  readonly query: HashQuery;
  readonly settle: (hashes: Uint8Array | undefined) => void;
  readonly asked: Set<PeerConnection>;
  /** Those of them that have not answered, and when they were asked. */
  readonly owing: Map<PeerConnection, number>;
  readonly since: number;
  /** When the last peer was asked. */
  askedAt: number;
}

/**
 * Asks peers for hashes, and takes none that are not proven. One that sends others is bad; one that does not answer is not
 * asked again before it does. First one is asked, and three times as many each second: of a crowd that does not answer, the
 * one who does is found in seconds, while a piece waits for it in memory.
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

  /** @returns proven hashes, as `gatherHashes()` gives them; nothing when no peer gives them in time */
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
    // Somebody else was faster.
    if (pending === undefined) return;
    pending.owing.delete(peer);
    if (equalBytes(rootOfRun(request, hashes), pending.query.expected)) {
      pending.settle(hashes);
      return;
    }
    this.#options.onBadPeer(peer, new Error(`The hashes that ${peer.name} sent do not hash to their root`));
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

  /** A second has passed. */
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

  /** Does without all that is asked for. */
  close(): void {
    this.#isClosed = true;
    for (const pending of this.#pending.values()) pending.settle(undefined);
  }

  /** Asks a further peer, and does without the hashes when nobody owes them. @returns whether there was one */
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

  /** Finds whom to ask: the fastest proven peer that can be asked, or else the fastest of the others. */
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
