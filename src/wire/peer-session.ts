import { BLOCK_BYTES } from '../metainfo/index.ts';
import { type Bitfield, checkArgument, valueRules } from '../util/index.ts';
import type { BlockRequest, PieceGeometry } from './block.ts';
import { BlockReceiver } from './block-receiver.ts';
import { ConnectionState } from './connection-state.ts';
import { HashExchange } from './hash-exchange.ts';
import { InboundMessages } from './inbound-messages.ts';
import { KeepAlive } from './keep-alive.ts';
import { MAX_EXTENDED_BYTES, PEER_SILENCE_LIMIT_MS, PIECE_HEADER_BYTES } from './limits.ts';
import { MessageParser } from './message-parser.ts';
import { MessageWork } from './message-work.ts';
import {
  encodeAllowedFast,
  encodeBitfield,
  encodeCancel,
  encodeChoke,
  encodeExtended,
  encodeHave,
  encodeHaveAll,
  encodeHaveNone,
  encodeInterested,
  encodeKeepAlive,
  encodeNotInterested,
  encodeReject,
  encodeRequests,
  encodeUnchoke,
} from './message-writer.ts';
import type { PeerSessionEvents } from './peer-session-events.ts';
import { WireError } from './wire-error.ts';

/** The options of a {@link PeerSession}. */
export interface PeerSessionOptions {
  readonly geometry: PieceGeometry;
  /** Whether both ends offered the Fast extension. @see BEP 6 */
  readonly fast: boolean;
  /** Whether both ends offered the extension protocol. @see BEP 10 */
  readonly extended: boolean;
  /**
   * Tells the most bytes of payload of an extended message with this id. A longer message is skipped without being held.
   * The function must always return the same number for an id. The default is {@link MAX_EXTENDED_BYTES} for all ids.
   */
  readonly maxExtendedBytes?: (extendedId: number) => number;
  /** The time now, in milliseconds of a `Clock`. All other times here are of the same clock. */
  readonly now: number;
}

/**
 * One connection after its handshake, as a state machine without I/O. Bytes and commands go in; bytes and events come out
 * through {@link PeerSessionEvents}. Everything is synchronous.
 *
 * The owner must stop reading from the peer while many bytes wait to be sent, because a peer can cause answers.
 *
 * @see BEP 3, BEP 6, BEP 10, BEP 52
 */
export class PeerSession {
  /** The hash messages of both directions. @see BEP 52 */
  readonly hashes: HashExchange;
  readonly #fast: boolean;
  readonly #events: PeerSessionEvents;
  readonly #state: ConnectionState;
  readonly #receiver: BlockReceiver;
  readonly #inbound: InboundMessages;
  readonly #parser: MessageParser;
  readonly #keepAlive: KeepAlive;
  readonly #work = new MessageWork();
  /** The last time that the owner has told us. */
  #now: number;
  #uploadedBytes = 0;

