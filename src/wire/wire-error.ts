import { ShoalError } from '../util/index.ts';

/**
 * The error for a peer that breaks the protocol. The connection is of no further use: close it.
 *
 * - `NOT_BITTORRENT`: the first bytes are no BitTorrent handshake
 * - `BAD_LENGTH`: a message whose length does not fit its kind
 * - `MESSAGE_TOO_LARGE`: a message beyond its limit
 * - `UNEXPECTED_MESSAGE`: a message that is not allowed now, or whose extension was not agreed on
 * - `BAD_INDEX`: a piece that the torrent does not have
 * - `BAD_HASHES`: `hashes` that are more or fewer than were asked for
 * - `TOO_MANY_STRAYS`: blocks, hashes or rejects that answer no request of ours, beyond what races explain
 * - `TOO_MANY_CHOKED_REQUESTS`: requests that go on while we choke
 * - `TOO_MANY_BAD_REQUESTS`: requests for bytes that no block has, again and again
 * - `TOO_MUCH_WORK`: messages at once that cause more work than is allowed
 * - `PEER_STALLED`: the peer does not read what we send, or does not end a message that it has begun
 * - `PEER_SILENT`: the peer has sent nothing, not even keep-alives, for too long
 */
export class WireError extends ShoalError<
  | 'NOT_BITTORRENT'
  | 'BAD_LENGTH'
  | 'MESSAGE_TOO_LARGE'
  | 'UNEXPECTED_MESSAGE'
  | 'BAD_INDEX'
  | 'BAD_HASHES'
  | 'TOO_MANY_STRAYS'
  | 'TOO_MANY_CHOKED_REQUESTS'
  | 'TOO_MANY_BAD_REQUESTS'
  | 'TOO_MUCH_WORK'
  | 'PEER_STALLED'
  | 'PEER_SILENT'
> {}
