import { type Bitfield, checkArgument, valueRules, writeUint32 } from '../util/index.ts';
import type { BlockRequest } from './block.ts';
import { HASH_BYTES, HASH_REQUEST_BYTES, type HashRequest } from './hash-request.ts';
import { PIECE_HEADER_BYTES } from './limits.ts';
import { MessageId } from './message-id.ts';

// Each function returns new bytes, which the caller owns and may change in place, for example to encrypt them.

/** The bytes of a `request`, `cancel` or `reject`. */
const BLOCK_MESSAGE_BYTES = 17;
const HEADER_BYTES = 5;

export function encodeKeepAlive(): Uint8Array {
  return new Uint8Array(4);
}

export function encodeChoke(): Uint8Array {
  return header(MessageId.choke, 0);
}

export function encodeUnchoke(): Uint8Array {
  return header(MessageId.unchoke, 0);
}

export function encodeInterested(): Uint8Array {
  return header(MessageId.interested, 0);
}

export function encodeNotInterested(): Uint8Array {
  return header(MessageId.notInterested, 0);
}

export function encodeHave(index: number): Uint8Array {
  return withIndex(MessageId.have, index);
}

export function encodeBitfield(bitfield: Bitfield): Uint8Array {
  return withPayload(MessageId.bitfield, bitfield.bytes);
}

/** Writes several `request` messages into one buffer, 17 bytes each. */
export function encodeRequests(requests: readonly BlockRequest[]): Uint8Array {
  const bytes = new Uint8Array(requests.length * BLOCK_MESSAGE_BYTES);
  for (let at = 0; at < requests.length; at += 1) {
    writeBlockMessage(bytes, at * BLOCK_MESSAGE_BYTES, MessageId.request, requests[at]!);
  }
  return bytes;
}

export function encodeCancel(request: BlockRequest): Uint8Array {
  return blockMessage(MessageId.cancel, request);
}

/** Writes the {@link PIECE_HEADER_BYTES} of a `piece` message before the `length` bytes of its block. */
export function encodePieceHeader(block: BlockRequest): Uint8Array {
  const bytes = new Uint8Array(PIECE_HEADER_BYTES);
  writePieceHeader(bytes, 0, block);
  return bytes;
}

/** Writes the header of a `piece` message into memory that holds the block, or will hold it. */
export function writePieceHeader(
  bytes: Uint8Array,
  at: number,
  { index, begin, length }: BlockRequest,
): void {
  writeNumber(bytes, at, 'length', PIECE_HEADER_BYTES - 4 + length);
  bytes[at + 4] = MessageId.piece;
  writeNumber(bytes, at + 5, 'index', index);
  writeNumber(bytes, at + 9, 'begin', begin);
}

/** Writes a `port` message. @see BEP 5 */
export function encodePort(port: number): Uint8Array {
  return withPayload(MessageId.port, Uint8Array.of(port >> 8, port & 0xff));
}

/** Writes a `suggest piece` message. @see BEP 6 */
export function encodeSuggestPiece(index: number): Uint8Array {
  return withIndex(MessageId.suggestPiece, index);
}

/** Writes a `have all` message. @see BEP 6 */
export function encodeHaveAll(): Uint8Array {
  return header(MessageId.haveAll, 0);
}

/** Writes a `have none` message. @see BEP 6 */
export function encodeHaveNone(): Uint8Array {
  return header(MessageId.haveNone, 0);
}

/** Writes a `reject request` message. @see BEP 6 */
export function encodeReject(request: BlockRequest): Uint8Array {
  return blockMessage(MessageId.reject, request);
}

/** Writes an `allowed fast` message. @see BEP 6 */
export function encodeAllowedFast(index: number): Uint8Array {
  return withIndex(MessageId.allowedFast, index);
}

/**
 * Writes an `extended` message.
 *
 * @param extendedId 0 for the extended handshake, or the id that the peer's `m` gives the extension
 * @see BEP 10
 */
export function encodeExtended(extendedId: number, payload: Uint8Array): Uint8Array {
  const bytes = header(MessageId.extended, 1 + payload.length);
  bytes[HEADER_BYTES] = extendedId;
  bytes.set(payload, HEADER_BYTES + 1);
  return bytes;
}

/** Writes a `hash request` message. @see BEP 52 */
export function encodeHashRequest(request: HashRequest): Uint8Array {
  return hashMessage(MessageId.hashRequest, request, 0);
}

/** Writes a `hashes` message. @param hashes 32 bytes each: the base layer, then the uncles up to the root @see BEP 52 */
export function encodeHashes(request: HashRequest, hashes: Uint8Array): Uint8Array {
  const bytes = hashMessage(MessageId.hashes, request, hashes.length);
  bytes.set(hashes, HEADER_BYTES + HASH_REQUEST_BYTES);
  return bytes;
}

/** Writes a `hash reject` message. @see BEP 52 */
export function encodeHashReject(request: HashRequest): Uint8Array {
  return hashMessage(MessageId.hashReject, request, 0);
}

/** Writes the length and id of a message, with room for the payload behind them. */
function header(id: number, payloadLength: number): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + payloadLength);
  writeUint32(bytes, 0, 1 + payloadLength);
  bytes[4] = id;
  return bytes;
}

function withPayload(id: number, payload: Uint8Array): Uint8Array {
  const bytes = header(id, payload.length);
  bytes.set(payload, HEADER_BYTES);
  return bytes;
}

function withIndex(id: number, index: number): Uint8Array {
  const bytes = header(id, 4);
  writeNumber(bytes, HEADER_BYTES, 'index', index);
  return bytes;
}

function blockMessage(id: number, request: BlockRequest): Uint8Array {
  const bytes = new Uint8Array(BLOCK_MESSAGE_BYTES);
  writeBlockMessage(bytes, 0, id, request);
  return bytes;
}

function writeBlockMessage(bytes: Uint8Array, at: number, id: number, request: BlockRequest): void {
  writeUint32(bytes, at, BLOCK_MESSAGE_BYTES - 4);
  bytes[at + 4] = id;
  writeNumber(bytes, at + 5, 'index', request.index);
  writeNumber(bytes, at + 9, 'begin', request.begin);
  writeNumber(bytes, at + 13, 'length', request.length);
}

function hashMessage(id: number, request: HashRequest, hashesLength: number): Uint8Array {
  const bytes = header(id, HASH_REQUEST_BYTES + hashesLength);
  bytes.set(request.piecesRoot, HEADER_BYTES);
  const numbers = HEADER_BYTES + HASH_BYTES;
  writeNumber(bytes, numbers, 'baseLayer', request.baseLayer);
  writeNumber(bytes, numbers + 4, 'index', request.index);
  writeNumber(bytes, numbers + 8, 'length', request.length);
  writeNumber(bytes, numbers + 12, 'proofLayers', request.proofLayers);
  return bytes;
}

/** Writes a number of a message. @throws {ArgumentError} when it does not fit into 32 bits */
function writeNumber(bytes: Uint8Array, at: number, name: string, value: number): void {
  if (value >>> 0 !== value) checkArgument('a function of shoal/wire', name, value, valueRules.uint32);
  writeUint32(bytes, at, value);
}
