import type { Metainfo } from '../metainfo/index.ts';
import type { Storage } from '../storage/index.ts';
import type { Bitfield } from '../util/index.ts';
import type { PieceBytes } from './piece-buffers.ts';
import type { RateLimits } from './session-options.ts';

/** The functions that hear of the events of a torrent. All are optional, and none may throw. */
export interface TorrentEvents {
  /** Hears that a piece is verified and written. */
  onPieceVerified?(index: number): void;
  /** Hears that all pieces are there. If they were from the start, it is called before `add()` returns. */
  onComplete?(): void;
  /** Hears that the disk failed. The torrent has stopped; the pieces that were written stay. */
  onFailed?(error: Error): void;
  /**
   * Hears of a peer that sent wrong data or broke the protocol, and was disconnected. Of peers that broke the protocol, one
   * of each address is told in a minute, and {@link MAX_BAD_PEERS_TOLD} in all. The next error says how many were left out.
   */
  onBadPeer?(name: string, error: Error): void;
  /** Hears of an event that matters only to somebody who looks for a fault, in one sentence. It may quote text of a peer. */
  onDebug?(message: string): void;
}

/** The pieces of a torrent that are there, and the function that stores the others. */
export interface Completion {
  /**
   * The pieces that are in the storage, and those that are pad bytes alone (`Pads.wholePieces()`), which are not requested.
   * The torrent adds each further piece.
   */
  readonly have: Bitfield;
  /** The pieces to fetch, which are read once; `undefined` for all. `Torrent.setWanted()` changes them later. */
  readonly wanted?: Bitfield | undefined;
  /**
   * Checks the bytes of a piece and writes them to the storage if they are right, on another thread where there is one. The
   * bytes do not change meanwhile, and it must not change them.
   *
   * @returns whether the bytes are right
   * @throws {Error} when the disk fails, which ends the torrent
   */
  readonly storePiece: (index: number, bytes: PieceBytes) => Promise<boolean>;
}

/** The torrent that {@link Session.add} is to add. */
export interface AddTorrent extends TorrentEvents {
  readonly metainfo: Metainfo;
  readonly storage: Storage;
  /** The pieces that are there, with the function that stores the others; `undefined` when all pieces are in the storage. */
  readonly completion?: Completion;
  /** The rate limits of this torrent. Those of the session hold as well. */
  readonly limits?: RateLimits | undefined;
}

/** The figures of a torrent. */
export interface TorrentStats {
  /** The bytes of blocks that were received, with those that were thrown away. */
  readonly downloaded: number;
  /** The bytes of blocks that were sent. */
  readonly uploaded: number;
  /** The bytes of files that are missing. Pad bytes do not count. */
  readonly left: number;
  /** The bytes per second that all peers send. */
  readonly downloadRate: number;
  /** The bytes per second that all peers take. */
  readonly uploadRate: number;
  /** The number of connected peers. */
  readonly peers: number;
  /** The number of connected peers that have all pieces. */
  readonly seeds: number;
  /** The number of connected peers that have a piece that is missing here. @see BEP 3, "interested" */
  readonly interesting: number;
  /** The number of peers that sent a part of a block, connected or not. */
  readonly sources: number;
  /** The number of known addresses that can be dialed, now or later. */
  readonly known: number;
  /** The number of pieces that had a wrong hash. */
  readonly failedPieces: number;
  /** The number of pieces that have come and are being checked or written. */
  readonly storing: number;
}
