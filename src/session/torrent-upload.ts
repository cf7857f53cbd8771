import { Choker, ServeOrder } from '../choker/index.ts';
import type { RateLimiter, RateShare } from '../net/index.ts';
import type { Storage } from '../storage/index.ts';
import type { PeerConnection, RequestTaker } from '../swarm/index.ts';
import { type Bitfield, inBackground, lacksDescriptors, type ReportError } from '../util/index.ts';
import {
  type BlockRequest,
  PIECE_HEADER_BYTES,
  type PieceGeometry,
  requestableLength,
  writePieceHeader,
} from '../wire/index.ts';
import type { ReadCache } from './read-cache.ts';
import { READ_RUN_BYTES, type Run } from './run.ts';

/** The bytes read from disk for a peer that are one unit of work of its budget. The bytes that it takes are given back. */
const READ_BYTES_PER_UNIT = 4096;

/** The options of a {@link TorrentUpload}. */
export interface UploadOptions {
  /** The name of the torrent in the cache. */
  readonly owner: string;
  readonly geometry: PieceGeometry;
  readonly have: Bitfield;
  readonly storage: Storage;
  readonly cache: ReadCache;
  readonly limiter: RateLimiter;
  /** The bytes per second that this torrent may send; `undefined` when there is no limit. */
  readonly limit: number | undefined;
  readonly report: ReportError;
  /** The number of peers that are uploaded to at once. */
  readonly slots: number;
  /** Whether all pieces are there from the start. */
  readonly isSeeding: boolean;
  /** Returns the connected peers. */
  peers(): ReadonlySet<PeerConnection>;
  /** Returns the time in milliseconds on a monotonic clock. */
  now(): number;
  /** Hears that the files cannot be read, so that the torrent cannot go on. */
  readonly onFailed: (error: Error) => void;
}

/**
 * Decides which peers may take blocks, and sends the blocks that they request. It hands a socket only as many as it has room
 * for and leaves the other requests in the queue, so that a peer that does not read costs nothing. While it sends a run of
 * blocks it reads the next one.
 */
export class TorrentUpload implements RequestTaker {
  readonly #options: UploadOptions;
  readonly #underWay = new Set<Promise<void>>();
  readonly #choker: Choker<PeerConnection>;
  readonly #order: ServeOrder<PeerConnection>;
  /** The share of the rate limit; `undefined` when there is no limit. */
  readonly #share: RateShare<PeerConnection> | undefined;

  constructor(options: UploadOptions) {
    this.#options = options;
    this.#choker = new Choker(options);
    this.#choker.tick(options.now());
    this.#order = new ServeOrder(options.geometry.pieceCount);
    this.#share = options.limiter.share((peer, bytes) => this.#send(peer, bytes), options.limit);
  }

  /** Resolves when no block is being read from disk any more. */
  async settled(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  /** Chooses peers by the bytes that they take from now on, and no longer by those that they send. All pieces are there. */
  startSeeding(): void {
    this.#choker.isSeeding = true;
  }

  addPeer(peer: PeerConnection, now: number): void {
    this.#choker.addPeer(peer, now);
  }

  removePeer(peer: PeerConnection, now: number): void {
    this.#order.removePeer(peer);
    this.#choker.removePeer(peer, now);
  }

  onInterestChanged(): void {
    const isSeenTo = this.#choker.interestChanged(this.#options.now());
    if (isSeenTo) this.#divideSendBuffer();
  }

  /** Counts a second: serves also the peers that waited for memory that others had, whose sockets do not call. */
  tick(now: number): void {
    this.#choker.tick(now);
    this.#divideSendBuffer();
    for (const peer of this.#options.peers()) if (peer.session.queuedRequestCount > 0) this.serve(peer);
  }

  /** Sends blocks that the peer requested until its socket is full or its queue is empty. Called when either may have changed. */
  serve(peer: PeerConnection): void {
    if (peer.isReading) return;
    if (this.#share === undefined) this.#send(peer, Number.POSITIVE_INFINITY);
    else if (peer.canSend && peer.session.queuedRequestCount > 0) this.#share.wake(peer);
  }

  /** Gives each peer its share of the send buffer. Called when the number of peers that take blocks may have changed. */
  #divideSendBuffer(): void {
    const peers = this.#options.peers();
    let takers = 0;
    for (const peer of peers) if (peer.peerInterested && !peer.amChoking) takers += 1;
    for (const peer of peers) peer.output.shareBuffer(takers);
  }

  /** Sends blocks until they have about `bytes` bytes. @returns the bytes of the blocks that were sent, or will be once they are read */
  #send(peer: PeerConnection, bytes: number): number {
    let sent = 0;
    peer.output.together(() => {
      while (sent < bytes && peer.canSend && !peer.isReading) {
        const index = this.#order.next(peer, peer.session.queuedRequests);
        if (index === undefined) return;
        const request = peer.session.takeRequest(index)!;
        if (this.#options.have.has(request.index)) {
          this.#order.sent(peer, index);
          this.#respond(peer, request);
          sent += request.length;
        } else peer.session.reject(request);
      }
    });
    return sent;
  }

  /** Sends the block of a request, or reads it first. */
  #respond(peer: PeerConnection, request: BlockRequest): void {
    const { begin, length } = request;
    if ((begin % READ_RUN_BYTES) + length > READ_RUN_BYTES || this.#options.cache.isCrowded) {
      this.#sendAlone(peer, request);
      return;
    }
    const run = this.#runAt(peer, request.index, begin);
    const send = () => {
      if (begin % READ_RUN_BYTES === 0) this.#readAhead(peer, request);
      peer.gate.addWork(-length / READ_BYTES_PER_UNIT);
      const message = run.messageFor(request);
      if (message === undefined) peer.sendBlock(request, run.copyFor(request));
      else peer.sendBlock(request, message, run);
    };
    if (run.loading === undefined) send();
    else {
      // The cache may drop the run before it is read.
      run.retain();
      this.#sendLater(peer, request, run.loading, send, run.release);
    }
  }

