export { MAX_DOWNLOADED_PIECE_LENGTH, type PieceBytes } from './piece-buffers.ts';
export { Session, type SessionUsage } from './session.ts';
export type {
  MakeTrees,
  RateLimits,
  SessionOptions,
} from './session-options.ts';
export type { Torrent } from './torrent.ts';
export type { AddTorrent, Completion, TorrentEvents, TorrentStats } from './torrent-options.ts';
