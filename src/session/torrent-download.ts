import { PiecePicker } from '../picker/index.ts';
import type { Storage } from '../storage/index.ts';
import { type Bitfield, inBackground, type Random, type ReportError, toError } from '../util/index.ts';
import { BLOCK_LENGTH, type BlockRequest, type PieceGeometry } from '../wire/index.ts';
import type { PeerConnection } from './peer-connection.ts';
import type { PieceBuffers, PieceBytes } from './piece-buffers.ts';

/** Pieces with a wrong hash to which a peer contributed, after which it is banned; at once when it sent one alone. */
export const MAX_BAD_PIECES = 3;

export interface DownloadOptions {
  readonly geometry: PieceGeometry;
  /** The pieces that are there: added to as they are written. */
  readonly have: Bitfield;
  readonly storage: Storage;
  readonly buffers: PieceBuffers;
  readonly random: Random;
  readonly report: ReportError;
  /** Whether these are the bytes of the piece. */
  readonly checkPiece: (index: number, bytes: PieceBytes) => Promise<boolean>;
  /** A piece is checked and written. */
  readonly onPiece: (index: number) => void;
  onBadPeer(peer: PeerConnection, why: Error): void;
  /** The disk failed: the torrent cannot go on. */
  readonly onFailed: (error: Error) => void;
}

/**
 * Asks peers for blocks, puts them together, checks and writes the pieces.
 *
 * A piece that was started has one buffer, from its first request until it is written or given up. A block is written
 * into it by one peer at a time, so that whoever completes the block is who sent it.
 */
export class TorrentDownload {
  readonly #options: DownloadOptions;
  readonly #picker: PiecePicker<PeerConnection>;
  /** Those whose pieces are known. */
  readonly #peers = new Set<PeerConnection>();
  /** Of pieces that are active, being checked or being written. */
  readonly #buffers = new Map<number, PieceBytes>();
  /** By block, counted over the torrent: who is writing it. */
  readonly #writers = new Map<number, PeerConnection>();
  readonly #underWay = new Set<Promise<void>>();
  readonly #badPieces = new Map<PeerConnection, number>();
  readonly #blocksPerPiece: number;
  /** Requests became free that other peers may be asked for. */
  #hasFreed = false;
  #isStopped = false;
  #failedCount = 0;

  constructor(options: DownloadOptions) {
    const { geometry, have, random, buffers } = options;
    this.#options = options;
    this.#blocksPerPiece = Math.ceil(geometry.pieceLength / BLOCK_LENGTH);
    this.#picker = new PiecePicker({
      pieceCount: geometry.pieceCount,
      pieceLength: geometry.pieceLength,
      pieceLengthAt: (index) => geometry.pieceLengthAt(index),
      have,
      random,
      buffers: {
        reserve: (index) => {
          if (this.#isStopped || !buffers.canTake(geometry.pieceLength)) return false;
          this.#buffers.set(index, buffers.take(geometry.pieceLength));
          return true;
        },
        giveUp: (index) => this.#giveBack(index),
      },
    });
  }

  /** Pieces that came with a wrong hash. */
  get failedCount(): number {
    return this.#failedCount;
  }

  removePeer(peer: PeerConnection): void {
    if (!this.#peers.delete(peer)) return;
    this.#picker.removePeer(peer);
    this.#badPieces.delete(peer);
    this.#stopWriting(peer);
    this.refillAll();
  }

  /** The peer told all its pieces at once. */
  onPieces(peer: PeerConnection): void {
    this.#addPeer(peer);
    this.#updateInterest(peer);
  }

  onHave(peer: PeerConnection, index: number): void {
    if (this.#peers.has(peer)) this.#picker.peerHas(peer, index);
    else this.#addPeer(peer);
    this.#updateInterest(peer);
    this.refill(peer);
  }

  /** Asks the peer for more if it should be asked for more. */
  refill(peer: PeerConnection): void {
    if (this.#isStopped || peer.session.peerChoking || !this.#peers.has(peer)) return;
    const wanted = peer.requestsWanted;
    if (wanted === 0) return;
    if (peer.session.outstandingCount === 0) peer.restartSnubTimer();
    if (this.#picker.pick(peer, wanted) > 0) peer.flushRequests();
  }

  /** A request or a buffer that is free again may be what other peers wait for. */
  refillAll(): void {
    for (const peer of this.#peers) this.refill(peer);
  }

  onRejected(peer: PeerConnection, { index, begin }: BlockRequest): void {
    this.#picker.release(peer, index, begin);
    this.#hasFreed = true;
  }

  /** All that the peer sent in one go was handled. */
  onReceived(peer: PeerConnection): void {
    if (this.#hasFreed) this.refillAll();
    else this.refill(peer);
    this.#hasFreed = false;
  }

  /** The peer owes blocks and sends none: all of it is asked of others. */
  onSnubbed(peer: PeerConnection): void {
    for (const request of peer.session.outstandingRequests()) peer.session.cancel(request);
    this.#picker.releaseAll(peer);
    this.#stopWriting(peer);
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
    if (buffer === undefined || this.#writers.has(block) || !this.#picker.isMissing(index, begin, length)) {
      return undefined;
    }
    this.#writers.set(block, peer);
    return buffer.subarray(begin, begin + length);
  }

  onBlock(peer: PeerConnection, index: number, begin: number, length: number): void {
    this.#writers.delete(this.#block(index, begin));
    if (this.#picker.received(peer, index, begin, length) === 'completed') this.#complete(index);
  }

  /** A block was thrown away: it is not owed any more. */
  onBlockDiscarded(peer: PeerConnection, index: number, begin: number): void {
    this.#picker.release(peer, index, begin);
  }

  /** Every second: tells peers that have nothing any more that is still to come, and asks where asking stood still. */
  tick(): void {
    for (const peer of this.#peers) {
      this.#updateInterest(peer);
      this.refill(peer);
    }
  }

  /** Asks for nothing more; resolves when nothing is being checked or written. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all(this.#underWay);
    for (const index of this.#buffers.keys()) this.#giveBack(index);
  }

  #complete(index: number): void {
    const work = this.#checkAndWrite(index).finally(() => this.#underWay.delete(work));
    this.#underWay.add(work);
    inBackground(work, `store piece ${index}`, this.#options.report);
  }

  async #checkAndWrite(index: number): Promise<void> {
    const { geometry, storage, have, checkPiece, onPiece, onFailed } = this.#options;
    const bytes = this.#buffers.get(index)!.subarray(0, geometry.pieceLengthAt(index));
    try {
      if (!(await checkPiece(index, bytes))) return this.#pieceFailed(index);
      await storage.write(index * geometry.pieceLength, bytes);
    } catch (thrown) {
      return onFailed(toError(thrown));
    } finally {
      this.#giveBack(index);
    }
    this.#picker.pieceVerified(index);
    have.add(index);
    onPiece(index);
    this.refillAll();
  }

  #pieceFailed(index: number): void {
    this.#failedCount += 1;
    const contributors = this.#picker.pieceFailed(index);
    for (const peer of contributors) {
      const count = (this.#badPieces.get(peer) ?? 0) + 1;
      this.#badPieces.set(peer, count);
      if (contributors.length > 1 && count < MAX_BAD_PIECES) continue;
      this.#options.onBadPeer(peer, new Error(`Piece ${index} from ${peer.name} does not match its hash`));
    }
    this.refillAll();
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
    return index * this.#blocksPerPiece + begin / BLOCK_LENGTH;
  }
}
