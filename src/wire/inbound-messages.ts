import { Bitfield } from '../util/index.ts';
import { type BlockRequest, type PieceGeometry, requestableLength } from './block.ts';
import type { BlockReceiver } from './block-receiver.ts';
import type { ConnectionState } from './connection-state.ts';
import type { HashExchange } from './hash-exchange.ts';
import type { HashRequest } from './hash-request.ts';
import { MAX_ALLOWED_FAST, MAX_BAD_REQUESTS, MAX_BLOCK_LENGTH, MAX_CHOKED_REQUESTS } from './limits.ts';
import type { MessageHandler } from './message-handler.ts';
import {
  EXTENDED_BYTES_PER_UNIT,
  LATE_PIECE_WORK,
  MESSAGE_WORK,
  type MessageWork,
  PIECES_PER_UNIT,
} from './message-work.ts';
import { encodeReject } from './message-writer.ts';
import type { PeerSessionEvents } from './peer-session-events.ts';
import { WireError } from './wire-error.ts';

/** The parts of a session that an {@link InboundMessages} works on. */
export interface InboundContext {
  readonly geometry: PieceGeometry;
  readonly fast: boolean;
  readonly extended: boolean;
  readonly state: ConnectionState;
  readonly receiver: BlockReceiver;
  readonly hashes: HashExchange;
  readonly work: MessageWork;
  readonly events: PeerSessionEvents;
  readonly send: (bytes: Uint8Array) => void;
}

/** The handler of the peer's messages: it checks whether each is allowed, and changes the state of the session. */
export class InboundMessages implements MessageHandler {
  readonly #context: InboundContext;
  /** Whether the peer has told us about any of its pieces. */
  #hasToldPieces = false;
  /** The requests that were refused since the last one that we accepted while not choking. */
  #chokedRequests = 0;
  /** The requests for bytes that no block has, since the last good request. */
  #badRequests = 0;

  constructor(context: InboundContext) {
    this.#context = context;
  }

  onKeepAlive(): void {
    this.#context.work.add(MESSAGE_WORK.keepAlive);
  }

  onChoke(): void {
    this.#context.work.add(MESSAGE_WORK.choke);
    const { state, events, fast } = this.#context;
    if (state.peerChoking) return;
    state.peerChoking = true;
    events.onChoked();
    if (fast) return; // The peer rejects each request that it will not answer.
    const rejected = [...state.outstanding];
    for (const request of rejected) state.outstanding.abandon(request);
    for (const request of rejected) if (!state.isStopped) events.onRejected(request);
  }

  onUnchoke(): void {
    this.#context.work.add(MESSAGE_WORK.unchoke);
    const { state, events } = this.#context;
    if (!state.peerChoking) return;
    state.peerChoking = false;
    events.onUnchoked();
  }

  onInterested(): void {
    this.#context.work.add(MESSAGE_WORK.interest);
    const { state, events } = this.#context;
    if (state.peerInterested) return;
    state.peerInterested = true;
    events.onInterested();
  }

  onNotInterested(): void {
    this.#context.work.add(MESSAGE_WORK.interest);
    const { state, events } = this.#context;
    if (!state.peerInterested) return;
    state.peerInterested = false;
    events.onNotInterested();
  }

