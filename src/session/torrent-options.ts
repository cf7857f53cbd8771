import type { Metainfo } from '../metainfo/index.ts';
import type { Storage } from '../storage/index.ts';
import type { Bitfield } from '../util/index.ts';
import type { PieceBytes } from './piece-buffers.ts';
import type { RateLimits } from './session-options.ts';

/** What is told of a torrent. All are optional; none may throw. */
export interface TorrentEvents {
  /** A piece is checked and written. */
  onPieceVerified?(index: number): void;
  /** All pieces are there. At once, before `add` returns, when they were from the start. */
  onComplete?(): void;
  /** The disk failed: the torrent has stopped, what was written stays. */
  onFailed?(error: Error): void;
  /**
   * A peer sent wrong data or broke the protocol; it is disconnected. Of those that broke the protocol one of each address
   * is told of in a minute, and {@link MAX_BAD_PEERS_TOLD} in all; the next error says how many were left out.
   */
  onBadPeer?(name: string, error: Error): void;
  /** Something happened that matters only to somebody who looks for a fault: one sentence, with a peer's own words in it. */
  onDebug?(message: string): void;
}

/** What it takes to complete a torrent. */
export interface Completion {
  /**
   * The pieces that are in the storage, and those that lie wholly in pads (`Pads.wholePieces()`), which nobody is asked
   * for. The torrent keeps it up to date.
   */
  readonly have: Bitfield;
  /** The pieces to fetch, read once; absent: all. `Torrent.setWanted()` changes them later. */
  readonly wanted?: Bitfield | undefined;
  /**
   * Checks the bytes of a piece and, when they are right, writes them into the storage; off the main thread where there
   * is another. Nobody changes `bytes` meanwhile, and it changes nothing in them.
   *
   * @returns whether they are right
   * @throws when the disk fails, which ends the torrent
   */
  readonly storePiece: (index: number, bytes: PieceBytes) => Promise<boolean>;
}

/** What {@link Session.add} needs. */
export interface AddTorrent extends TorrentEvents {
  readonly metainfo: Metainfo;
  readonly storage: Storage;
  /** Absent: all pieces are in the storage. */
  readonly completion?: Completion;
  /** Of this torrent, below those of the session. */
  readonly limits?: RateLimits | undefined;
}

/** A torrent in numbers. */
export interface TorrentStats {
  /** Bytes of blocks received and sent, those thrown away included. */
  readonly downloaded: number;
  readonly uploaded: number;
  /** Bytes of files that are still to come; pad bytes are none. */
  readonly left: number;
  /** Bytes per second. */
  readonly downloadRate: number;
  readonly uploadRate: number;
  /** Connected peers, and those of them that have everything. */
  readonly peers: number;
  readonly seeds: number;
  /** Peers that sent something, gone or not. */
  readonly sources: number;
  /** Addresses known, connected or not. */
  readonly known: number;
  /** Pieces that came with a wrong hash. */
  readonly failedPieces: number;
}
