import { type Bitfield, checkArgument, valueRules, writeUint32 } from '../util/index.ts';
import type { BlockRequest } from './block.ts';
import { HASH_BYTES, HASH_REQUEST_BYTES, type HashRequest } from './hash-request.ts';
import { PIECE_HEADER_BYTES } from './limits.ts';
import { MessageId } from './message-id.ts';

// Each function returns bytes that belong to the caller: nothing is shared, so they may be changed (encrypted) in place.

/** Bytes of a `request`, `cancel` or `reject`. */
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

/** All in one buffer, 17 bytes each. */
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

/** The {@link PIECE_HEADER_BYTES} that go before `length` bytes of block. */
export function encodePieceHeader(block: BlockRequest): Uint8Array {
  const bytes = new Uint8Array(PIECE_HEADER_BYTES);
  writePieceHeader(bytes, 0, block);
  return bytes;
}

/** As {@link encodePieceHeader}, into memory where the block stands already, or will. */
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

/** @see BEP 5 */
export function encodePort(port: number): Uint8Array {
  return withPayload(MessageId.port, Uint8Array.of(port >> 8, port & 0xff));
}

/** @see BEP 6 */
export function encodeSuggestPiece(index: number): Uint8Array {
  return withIndex(MessageId.suggestPiece, index);
}

/** @see BEP 6 */
export function encodeHaveAll(): Uint8Array {
  return header(MessageId.haveAll, 0);
}

/** @see BEP 6 */
export function encodeHaveNone(): Uint8Array {
  return header(MessageId.haveNone, 0);
}

/** @see BEP 6 */
export function encodeReject(request: BlockRequest): Uint8Array {
  return blockMessage(MessageId.reject, request);
}

/** @see BEP 6 */
export function encodeAllowedFast(index: number): Uint8Array {
  return withIndex(MessageId.allowedFast, index);
}

/** @param extendedId 0 for the extended handshake, else the id the peer gave the extension. @see BEP 10 */
export function encodeExtended(extendedId: number, payload: Uint8Array): Uint8Array {
  const bytes = header(MessageId.extended, 1 + payload.length);
  bytes[HEADER_BYTES] = extendedId;
  bytes.set(payload, HEADER_BYTES + 1);
  return bytes;
}

/** @see BEP 52 */
export function encodeHashRequest(request: HashRequest): Uint8Array {
  return hashMessage(MessageId.hashRequest, request, 0);
}

/** @param hashes 32 bytes each: the base layer, then the uncles, the one nearest to the root last @see BEP 52 */
export function encodeHashes(request: HashRequest, hashes: Uint8Array): Uint8Array {
  const bytes = hashMessage(MessageId.hashes, request, hashes.length);
  bytes.set(hashes, HEADER_BYTES + HASH_REQUEST_BYTES);
  return bytes;
}

/** @see BEP 52 */
export function encodeHashReject(request: HashRequest): Uint8Array {
  return hashMessage(MessageId.hashReject, request, 0);
}

/** Length and id, with room for the payload behind them. */
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

/** Writes a number of a message. @throws {ArgumentError} for one that does not fit, which would be sent as another one */
function writeNumber(bytes: Uint8Array, at: number, name: string, value: number): void {
  if (value >>> 0 !== value) checkArgument('a function of shoal/wire', name, value, valueRules.uint32);
  writeUint32(bytes, at, value);
}