  onHave(index: number): void {
    this.#context.work.add(MESSAGE_WORK.have);
    const { pieceCount } = this.#context.geometry;
    if (index >= pieceCount) {
      throw new WireError('BAD_INDEX', `The peer sent a have for piece ${index} of ${pieceCount} pieces`);
    }
    if (!this.#hasToldPieces) this.#addPassOverPieces();
    this.#hasToldPieces = true;
    if (this.#context.state.peerPieces.add(index)) this.#context.events.onHave(index);
  }

  onBitfield(bytes: Uint8Array): void {
    this.#addPassOverPieces();
    const { pieceCount } = this.#context.geometry;
    const pieces = Bitfield.fromBytes(withoutSpareBits(bytes, pieceCount), pieceCount);
    if (pieces === undefined) throw new WireError('BAD_LENGTH', 'The peer sent a bitfield of another length');
    this.#tellPieces(pieces);
  }

  onHaveAll(): void {
    this.#requireFast('have all');
    this.#addPassOverPieces();
    const { state, geometry } = this.#context;
    if (this.#hasToldPieces && state.peerPieces.isFull) return;
    this.#tellPieces(Bitfield.full(geometry.pieceCount));
  }

  onHaveNone(): void {
    this.#requireFast('have none');
    this.#addPassOverPieces();
    if (this.#hasToldPieces) {
      throw new WireError('UNEXPECTED_MESSAGE', 'The peer sent a have none after it had told its pieces');
    }
    this.#tellPieces(new Bitfield(this.#context.geometry.pieceCount));
  }

  onRequest(index: number, begin: number, length: number): void {
    this.#context.work.add(MESSAGE_WORK.request);
    const { state, events } = this.#context;
    const request: BlockRequest = { index, begin, length };
    if (!this.#isBlock(request)) {
      this.#refuseBad(request);
      return;
    }
    if (state.amChoking && !state.offeredFast.has(index)) {
      this.#refuseChoked(request);
      return;
    }
    if (!state.amChoking) this.#chokedRequests = 0;
    this.#badRequests = 0;
    if (state.peerRequests.add(request)) events.onRequestQueued();
    else this.#reject(request);
  }

  onCancel(index: number, begin: number, length: number): void {
    this.#context.work.add(MESSAGE_WORK.cancel);
    const request: BlockRequest = { index, begin, length };
    // A request that is not in the queue was answered already, by its block or by a reject.
    if (this.#context.state.peerRequests.remove(request)) this.#reject(request);
  }

  onBlockStart(index: number, begin: number, length: number): void {
    this.#context.receiver.start(index, begin, length);
  }

  onBlockData(bytes: Uint8Array, offset: number): void {
    this.#context.receiver.data(bytes, offset);
  }

  onBlockEnd(): void {
    this.#context.receiver.end();
  }

  /** Ignores the port of the peer's DHT node. */
  onPort(): void {
    this.#context.work.add(MESSAGE_WORK.passedOver);
  }

  onSuggestPiece(index: number): void {
    this.#context.work.add(MESSAGE_WORK.passedOver);
    this.#requireFast('suggest piece');
    if (index < this.#context.geometry.pieceCount) this.#context.events.onSuggestPiece(index);
  }

  onReject(index: number, begin: number, length: number): void {
    this.#context.work.add(MESSAGE_WORK.reject);
    this.#requireFast('reject');
    this.#context.receiver.reject({ index, begin, length });
  }

  onAllowedFast(index: number): void {
    this.#context.work.add(MESSAGE_WORK.allowedFast);
    const { allowedFast } = this.#context.state;
    this.#requireFast('allowed fast');
    if (index >= this.#context.geometry.pieceCount) return;
    if (allowedFast.has(index) || allowedFast.size >= MAX_ALLOWED_FAST) return;
    allowedFast.add(index);
    this.#context.events.onAllowedFast(index);
  }

  /** Passes an extended message on. It is ignored when one end does not support BEP 10. */
  onExtended(extendedId: number, payload: Uint8Array): void {
    this.#context.work.add(MESSAGE_WORK.extended + payload.length / EXTENDED_BYTES_PER_UNIT);
    if (this.#context.extended) this.#context.events.onExtended(extendedId, payload);
  }

  onHashRequest(request: HashRequest): void {
    this.#context.work.add(MESSAGE_WORK.hashRequest);
    this.#context.hashes.receivedRequest(request);
  }

  onHashes(request: HashRequest, hashes: Uint8Array): void {
    this.#context.work.add(MESSAGE_WORK.hashes);
    this.#context.hashes.receivedHashes(request, hashes);
  }

  onHashReject(request: HashRequest): void {
    this.#context.work.add(MESSAGE_WORK.hashes);
    this.#context.hashes.receivedReject(request);
  }

  onUnknown(): void {
    this.#context.work.add(MESSAGE_WORK.passedOver);
  }

  /** Takes the pieces that the peer has. A later bitfield adds to the first: aria2 sends one, against BEP 3, to save `have`s. */
  #tellPieces(pieces: Bitfield): void {
    const { state, events, work } = this.#context;
    if (!this.#hasToldPieces) {
      this.#hasToldPieces = true;
      state.peerPieces = pieces;
      events.onBitfield();
      return;
    }
    if (!pieces.hasAnyNotIn(state.peerPieces)) return;
    // The work is counted before the first event, because all of them follow at once.
    work.add(LATE_PIECE_WORK * pieces.countNotIn(state.peerPieces));
    for (let index = 0; index < pieces.length && !state.isStopped; index += 1) {
      if (pieces.has(index) && state.peerPieces.add(index)) events.onHave(index);
    }
  }

  /** Counts the work of a message that makes us look through all pieces of the torrent. */
  #addPassOverPieces(): void {
    const { work, geometry } = this.#context;
    work.add(MESSAGE_WORK.have + geometry.pieceCount / PIECES_PER_UNIT);
  }

  #refuseChoked(request: BlockRequest): void {
    this.#chokedRequests += 1;
    if (this.#chokedRequests > MAX_CHOKED_REQUESTS) {
      throw new WireError(
        'TOO_MANY_CHOKED_REQUESTS',
        `The peer sent more than ${MAX_CHOKED_REQUESTS} requests while it was choked`,
      );
    }
    this.#reject(request);
  }

  /** Rejects a request for bytes that no block has, as other programs do, unless there are very many. */
  #refuseBad(request: BlockRequest): void {
    this.#badRequests += 1;
    if (this.#badRequests > MAX_BAD_REQUESTS) {
      const { index, begin, length } = request;
      throw new WireError(
        'TOO_MANY_BAD_REQUESTS',
        `The peer sent more than ${MAX_BAD_REQUESTS} requests for bytes that no block has, the last for ` +
          `${length} bytes at ${begin} of piece ${index}`,
      );
    }
    this.#reject(request);
  }

  /** Rejects a request. Without BEP 6 there is no message for it, and the request is only dropped. */
  #reject(request: BlockRequest): void {
    if (this.#context.fast) this.#context.send(encodeReject(request));
  }

  #requireFast(name: string): void {
    if (this.#context.fast) return;
    throw new WireError(
      'UNEXPECTED_MESSAGE',
      `The peer sent a ${name} without support for BEP 6 on both ends`,
    );
  }

  /** Tells whether a request is for bytes that a block may have. */
  #isBlock({ index, begin, length }: BlockRequest): boolean {
    const { geometry } = this.#context;
    if (index >= geometry.pieceCount || length === 0 || length > MAX_BLOCK_LENGTH) return false;
    return begin + length <= requestableLength(geometry, index);
  }
}

/** Copies a bitfield with zeros for the bits after the last piece, which some programs set. */
function withoutSpareBits(bytes: Uint8Array, pieceCount: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  if (pieceCount % 8 !== 0) copy[copy.length - 1]! &= 0xff << (8 - (pieceCount % 8));
  return copy;
}
