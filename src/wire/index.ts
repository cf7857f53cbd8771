export { BLOCK_BYTES } from '../metainfo/index.ts';
export { ArgumentError, PEER_ID_BYTES } from '../util/index.ts';
export { allowedFastSet } from './allowed-fast.ts';
export { type BlockRequest, type PieceGeometry, requestableLength } from './block.ts';
export {
  encodeHandshake,
  HANDSHAKE_BYTES,
  type Handshake,
  type HandshakeOpening,
  HandshakeReader,
  type Supports,
} from './handshake.ts';
export type { HashExchange } from './hash-exchange.ts';
export type { HashRequest } from './hash-request.ts';
export { MAX_BLOCK_LENGTH, MAX_QUEUED_REQUESTS, PIECE_HEADER_BYTES } from './limits.ts';
export type { MessageHandler } from './message-handler.ts';
export { MessageId } from './message-id.ts';
export { MessageParser, type MessageParserOptions } from './message-parser.ts';
export * from './message-writer.ts';
export { PeerSession, type PeerSessionOptions } from './peer-session.ts';
export type { PeerSessionEvents } from './peer-session-events.ts';
export { WireError } from './wire-error.ts';
