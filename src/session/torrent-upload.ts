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

/** Bytes read from disk for a peer that are one unit of work of its budget; what is sent to it is given back. */
const READ_BYTES_PER_UNIT = 4096;

export interface UploadOptions {
  /** Names the torrent in the cache. */
  readonly owner: string;
  readonly geometry: PieceGeometry;
  readonly have: Bitfield;
  readonly storage: Storage;
  readonly cache: ReadCache;
  readonly limiter: RateLimiter;
  /** Bytes per second of this torrent. */
  readonly limit: number | undefined;
  readonly report: ReportError;
  /** Peers uploaded to at once. */
  readonly slots: number;
  /** Whether all pieces are there already. */
  readonly isSeeding: boolean;
  /** The connected peers. */
  peers(): ReadonlySet<PeerConnection>;
  /** Milliseconds from any start. */
  now(): number;
  /** The files could not be read: the torrent cannot go on. */
  readonly onFailed: (error: Error) => void;
}

/**
 * Decides which peers may take blocks, and answers their requests: as much handed to a peer's socket as fits, the rest left in its queue, so
 * that a peer that does not read costs nothing. While a run of blocks is sent the next one is read.
 */
export class TorrentUpload implements RequestTaker {
  readonly #options: UploadOptions;
  readonly #underWay = new Set<Promise<void>>();
  readonly #choker: Choker<PeerConnection>;
  readonly #order: ServeOrder<PeerConnection>;
  /** `undefined` when there is no limit. */
  readonly #share: RateShare<PeerConnection> | undefined;

  constructor(options: UploadOptions) {
    this.#options = options;
    this.#choker = new Choker(options);
    this.#choker.tick(options.now());
    this.#order = new ServeOrder(options.geometry.pieceCount);
    this.#share = options.limiter.share((peer, bytes) => this.#send(peer, bytes), options.limit);
  }

  /** Resolves when nothing is being read. */
  async settled(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  /** All pieces are there: peers are chosen by what they take, no longer by what they give. */
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

  /** Counts a second: serves peers that had to wait for memory that others took, whose sockets will not call. */
  tick(now: number): void {
    this.#choker.tick(now);
    this.#divideSendBuffer();
    for (const peer of this.#options.peers()) if (peer.session.queuedRequestCount > 0) this.serve(peer);
  }

  /** Sends what the peer asked for, until its socket is full or its queue empty. Called whenever either changed. */
  serve(peer: PeerConnection): void {
    if (peer.isReading) return;
    if (this.#share === undefined) this.#send(peer, Number.POSITIVE_INFINITY);
    else if (peer.canSend && peer.session.queuedRequestCount > 0) this.#share.wake(peer);
  }

  /** Gives each peer its share of the send buffer: the peers that take blocks may have changed. */
  #divideSendBuffer(): void {
    const peers = this.#options.peers();
    let takers = 0;
    for (const peer of peers) if (peer.peerInterested && !peer.amChoking) takers += 1;
    for (const peer of peers) peer.output.shareBuffer(takers);
  }

  /** @returns bytes of the blocks that were sent, or will be when they are read */
  #send(peer: PeerConnection, bytes: number): number {
    let sent = 0;
    peer.output.together(() => {
      while (sent < bytes && peer.canSend && !peer.isReading) {
        const index = this.#order.next(peer, peer.session.queuedRequests);
        if (index === undefined) return;
        const request = peer.session.takeRequest(index)!;
        if (this.#options.have.has(request.index)) {
          this.#order.sent(peer, index);
          this.#answer(peer, request);
          sent += request.length;
        } else peer.session.reject(request);
      }
    });
    return sent;
  }

  #answer(peer: PeerConnection, request: BlockRequest): void {
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
      // The cache may let go of it before it is there.
      run.retain();
      this.#sendLater(peer, request, run.loading, send, run.release);
    }
  }

  /** The run to send from. Reading it is work that the peer makes, however little it asks for. */
  #runAt(peer: PeerConnection, index: number, begin: number): Run {
    const { owner, geometry, storage, cache } = this.#options;
    const piece = { index, offset: index * geometry.pieceLength, length: requestableLength(geometry, index) };
    const loads = cache.loads;
    const run = cache.runAt(owner, piece, begin, (offset, into) => storage.read(offset, ...into));
    if (cache.loads !== loads) peer.gate.addWork(run.buffer.length / READ_BYTES_PER_UNIT);
    return run;
  }

  /** Starts to read the run that the peer asks for after this one. */
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

  /** Reads a block into memory of its own: the rare one that lies in two runs, and any while the cache is crowded. */
  #sendAlone(peer: PeerConnection, request: BlockRequest): void {
    const { geometry, storage } = this.#options;
    const message = new Uint8Array(PIECE_HEADER_BYTES + request.length);
    writePieceHeader(message, 0, request);
    const offset = request.index * geometry.pieceLength + request.begin;
    const reading = storage.read(offset, message.subarray(PIECE_HEADER_BYTES));
    this.#sendLater(peer, request, reading, () => peer.sendBlock(request, message));
  }

  #sendLater(
    peer: PeerConnection,
    request: BlockRequest,
    reading: Promise<void>,
    send: () => void,
    onDone = () => {},
  ): void {
    peer.setReading(true);
    const answer = reading
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
    inBackground(answer, `answer ${peer.name}`, this.#options.report);
    this.#follow(reading);
  }

  /** When the disk fails, the torrent does; that no file can be opened for the moment is no fault of the disk. */
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
