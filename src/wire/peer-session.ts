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
   * Says how many bytes of payload an extended message of this id may have; a longer one is passed over without being
   * held. Must always say the same. Absent: {@link MAX_EXTENDED_BYTES}.
   */
  readonly maxExtendedBytes?: (extendedId: number) => number;
  /** The time of a `Clock`, as everywhere here. */
  readonly now: number;
}

/**
 * One connection after its handshake, as a state machine without I/O: bytes and commands go in, bytes and events come
 * out through {@link PeerSessionEvents}, all of it synchronously.
 *
 * Its owner stops reading from the peer while too much waits to be sent: a peer can make us answer.
 *
 * @see BEP 3, BEP 6, BEP 10, BEP 52
 */
export class PeerSession {
  /** The hashes asked for and given, both ways. @see BEP 52 */
  readonly hashes: HashExchange;
  readonly #fast: boolean;
  readonly #events: PeerSessionEvents;
  readonly #state: ConnectionState;
  readonly #receiver: BlockReceiver;
  readonly #inbound: InboundMessages;
  readonly #parser: MessageParser;
  readonly #keepAlive: KeepAlive;
  readonly #work = new MessageWork();
  /** The time when we were last told it. */
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

  /** The pieces that the peer has: none until it says otherwise. Not to be changed; replaced before `onBitfield`. */
  get peerPieces(): Bitfield {
    return this.#state.peerPieces;
  }

  /**
   * The peer has told, through an extension, that it has a piece no longer. Without BEP 6 an `onRejected` for each
   * outstanding request for it follows; with it the peer rejects them itself.
   *
   * @returns whether it had the piece until now
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

  /** Pieces that we may request also while choked. @see BEP 6 */
  get allowedFast(): ReadonlySet<number> {
    return this.#state.allowedFast;
  }

  /** Units of work that the peer's messages have made, see `MESSAGE_WORK`, without requests that whole blocks were sent for. */
  get work(): number {
    return this.#work.total;
  }

  /** Bytes of memory that hold the start of a message that is not whole yet; 0 when there is none. */
  get heldBytes(): number {
    return this.#parser.heldBytes;
  }

  /** How many messages have begun to come. */
  get messageCount(): number {
    return this.#parser.messageCount;
  }

  /** Bytes of blocks received, those thrown away included. */
  get downloadedBytes(): number {
    return this.#receiver.receivedBytes;
  }

  /** Bytes of blocks received and thrown away. */
  get discardedBytes(): number {
    return this.#receiver.discardedBytes;
  }

  /** Bytes of blocks sent. */
  get uploadedBytes(): number {
    return this.#uploadedBytes;
  }

  /** How many of our requests are outstanding: neither answered nor cancelled. */
  get outstandingCount(): number {
    return this.#state.outstanding.size;
  }

  /** Whether a request of ours is outstanding. */
  isOutstanding({ index, begin, length }: BlockRequest): boolean {
    return this.#state.outstanding.isOutstanding(index, begin, length);
  }

  /** Our outstanding requests, oldest first; a block that is arriving is among them until it is whole. */
  outstandingRequests(): BlockRequest[] {
    return [...this.#state.outstanding];
  }

  /** How many requests of the peer wait for {@link takeRequest}. */
  get queuedRequestCount(): number {
    return this.#state.peerRequests.size;
  }

  /**
   * Takes the next bytes from the peer.
   *
   * @param bytes any part of the stream after the handshake; not kept
   * @throws {WireError} when the peer broke the protocol; the session is at its end, and further bytes are ignored
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

  /** When {@link handleTimeout} is to be called; it moves on with whatever is sent and received. */
  nextTimeout(): number {
    return this.#keepAlive.nextTimeout();
  }

  /**
   * Sends a keep-alive when one is due; does nothing when called too early.
   *
   * @throws {WireError} `PEER_SILENT`; the session is at its end
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

  /** Ends the session, also from within an event: no event comes and nothing is sent after that. */
  stop(): void {
    this.#state.isStopped = true;
    this.#parser.stop();
  }

  /**
   * Tells the peer what we have, as shortly as it can be said. Only as the first message, extended ones left aside.
   */
  sendBitfield(pieces: Bitfield): void {
    if (this.#fast && pieces.isFull) this.#send(encodeHaveAll());
    else if (this.#fast && pieces.isEmpty) this.#send(encodeHaveNone());
    else if (!pieces.isEmpty) this.#send(encodeBitfield(pieces));
  }

  /** Tells the peer that we have one piece more. */
  have(index: number): void {
    this.#send(encodeHave(index));
  }

  /** Chokes the peer and empties its queue, save for pieces offered with {@link allowFast}. */
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

  /** Lets the peer request these pieces while choked; nothing without BEP 6. See `allowedFastSet`. */
  allowFast(pieces: Iterable<number>): void {
    if (!this.#fast) return;
    for (const index of pieces) {
      this.#state.offeredFast.add(index);
      this.#send(encodeAllowedFast(index));
    }
  }

  /**
   * Requests blocks of pieces the peer has. A block starts at a multiple of `BLOCK_BYTES` and is no longer than that.
   *
   * @throws {RangeError} when a block is outstanding already, is none, or may not be requested while choked
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

  /** Gives up an outstanding request; its destination is not written to any more. @returns whether it was outstanding */
  cancel(request: BlockRequest): boolean {
    if (!this.#state.outstanding.abandon(request)) return false;
    this.#receiver.forget(request);
    this.#send(encodeCancel(request));
    return true;
  }

  /** The peer's requests that wait for {@link takeRequest}, by piece, the oldest first: a live view. */
  get queuedRequests(): ReadonlyMap<number, readonly BlockRequest[]> {
    return this.#state.peerRequests.byPiece;
  }

  /**
   * Takes the peer's oldest request out of its queue: answer it with {@link sendBlock} or {@link reject}.
   *
   * @param index the piece; absent: the one it asked for first
   */
  takeRequest(index?: number): BlockRequest | undefined {
    return this.#state.peerRequests.take(index);
  }

  /**
   * Answers a request taken with {@link takeRequest}, as one `send` event with `message` itself, uncopied.
   *
   * @param message the header, see {@link writePieceHeader}, and the block; unchanged until it has left
   * @returns whether it was sent: not after {@link stop}, nor without BEP 6 to a peer that was choked meanwhile
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

  /** Refuses a request taken with {@link takeRequest}; without BEP 6 there is no way to say so. */
  reject(request: BlockRequest): void {
    if (this.#fast) this.#send(encodeReject(request));
  }

  /**
   * Sends a message of the extension protocol; both ends must support it.
   *
   * @param extendedId 0 for the extended handshake, else the id from the peer's `m`
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
