import type { Pads } from '../metainfo/index.ts';
import type { RateLimiter, RateShare } from '../net/index.ts';
import { PiecePicker } from '../picker/index.ts';
import type { BlockTaker, PeerConnection } from '../swarm/index.ts';
import { type Bitfield, inBackground, type Random, type ReportError, toError } from '../util/index.ts';
import { BLOCK_BYTES, type BlockRequest, type PieceGeometry } from '../wire/index.ts';
import type { BlockSource } from './block-source.ts';
import type { PieceBuffers, PieceBytes } from './piece-buffers.ts';
import type { Completion } from './torrent-options.ts';
import type { PieceSender } from './wrong-blocks.ts';

export interface DownloadOptions extends Completion {
  readonly geometry: PieceGeometry;
  /** The bytes of the longest piece. */
  readonly longestPieceLength: number;
  /** The pad bytes of the pieces; `undefined` when they have none. */
  readonly pads: Pads | undefined;
  readonly buffers: PieceBuffers;
  readonly limiter: RateLimiter;
  /** The bytes per second that this torrent may receive; `undefined`: no limit. */
  readonly limit: number | undefined;
  readonly random: Random;
  /** Returns the time in milliseconds from any start. */
  now(): number;
  readonly report: ReportError;
  /** Finds the wrong blocks of a wrong piece, see `WrongBlocks.find()`. */
  readonly findWrongBlocks: (
    index: number,
    bytes: PieceBytes,
    sender: PieceSender,
  ) => Promise<readonly number[] | undefined>;
  /** Hears that a piece is checked and written. */
  readonly onPieceVerified: (index: number) => void;
  /** Hears that a source sent wrong data for certain. */
  onBadSource(source: BlockSource, why: Error): void;
  /** Hears that the disk failed: the torrent cannot go on. */
  readonly onFailed: (error: Error) => void;
}

/**
 * Asks peers for blocks, puts them together, checks and writes the pieces.
 *
 * A piece that was started has one buffer, from its first request until it is written or given up. One source at a time
 * writes a block into it, so that the source which completes the block has sent all of it.
 */
export class TorrentDownload implements BlockTaker {
  readonly #options: DownloadOptions;
  readonly #picker: PiecePicker<BlockSource>;
  /** The connected peers whose pieces are known. */
  readonly #peers = new Set<PeerConnection>();
  /** The buffers of pieces that are active, being checked or being written. */
  readonly #buffers = new Map<number, PieceBytes>();
  /** The source that is writing each block; the blocks are counted over the torrent. */
  readonly #writers = new Map<number, BlockSource>();
  readonly #underWay = new Set<Promise<void>>();
  readonly #blocksPerPiece: number;
  /**
   * `undefined` when there is no limit. Blocks are asked for no faster than they may come: holding back what comes instead
   * would hold back the peer's requests and pieces as well, and look as if the peer were slow.
   */
  readonly #share: RateShare<PeerConnection> | undefined;
  /** Whether requests became free that other peers may be asked for. */
  #hasFreed = false;
  #isStopped = false;
  #failedCount = 0;

