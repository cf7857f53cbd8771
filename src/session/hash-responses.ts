import type { RateLimiter, RateShare } from '../net/index.ts';
import { StorageError } from '../storage/index.ts';
import type { PeerConnection } from '../swarm/index.ts';
import { inBackground, lacksDescriptors, type ReportError, toError } from '../util/index.ts';
import type { HashRequest } from '../wire/index.ts';
import { type HashPlan, HashSource, type HashSourceOptions } from './hash-source.ts';

/** Hash requests of one peer that wait to be answered; more are rejected. */
export const MAX_QUEUED_HASH_REQUESTS = 64;
/** Bytes of pieces that are read and hashed in a second to answer one peer. What is more waits, a large piece in debt. */
export const MAX_HASHED_BYTES_PER_SECOND = 16 * 1024 * 1024;

/** Bytes of pieces hashed for a peer that are one unit of work of its budget, see `MESSAGE_WORK`. */
const HASHED_BYTES_PER_UNIT = 100;

export interface HashResponsesOptions extends HashSourceOptions {
  readonly limiter: RateLimiter;
  /** Bytes per second of this torrent. */
  readonly limit: number | undefined;
  /** Milliseconds from any start. */
  now(): number;
  readonly report: ReportError;
  /** The files could not be read: the torrent cannot go on. */
  readonly onFailed: (error: Error) => void;
}

/** What a peer wants to know. */
interface PeerQueue {
  /** The requests that wait, oldest first. */
  readonly waiting: HashRequest[];
  isPreparing: boolean;
  /** The answer to the request before those that wait, not sent yet; without hashes a reject. */
  prepared: { readonly request: HashRequest; readonly hashes: Uint8Array | undefined } | undefined;
  /** Bytes hashed for it lately that count against {@link MAX_HASHED_BYTES_PER_SECOND}. */
  hashedBytes: number;
}

/**
 * Answers hash requests of peers, choked or not: one after the other for each peer, and the next only when the last
 * could be handed to its socket, so that a peer that asks and does not read, or asks for very much, costs little.
 *
 * @see BEP 52
 */
export class HashResponses {
  readonly #options: HashResponsesOptions;
  readonly #source: HashSource;
  readonly #queues = new Map<PeerConnection, PeerQueue>();
  readonly #underWay = new Set<Promise<void>>();
  /** Nothing when there is no limit. */
  readonly #share: RateShare<PeerConnection> | undefined;
  #isStopped = false;

  constructor(options: HashResponsesOptions) {
    this.#options = options;
    this.#source = new HashSource(options);
    this.#share = options.limiter.share((peer, bytes) => this.#send(peer, bytes), options.limit);
  }

  onRequest(peer: PeerConnection, request: HashRequest): void {
    const queue = this.#queueOf(peer);
    if (queue.waiting.length >= MAX_QUEUED_HASH_REQUESTS) {
      peer.session.hashes.reject(request);
      return;
    }
    queue.waiting.push(request);
    this.#prepare(peer, queue);
  }

  /** There is room to send again. */
  serve(peer: PeerConnection): void {
    if (this.#queues.get(peer)?.prepared === undefined) return;
    if (this.#share === undefined) this.#send(peer, Number.POSITIVE_INFINITY);
    else if (peer.canSend) this.#share.wake(peer);
  }

  removePeer(peer: PeerConnection): void {
    this.#queues.delete(peer);
  }

  /** A second has passed. */
  tick(): void {
    for (const [peer, queue] of this.#queues) {
      queue.hashedBytes = Math.max(0, queue.hashedBytes - MAX_HASHED_BYTES_PER_SECOND);
      this.serve(peer);
      this.#prepare(peer, queue);
    }
  }

  /** Prepares nothing more; resolves when nothing is being read or hashed. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all(this.#underWay);
  }

  #queueOf(peer: PeerConnection): PeerQueue {
    const queue = this.#queues.get(peer) ?? {
      waiting: [],
      isPreparing: false,
      prepared: undefined,
      hashedBytes: 0,
    };
    this.#queues.set(peer, queue);
    return queue;
  }

  /** Makes the answer to the next request, unless there is one already. */
  #prepare(peer: PeerConnection, queue: PeerQueue): void {
    if (this.#isStopped || queue.isPreparing || queue.prepared !== undefined) return;
    if (queue.hashedBytes >= MAX_HASHED_BYTES_PER_SECOND || peer.gate.isOverworked(this.#options.now()))
      return;
    const request = queue.waiting.shift();
    if (request === undefined) return;
    queue.isPreparing = true;
    const work = this.#hashesFor(peer, request, queue)
      .then((hashes) => {
        queue.isPreparing = false;
        queue.prepared = { request, hashes };
        this.serve(peer);
      })
      .finally(() => this.#underWay.delete(work));
    this.#underWay.add(work);
    inBackground(work, `answer hash requests of ${peer.name}`, this.#options.report);
  }

  /** @returns `undefined` for a request to reject */
  async #hashesFor(
    peer: PeerConnection,
    request: HashRequest,
    queue: PeerQueue,
  ): Promise<Uint8Array | undefined> {
    const plan = this.#source.plan(request);
    if (plan === undefined) return undefined;
    queue.hashedBytes += plan.dataBytes;
    peer.gate.addSharedWork(plan.dataBytes / HASHED_BYTES_PER_UNIT, this.#options.now());
    return this.#hashesOf(plan);
  }

  async #hashesOf(plan: HashPlan): Promise<Uint8Array | undefined> {
    const { report, onFailed } = this.#options;
    try {
      return await this.#source.hashesOf(plan);
    } catch (thrown) {
      if (thrown instanceof StorageError && !lacksDescriptors(thrown)) onFailed(thrown);
      else report(toError(thrown), 'answer a hash request');
      return undefined;
    }
  }

  /** @returns bytes of the answers that were sent */
  #send(peer: PeerConnection, bytes: number): number {
    const queue = this.#queues.get(peer);
    let sent = 0;
    while (queue?.prepared !== undefined && sent < bytes && peer.canSend) {
      const { request, hashes } = queue.prepared;
      queue.prepared = undefined;
      if (hashes === undefined) peer.session.hashes.reject(request);
      else peer.session.hashes.answer(request, hashes);
      // Not 0, which would end its turn.
      sent += hashes?.length ?? 1;
      this.#prepare(peer, queue);
    }
    return sent;
  }
}
