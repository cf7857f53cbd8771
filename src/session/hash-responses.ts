import type { RateLimiter, RateShare } from '../net/index.ts';
import { StorageError } from '../storage/index.ts';
import type { PeerConnection } from '../swarm/index.ts';
import { inBackground, lacksDescriptors, type ReportError, toError } from '../util/index.ts';
import type { HashRequest } from '../wire/index.ts';
import { type HashPlan, HashSource, type HashSourceOptions } from './hash-source.ts';

/** The number of hash requests of one peer that wait for their responses. Further requests are rejected. */
export const MAX_QUEUED_HASH_REQUESTS = 64;
/** The bytes of pieces that are read and hashed in a second for the requests of one peer. Further requests wait. */
export const MAX_HASHED_BYTES_PER_SECOND = 16 * 1024 * 1024;

/** The bytes of pieces hashed for a peer that are one unit of work of its budget, see `MESSAGE_WORK`. */
const HASHED_BYTES_PER_UNIT = 100;

/** The options of {@link HashResponses}. */
export interface HashResponsesOptions extends HashSourceOptions {
  readonly limiter: RateLimiter;
  /** The bytes per second that this torrent may send; `undefined` when there is no limit. */
  readonly limit: number | undefined;
  /** Returns the time in milliseconds on a monotonic clock. */
  now(): number;
  readonly report: ReportError;
  /** Hears that the files cannot be read, so that the torrent cannot go on. */
  readonly onFailed: (error: Error) => void;
}

/** The hash requests of one peer. */
interface PeerQueue {
  /** The requests that wait, oldest first. */
  readonly waiting: HashRequest[];
  isPreparing: boolean;
  /** The response to the request before those that wait. `undefined` when there is none to send; without hashes a reject. */
  prepared: { readonly request: HashRequest; readonly hashes: Uint8Array | undefined } | undefined;
  /** The bytes hashed for it of late that count against {@link MAX_HASHED_BYTES_PER_SECOND}. */
  hashedBytes: number;
}

/**
 * Responds to hash requests of peers, choked or not. It takes the requests of a peer one after the other, the next one only
 * when the response to the last one is with the socket. So a peer that requests and does not read, or requests very many
 * hashes, costs little.
 *
 * @see BEP 52
 */
export class HashResponses {
  readonly #options: HashResponsesOptions;
  readonly #source: HashSource;
  readonly #queues = new Map<PeerConnection, PeerQueue>();
  readonly #underWay = new Set<Promise<void>>();
  /** The share of the rate limit; `undefined` when there is no limit. */
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

  /** Sends the response that is ready, if there is one. Called when there is room to send again. */
  serve(peer: PeerConnection): void {
    if (this.#queues.get(peer)?.prepared === undefined) return;
    if (this.#share === undefined) this.#send(peer, Number.POSITIVE_INFINITY);
    else if (peer.canSend) this.#share.wake(peer);
  }

  removePeer(peer: PeerConnection): void {
    this.#queues.delete(peer);
  }

  /** Counts a second: goes on with requests that waited. */
  tick(): void {
    for (const [peer, queue] of this.#queues) {
      queue.hashedBytes = Math.max(0, queue.hashedBytes - MAX_HASHED_BYTES_PER_SECOND);
      this.serve(peer);
      this.#prepare(peer, queue);
    }
  }

  /** Stops. Resolves when nothing is being read or hashed any more. */
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

  /** Makes the response to the next request, unless one is being made or is ready. */
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
    inBackground(work, `respond to hash requests of ${peer.name}`, this.#options.report);
  }

  /** Makes the hashes for a request. @returns `undefined` when the request is to be rejected */
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
      else report(toError(thrown), 'respond to a hash request');
      return undefined;
    }
  }

  /** Sends responses until they have about `bytes` bytes. @returns the bytes that were sent */
  #send(peer: PeerConnection, bytes: number): number {
    const queue = this.#queues.get(peer);
    let sent = 0;
    while (queue?.prepared !== undefined && sent < bytes && peer.canSend) {
      const { request, hashes } = queue.prepared;
      queue.prepared = undefined;
      if (hashes === undefined) peer.session.hashes.reject(request);
      else peer.session.hashes.answer(request, hashes);
      // A reject counts as one byte, because 0 would end the turn of the peer.
      sent += hashes?.length ?? 1;
      this.#prepare(peer, queue);
    }
    return sent;
  }
}