  constructor(options: PeerSessionOptions, events: PeerSessionEvents) {
    checkArgument('new PeerSession()', 'options', options, valueRules.object);
    const { geometry, fast, extended, now, maxExtendedBytes = () => MAX_EXTENDED_BYTES } = options;
    checkArgument('new PeerSession()', 'geometry', geometry, valueRules.object);
    checkArgument('new PeerSession()', 'events', events, valueRules.object);
    this.#fast = fast;
    this.#events = events;
    this.#now = now;
    this.#keepAlive = new KeepAlive(now);
    this.#parser = new MessageParser(geometry.pieceCount, {
      maxExtendedBytes: extended ? maxExtendedBytes : () => 0,
    });
    const state = new ConnectionState(geometry);
    const receiver = new BlockReceiver(state.outstanding, events);
    const send = (bytes: Uint8Array): void => this.#send(bytes);
    this.hashes = new HashExchange(events, send);
    const work = this.#work;
    const context = { geometry, fast, extended, state, receiver, hashes: this.hashes, work, events, send };
    this.#inbound = new InboundMessages(context);
    this.#state = state;
    this.#receiver = receiver;
  }

  /** Whether both ends support the Fast extension. */
  get fast(): boolean {
    return this.#fast;
  }

  get amChoking(): boolean {
    return this.#state.amChoking;
  }

  get amInterested(): boolean {
    return this.#state.amInterested;
  }

  get peerChoking(): boolean {
    return this.#state.peerChoking;
  }

  get peerInterested(): boolean {
    return this.#state.peerInterested;
  }

  /**
   * The pieces that the peer has, none until it tells them. Do not change the set. It is replaced by another one before
   * `onBitfield`.
   */
  get peerPieces(): Bitfield {
    return this.#state.peerPieces;
  }

  /**
   * Notes that the peer has lost a piece, as it told through an extension. Without BEP 6, an `onRejected` follows for each
   * outstanding request for the piece; with it, the peer rejects them itself.
   *
   * @returns whether the peer had the piece until now
   * @see BEP 54
   */
  loses(index: number): boolean {
    const { peerPieces, outstanding } = this.#state;
    if (index >= peerPieces.length || !peerPieces.delete(index)) return false;
    if (this.#fast) return true;
    const rejected = [...outstanding].filter((request) => request.index === index);
    for (const request of rejected) {
      outstanding.abandon(request);
      this.#receiver.forget(request);
    }
    for (const request of rejected) if (!this.#state.isStopped) this.#events.onRejected(request);
    return true;
  }

  /** The pieces that we may request even while choked. @see BEP 6 */
  get allowedFast(): ReadonlySet<number> {
    return this.#state.allowedFast;
  }

  /** The units of work that the peer's messages have caused, see `MESSAGE_WORK`. Requests that got a whole block do not count. */
  get work(): number {
    return this.#work.total;
  }

  /** The bytes of memory that hold the start of a message that is not whole yet; 0 when there is none. */
  get heldBytes(): number {
    return this.#parser.heldBytes;
  }

  /** The number of messages that have come so far, or have begun to come. */
  get messageCount(): number {
    return this.#parser.messageCount;
  }

  /** The bytes of blocks received, including those thrown away. */
  get downloadedBytes(): number {
    return this.#receiver.receivedBytes;
  }

  /** The bytes of blocks received and thrown away. */
  get discardedBytes(): number {
    return this.#receiver.discardedBytes;
  }

  /** The bytes of blocks sent. */
  get uploadedBytes(): number {
    return this.#uploadedBytes;
  }

  /** The number of our requests that are neither answered nor cancelled. */
  get outstandingCount(): number {
    return this.#state.outstanding.size;
  }

  /** Tells whether a request of ours is neither answered nor cancelled. */
  isOutstanding({ index, begin, length }: BlockRequest): boolean {
    return this.#state.outstanding.isOutstanding(index, begin, length);
  }

  /** Lists our outstanding requests, the oldest first. A block that is arriving stays in the list until it is whole. */
  outstandingRequests(): BlockRequest[] {
    return [...this.#state.outstanding];
  }

  /** The number of the peer's requests that wait for {@link takeRequest}. */
  get queuedRequestCount(): number {
    return this.#state.peerRequests.size;
  }

  /**
   * Takes the next bytes from the peer.
   *
   * @param bytes the next part of the stream after the handshake, of any length; they are not kept
   * @throws {WireError} when the peer breaks the protocol; the session is then at its end, and ignores further bytes
   */
  receive(bytes: Uint8Array, now: number): void {
    this.#now = now;
    this.#keepAlive.received(now);
    this.#work.begin();
    try {
      this.#parser.push(bytes, this.#inbound);
    } catch (error) {
      this.stop();
      throw error;
    }
  }

  /** Tells the time at which to call {@link handleTimeout}. It grows with every message that is sent or received. */
  nextTimeout(): number {
    return this.#keepAlive.nextTimeout();
  }

  /**
   * Sends a keep-alive when one is due. A call that comes too early does nothing.
   *
   * @throws {WireError} `PEER_SILENT` when the peer counts as dead; the session is then at its end
   */
  handleTimeout(now: number): void {
    this.#now = now;
    if (this.#keepAlive.isPeerSilent(now)) {
      this.stop();
      throw new WireError(
        'PEER_SILENT',
        `The peer sent nothing, not even a keep-alive, for ${PEER_SILENCE_LIMIT_MS / 1000} seconds`,
      );
    }
    if (this.#keepAlive.isDue(now)) this.#send(encodeKeepAlive());
  }

  /** Ends the session. No event comes and nothing is sent after that, even if an event calls this. */
  stop(): void {
    this.#state.isStopped = true;
    this.#parser.stop();
  }

  /** Tells the peer which pieces we have, in the shortest form. It must be the first message apart from extended ones. */
  sendBitfield(pieces: Bitfield): void {
    if (this.#fast && pieces.isFull) this.#send(encodeHaveAll());
    else if (this.#fast && pieces.isEmpty) this.#send(encodeHaveNone());
    else if (!pieces.isEmpty) this.#send(encodeBitfield(pieces));
  }

  /** Tells the peer that we have a new piece. */
  have(index: number): void {
    this.#send(encodeHave(index));
  }

  /** Chokes the peer and empties its queue, except requests for pieces that {@link allowFast} has offered. */
  choke(): void {
    if (this.#state.amChoking) return;
    this.#state.amChoking = true;
    this.#send(encodeChoke());
    for (const request of this.#state.peerRequests.removeAllBut(this.#state.offeredFast)) {
      this.reject(request);
    }
  }

  unchoke(): void {
    if (!this.#state.amChoking) return;
    this.#state.amChoking = false;
    this.#send(encodeUnchoke());
  }

  setInterested(amInterested: boolean): void {
    if (this.#state.amInterested === amInterested) return;
    this.#state.amInterested = amInterested;
    this.#send(amInterested ? encodeInterested() : encodeNotInterested());
  }

  /** Lets the peer request these pieces while choked, see `allowedFastSet`. Without BEP 6 this does nothing. */
  allowFast(pieces: Iterable<number>): void {
    if (!this.#fast) return;
    for (const index of pieces) {
      this.#state.offeredFast.add(index);
      this.#send(encodeAllowedFast(index));
    }
  }

  /**
   * Requests blocks of pieces that the peer has. A block starts at a multiple of `BLOCK_BYTES` and is no longer than that.
   *
   * @throws {RangeError} when the torrent has no block like it, it is outstanding already, or the peer chokes us
   */
  request(batch: readonly BlockRequest[]): void {
    if (batch.length === 0) return;
    for (const request of batch) {
      if (this.#state.peerChoking && !this.#state.allowedFast.has(request.index)) {
        throw new RangeError(`Cannot request a block of piece ${request.index}: the peer chokes us`);
      }
      this.#state.outstanding.add(request);
    }
    this.#send(encodeRequests(batch));
  }

  /** Cancels an outstanding request. Its destination is not written to any more. @returns whether it was outstanding */
  cancel(request: BlockRequest): boolean {
    if (!this.#state.outstanding.abandon(request)) return false;
    this.#receiver.forget(request);
    this.#send(encodeCancel(request));
    return true;
  }

  /** A live view of the peer's requests that wait for {@link takeRequest}, by piece, the oldest first. */
  get queuedRequests(): ReadonlyMap<number, readonly BlockRequest[]> {
    return this.#state.peerRequests.byPiece;
  }

  /**
   * Takes the peer's oldest request out of its queue. Answer it with {@link sendBlock} or {@link reject}.
   *
   * @param index the piece of the request; by default the one that was requested first
   * @returns `undefined` when no request waits
   */
  takeRequest(index?: number): BlockRequest | undefined {
    return this.#state.peerRequests.take(index);
  }

  /**
   * Answers a request taken with {@link takeRequest}, by one `send` event with `message` itself, uncopied.
   *
   * @param message the header, see {@link writePieceHeader}, and the block; it must not change until it has left
   * @returns `false` when it was not sent: after {@link stop}, or when the peer was choked meanwhile and there is no BEP 6
   */
  sendBlock({ length }: BlockRequest, message: Uint8Array): boolean {
    if (message.length !== PIECE_HEADER_BYTES + length) {
      throw new RangeError(`Cannot send ${message.length} bytes as header and block of ${length} bytes`);
    }
    if (this.#state.isStopped || (this.#state.amChoking && !this.#fast)) return false;
    this.#send(message);
    this.#uploadedBytes += length;
    this.#work.giveBack(length / BLOCK_BYTES);
    return true;
  }

  /** Rejects a request taken with {@link takeRequest}. Without BEP 6 there is no message for it, and nothing is sent. */
  reject(request: BlockRequest): void {
    if (this.#fast) this.#send(encodeReject(request));
  }

  /**
   * Sends a message of the extension protocol; both ends must support it.
   *
   * @param extendedId 0 for the extended handshake, or the id from the peer's `m`
   * @see BEP 10
   */
  sendExtended(extendedId: number, payload: Uint8Array): void {
    this.#send(encodeExtended(extendedId, payload));
  }

  #send(bytes: Uint8Array): void {
    if (this.#state.isStopped) return;
    this.#keepAlive.sent(this.#now);
    this.#events.send(bytes);
  }
}