  constructor(options: DownloadOptions) {
    const { geometry, longestPieceLength, pads, have, random, buffers } = options;
    this.#options = options;
    this.#share = options.limiter.share(
      (peer, bytes) => this.#request(peer, Math.floor(bytes / BLOCK_BYTES)),
      options.limit,
    );
    this.#blocksPerPiece = Math.ceil(geometry.pieceLength / BLOCK_BYTES);
    this.#picker = new PiecePicker({
      pieceCount: geometry.pieceCount,
      pieceLength: geometry.pieceLength,
      pieceLengthAt: (index) => geometry.pieceLengthAt(index),
      ...(pads && { wantedLengthsAt: (index) => pads.wantedLengthsAt(index, BLOCK_BYTES) }),
      have,
      wanted: options.wanted,
      random,
      buffers: {
        reserve: (index, trials) => {
          if (this.#isStopped || !buffers.canTake(longestPieceLength, trials)) return false;
          this.#buffers.set(index, buffers.take(longestPieceLength));
          return true;
        },
        giveUp: (index) => this.#giveBack(index),
      },
    });
  }

  /** The number of pieces that came with a wrong hash. */
  get failedCount(): number {
    return this.#failedCount;
  }

  /** The number of pieces that have come and are being checked or written. */
  get storingCount(): number {
    return this.#underWay.size;
  }

  /** Tells whether all wanted pieces are there. */
  get isFinished(): boolean {
    return this.#picker.wantedCount === 0;
  }

  /** Tells whether a source is connected, has sent a right piece, and nothing doubtful since then. */
  isProven(source: BlockSource): boolean {
    return this.#picker.trustOf(source) === 'proven';
  }

  /** Fetches these pieces from now on, as far as they are not there, and no others. Pieces that were started are finished. */
  setWanted(wanted: Bitfield): void {
    for (let index = 0; index < wanted.length; index += 1) this.#picker.setWanted(index, wanted.has(index));
    for (const peer of this.#peers) this.#updateInterest(peer);
    this.refillAll();
  }

  removePeer(peer: PeerConnection): void {
    if (!this.#peers.delete(peer)) return;
    this.#picker.removePeer(peer);
    this.#stopWriting(peer);
    this.refillAll();
  }

  /** Throws away what a source sent of pieces that are not whole: it has sent something wrong. */
  discard(source: BlockSource): void {
    this.#picker.discard(source);
  }

  onBitfield(peer: PeerConnection): void {
    this.#addPeer(peer);
    this.#updateInterest(peer);
  }

  onHave(peer: PeerConnection, index: number): void {
    if (this.#peers.has(peer)) this.#picker.peerHas(peer, index);
    else this.#addPeer(peer);
    this.#updateInterest(peer);
  }

  /** Hears that the peer has a piece no longer. */
  onLost(peer: PeerConnection, index: number): void {
    if (!this.#peers.has(peer)) return;
    this.#picker.peerLost(peer, index);
    this.#updateInterest(peer);
    this.#hasFreed = true;
  }

  /** Asks the peer for more if it should be asked for more. */
  refill(peer: PeerConnection): void {
    if (this.#share === undefined) this.#request(peer, Number.POSITIVE_INFINITY);
    else if (this.#canRequest(peer)) this.#share.wake(peer);
  }

  /** Asks all peers for more: a request or a buffer that is free again may be what they wait for. */
  refillAll(): void {
    for (const peer of this.#peers) this.refill(peer);
  }

  onUnchoked(peer: PeerConnection): void {
    this.refill(peer);
  }

  onRejected(peer: PeerConnection, { index, begin, length }: BlockRequest): void {
    this.#picker.release(peer, index, begin);
    this.#share?.giveBack(length);
    this.#hasFreed = true;
  }

  onReceived(peer: PeerConnection): void {
    if (this.#hasFreed) this.refillAll();
    else this.refill(peer);
    this.#hasFreed = false;
  }

  /** Takes a block from the peer that was about to write it: we do not want it from this peer any more. */
  onCancelled(peer: PeerConnection, index: number, begin: number): void {
    const block = this.#block(index, begin);
    if (this.#writers.get(block) === peer) this.#writers.delete(block);
  }

  /** Takes back all that the peer was asked for, and asks others for it: it owes blocks and sends none. */
  onSnubbed(peer: PeerConnection): void {
    for (const { index, begin, length } of peer.session.outstandingRequests()) {
      peer.cancel(index, begin, length);
    }
    this.#picker.releaseAll(peer);
    this.refillAll();
  }

  blockDestination(
    peer: PeerConnection,
    index: number,
    begin: number,
    length: number,
  ): Uint8Array | undefined {
    const buffer = this.#buffers.get(index);
    const block = this.#block(index, begin);
    if (buffer === undefined || !this.#picker.isMissing(index, begin, length)) return undefined;
    const writer = this.#writers.get(block);
    if (writer !== undefined && !this.#picker.replace(writer, peer, index, begin)) return undefined;
    this.#writers.set(block, peer);
    this.#picker.began(peer);
    return buffer.subarray(begin, begin + length);
  }

  onBlock(peer: PeerConnection, index: number, begin: number, length: number): void {
    this.#writers.delete(this.#block(index, begin));
    if (this.#picker.received(peer, index, begin, length) === 'completed') this.#complete(index);
  }

  /**
   * Frees a block that was thrown away, so that others are asked for it. It is still owed when it was something else than we
   * ask for, or the late response to a request that was given up and made again since then.
   */
  onBlockDiscarded(peer: PeerConnection, index: number, begin: number, length: number): void {
    if (!this.#peers.has(peer) || !this.#picker.isMissing(index, begin, length)) return;
    if (!peer.session.isOutstanding({ index, begin, length })) this.#picker.release(peer, index, begin);
  }

  /** Counts a second: tells peers that have nothing we want that we are not interested, and asks where asking stood still. */
  tick(): void {
    for (const peer of this.#peers) this.#updateInterest(peer);
    // What is owed for too long goes to the first that can be asked: that had better be one that never owed.
    const peers = [...this.#peers].map((peer) => ({ peer, rank: this.#picker.rankOf(peer) }));
    for (const { peer } of peers.sort((one, other) => one.rank - other.rank)) this.refill(peer);
  }

  /** Asks for nothing more. Resolves when nothing is being checked or written. Pieces that are whole are kept. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all(this.#underWay);
    for (const index of this.#buffers.keys()) this.#giveBack(index);
  }

  #canRequest(peer: PeerConnection): boolean {
    return !this.#isStopped && peer.isOpen && !peer.session.peerChoking && this.#peers.has(peer);
  }

  /** Asks for up to `limit` blocks. @returns the bytes asked for */
  #request(peer: PeerConnection, limit: number): number {
    if (!this.#canRequest(peer)) return 0;
    const wanted = Math.min(limit, peer.requests.wanted(this.#share?.bytesPerSecond));
    if (wanted === 0) return 0;
    if (peer.session.outstandingCount === 0) peer.requests.restartSnubTimer(this.#options.now());
    return this.#picker.pick(peer, wanted, this.#options.now()) > 0 ? peer.requests.flush() : 0;
  }

  #complete(index: number): void {
    const work = this.#store(index).finally(() => this.#underWay.delete(work));
    this.#underWay.add(work);
    inBackground(work, `store piece ${index}`, this.#options.report);
  }

  async #store(index: number): Promise<void> {
    const { geometry, pads, storePiece, findWrongBlocks } = this.#options;
    const bytes = this.#buffers.get(index)!.subarray(0, geometry.pieceLengthAt(index));
    // The buffer may hold anything there: what an earlier piece had, or what a peer sent that is asked for whole blocks.
    pads?.visit(index, (begin, length) => bytes.fill(0, begin, begin + length));
    let isRight: boolean;
    let wrong: readonly number[] | undefined;
    try {
      isRight = await storePiece(index, bytes);
      wrong = isRight ? undefined : await findWrongBlocks(index, bytes, this.#senderOf(index));
    } catch (thrown) {
      this.#giveBack(index);
      return this.#options.onFailed(toError(thrown));
    }
    const guilty =
      wrong !== undefined ? this.#picker.blocksFailed(index, wrong) : this.#settle(index, isRight, bytes);
    if (!isRight) this.#failedCount += 1;
    for (const source of guilty) this.#blame(source, index);
    this.refillAll();
  }

  #senderOf(index: number): PieceSender {
    const sender = this.#picker.soleSender(index);
    return { sender, isTrial: sender !== undefined && !this.isProven(sender) };
  }

  /** Ends the download of a piece, or starts it anew. @returns the peers that are to blame for wrong blocks */
  #settle(index: number, isRight: boolean, bytes: PieceBytes): readonly BlockSource[] {
    const guilty = isRight
      ? this.#picker.pieceVerified(index, bytes)
      : this.#picker.pieceFailed(index, bytes);
    this.#giveBack(index);
    if (isRight) {
      this.#options.have.add(index);
      this.#options.onPieceVerified(index);
    }
    return guilty;
  }

  #blame(source: BlockSource, index: number): void {
    const why = `What ${source.name} sent of piece ${index} is not what belongs there`;
    this.#options.onBadSource(source, new Error(why));
  }

  #giveBack(index: number): void {
    const buffer = this.#buffers.get(index);
    if (buffer === undefined) return;
    this.#buffers.delete(index);
    this.#options.buffers.give(buffer);
  }

  #addPeer(peer: PeerConnection): void {
    this.#peers.add(peer);
    this.#picker.addPeer(peer);
  }

  #updateInterest(peer: PeerConnection): void {
    peer.session.setInterested(this.#picker.isInteresting(peer));
  }

  #stopWriting(peer: PeerConnection): void {
    for (const [block, writer] of this.#writers) if (writer === peer) this.#writers.delete(block);
  }

  #block(index: number, begin: number): number {
    return index * this.#blocksPerPiece + begin / BLOCK_BYTES;
  }
}
