export { DEFAULT_MAX_CONNECTIONS } from './connection-slots.ts';
export { PEER_END_WORDS, type PeerEnd, type PeerSummary } from './peer-end.ts';
export { makePeerId } from './peer-id.ts';
export { DEFAULT_PIECE_MEMORY_BYTES, MAX_DOWNLOADED_PIECE_LENGTH, type PieceBytes } from './piece-buffers.ts';
export { DEFAULT_READ_CACHE_BYTES } from './read-cache.ts';
export { Session, type SessionUsage } from './session.ts';
export {
  DEFAULT_UPLOAD_SLOTS,
  type MakeTrees,
  type RateLimits,
  type SessionOptions,
} from './session-options.ts';
export type { Torrent } from './torrent.ts';
export type { AddTorrent, Completion, TorrentEvents, TorrentStats } from './torrent-options.ts';
