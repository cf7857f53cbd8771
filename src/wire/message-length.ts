import { HASH_BYTES, HASH_REQUEST_BYTES } from './hash-request.ts';
import { MAX_BLOCK_LENGTH, MAX_EXTENDED_BYTES, MAX_HASHES, MAX_UNKNOWN_BYTES } from './limits.ts';
import { MessageId } from './message-id.ts';
import { WireError } from './wire-error.ts';

/** The least and the greatest length prefix of each kind of message. The id counts. */
const MIN_LENGTH = new Uint32Array(256).fill(1);
const MAX_LENGTH = new Uint32Array(256).fill(MAX_UNKNOWN_BYTES);

function allow(id: number, least: number, greatest = least): void {
  MIN_LENGTH[id] = least;
  MAX_LENGTH[id] = greatest;
}

allow(MessageId.choke, 1);
allow(MessageId.unchoke, 1);
allow(MessageId.interested, 1);
allow(MessageId.notInterested, 1);
allow(MessageId.have, 5);
allow(MessageId.request, 13);
allow(MessageId.piece, 9, 9 + MAX_BLOCK_LENGTH);
allow(MessageId.cancel, 13);
allow(MessageId.port, 3);
allow(MessageId.suggestPiece, 5);
allow(MessageId.haveAll, 1);
allow(MessageId.haveNone, 1);
allow(MessageId.reject, 13);
allow(MessageId.allowedFast, 5);
allow(MessageId.extended, 2, MAX_EXTENDED_BYTES);
allow(MessageId.hashRequest, 1 + HASH_REQUEST_BYTES);
allow(MessageId.hashes, 1 + HASH_REQUEST_BYTES, 1 + HASH_REQUEST_BYTES + MAX_HASHES * HASH_BYTES);
allow(MessageId.hashReject, 1 + HASH_REQUEST_BYTES);

/**
 * Refuses a length prefix that does not fit the kind of message, before any byte of the message is held.
 *
 * @param length the length prefix: the bytes of the message with its id
 * @param bitfieldBytes the bytes of the torrent's bitfield
 * @throws {WireError} `BAD_LENGTH`, `MESSAGE_TOO_LARGE`
 */
export function checkMessageLength(id: number, length: number, bitfieldBytes: number): void {
  const isBitfield = id === MessageId.bitfield;
  const least = isBitfield ? 1 + bitfieldBytes : MIN_LENGTH[id]!;
  const greatest = isBitfield ? least : MAX_LENGTH[id]!;
  if (length >= least && length <= greatest) {
    if (id !== MessageId.hashes || (length - least) % HASH_BYTES === 0) return;
    throw new WireError('BAD_LENGTH', `A hashes message of ${length} bytes holds no whole number of hashes`);
  }
  const found = `A message of kind ${id} says it has ${length} bytes`;
  if (least === greatest) throw new WireError('BAD_LENGTH', `${found}, where that kind has ${least}`);
  if (length < least) throw new WireError('BAD_LENGTH', `${found}, where that kind has at least ${least}`);
  throw new WireError('MESSAGE_TOO_LARGE', `${found}, where at most ${greatest} are accepted`);
}