  /** Returns the run to send from. If it has to be read, the whole run counts as work of the peer. */
  #runAt(peer: PeerConnection, index: number, begin: number): Run {
    const { owner, geometry, storage, cache } = this.#options;
    const piece = { index, offset: index * geometry.pieceLength, length: requestableLength(geometry, index) };
    const loads = cache.loads;
    const run = cache.runAt(owner, piece, begin, (offset, into) => storage.read(offset, ...into));
    if (cache.loads !== loads) peer.gate.addWork(run.buffer.length / READ_BYTES_PER_UNIT);
    return run;
  }

  /** Begins to read the run of the next request of the peer. */
  #readAhead(peer: PeerConnection, { index, begin }: BlockRequest): void {
    const runOf = (offset: number) => Math.floor(offset / READ_RUN_BYTES);
    const queued = peer.session.queuedRequests;
    const inPiece = queued.get(index)?.find((request) => runOf(request.begin) !== runOf(begin));
    const next = inPiece ?? queued.get(this.#order.following(peer, queued) ?? -1)?.[0];
    const { have, cache } = this.#options;
    if (next === undefined || !have.has(next.index) || cache.isCrowded) return;
    const { loading } = this.#runAt(peer, next.index, next.begin);
    if (loading !== undefined) this.#follow(loading);
  }

  /** Reads a block into memory of its own and sends it: one that lies in two runs, or any block while the cache is crowded. */
  #sendAlone(peer: PeerConnection, request: BlockRequest): void {
    const { geometry, storage } = this.#options;
    const message = new Uint8Array(PIECE_HEADER_BYTES + request.length);
    writePieceHeader(message, 0, request);
    const offset = request.index * geometry.pieceLength + request.begin;
    const reading = storage.read(offset, message.subarray(PIECE_HEADER_BYTES));
    this.#sendLater(peer, request, reading, () => peer.sendBlock(request, message));
  }

  /** Sends a block when it is read, or rejects the request when it cannot be read. */
  #sendLater(
    peer: PeerConnection,
    request: BlockRequest,
    reading: Promise<void>,
    send: () => void,
    onDone = () => {},
  ): void {
    peer.setReading(true);
    const response = reading
      .then(
        () => {
          peer.setReading(false);
          if (!peer.isOpen) return;
          peer.output.together(send);
          this.serve(peer);
        },
        () => {
          peer.setReading(false);
          peer.session.reject(request);
        },
      )
      .finally(onDone);
    inBackground(response, `send a block to ${peer.name}`, this.#options.report);
    this.#follow(reading);
  }

  /** Stops the torrent when the disk fails to read. A lack of file descriptors is no failure of the disk. */
  #follow(reading: Promise<void>): void {
    const { onFailed, report } = this.#options;
    const onError = (error: Error) => {
      if (!lacksDescriptors(error)) onFailed(error);
    };
    const followed: Promise<void> = reading.catch(onError).finally(() => this.#underWay.delete(followed));
    this.#underWay.add(followed);
    inBackground(followed, 'stop after a failed read', report);
  }
}
