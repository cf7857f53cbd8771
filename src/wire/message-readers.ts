import { readUint32 } from '../util/index.ts';
import { HASH_BYTES, HASH_REQUEST_BYTES, type HashRequest } from './hash-request.ts';
import type { MessageHandler } from './message-handler.ts';
import { MessageId } from './message-id.ts';

/** A reader that passes a whole message to the handler. Its payload is [at, end), whose length was checked. */
type ReadMessage = (handler: MessageHandler, bytes: Uint8Array, at: number, end: number) => void;

const readers = new Array<ReadMessage | undefined>(256).fill(undefined);

readers[MessageId.choke] = (handler) => handler.onChoke();
readers[MessageId.unchoke] = (handler) => handler.onUnchoke();
readers[MessageId.interested] = (handler) => handler.onInterested();
readers[MessageId.notInterested] = (handler) => handler.onNotInterested();
readers[MessageId.have] = (handler, bytes, at) => handler.onHave(readUint32(bytes, at));
readers[MessageId.bitfield] = (handler, bytes, at, end) => handler.onBitfield(bytes.subarray(at, end));
readers[MessageId.request] = (handler, bytes, at) =>
  handler.onRequest(readUint32(bytes, at), readUint32(bytes, at + 4), readUint32(bytes, at + 8));
readers[MessageId.cancel] = (handler, bytes, at) =>
  handler.onCancel(readUint32(bytes, at), readUint32(bytes, at + 4), readUint32(bytes, at + 8));
readers[MessageId.port] = (handler, bytes, at) => handler.onPort((bytes[at]! << 8) | bytes[at + 1]!);
readers[MessageId.suggestPiece] = (handler, bytes, at) => handler.onSuggestPiece(readUint32(bytes, at));
readers[MessageId.haveAll] = (handler) => handler.onHaveAll();
readers[MessageId.haveNone] = (handler) => handler.onHaveNone();
readers[MessageId.reject] = (handler, bytes, at) =>
  handler.onReject(readUint32(bytes, at), readUint32(bytes, at + 4), readUint32(bytes, at + 8));
readers[MessageId.allowedFast] = (handler, bytes, at) => handler.onAllowedFast(readUint32(bytes, at));
readers[MessageId.extended] = (handler, bytes, at, end) =>
  handler.onExtended(bytes[at]!, bytes.subarray(at + 1, end));
readers[MessageId.hashRequest] = (handler, bytes, at) => handler.onHashRequest(hashRequestAt(bytes, at));
readers[MessageId.hashes] = (handler, bytes, at, end) =>
  handler.onHashes(hashRequestAt(bytes, at), bytes.subarray(at + HASH_REQUEST_BYTES, end));
readers[MessageId.hashReject] = (handler, bytes, at) => handler.onHashReject(hashRequestAt(bytes, at));

/** The reader of each kind of message by id; `undefined` for unknown kinds, and for `piece`, which is read in parts. */
export const MESSAGE_READERS: readonly (ReadMessage | undefined)[] = readers;

function hashRequestAt(bytes: Uint8Array, at: number): HashRequest {
  const numbers = at + HASH_BYTES;
  return {
    piecesRoot: bytes.subarray(at, numbers),
    baseLayer: readUint32(bytes, numbers),
    index: readUint32(bytes, numbers + 4),
    length: readUint32(bytes, numbers + 8),
    proofLayers: readUint32(bytes, numbers + 12),
  };
}
