import type { Network, RateLimiter } from '../net/index.ts';
import type { ConnectionSlots, ReportLimit, SendMemory, WorkBudgets } from '../swarm/index.ts';
import type { Clock, Random, ReportError } from '../util/index.ts';
import type { HashTreeCache } from './hash-tree-cache.ts';
import type { PieceBuffers, PieceBytes } from './piece-buffers.ts';
import type { ReadCache } from './read-cache.ts';

/** The number of peers of one torrent that are uploaded to at once. */
export const DEFAULT_UPLOAD_SLOTS = 16;

/** The port to what makes merkle trees, which does it on other threads. A tree has the form of `merkleLayers()`. */
export interface MakeTrees {
  /** Makes the tree over the leaves of a piece. @param data its bytes that belong to a file; they must not change meanwhile */
  treeOfPiece(data: PieceBytes, leafCount: number): Promise<Uint8Array>;
  /** Makes the tree over these hashes. */
  treeOver(hashes: Uint8Array, width: number, padding: Uint8Array): Promise<Uint8Array>;
}

/**
 * The bytes of payload per second that may be sent and received; `undefined` when there is no limit. The messages of the
 * protocol, some thousandths of it, are not counted.
 */
export interface RateLimits {
  readonly up?: number | undefined;
  readonly down?: number | undefined;
}

/** The options of a {@link Session}. */
export interface SessionOptions {
  readonly network: Network;
  readonly clock: Clock;
  readonly random: Random;
  /** Takes errors of work in the background. */
  readonly report: ReportError;
  readonly makeTrees: MakeTrees;
  /** Our peer id, 20 bytes, see {@link makePeerId}. */
  readonly peerId: Uint8Array;
  /** The address to listen on; `undefined` for all addresses of this machine. */
  readonly host?: string | undefined;
  /** The port to listen on; 0 for any free one. */
  readonly port: number;
  /** The number of connections of all torrents; by default 500. */
  readonly maxConnections?: number;
  /** The number of peers of one torrent that are uploaded to at once; by default {@link DEFAULT_UPLOAD_SLOTS}. */
  readonly uploadSlots?: number;
  /** The bytes of pieces that are received, checked and written at a time; by default 32 MiB. */
  readonly pieceMemoryBytes?: number;
  /** The bytes read for uploading that are kept; by default 32 MiB. */
  readonly readCacheBytes?: number;
  /** The rate limits of all torrents together. */
  readonly limits?: RateLimits | undefined;
}

/** The resources that the torrents of a session share. */
export interface SessionResources
  extends Pick<SessionOptions, 'network' | 'clock' | 'random' | 'report' | 'makeTrees' | 'peerId'> {
  readonly slots: ConnectionSlots;
  /** The budgets of the work that the messages of peers make. */
  readonly workBudgets: WorkBudgets;
  /**
   * The budgets of the work of accepting connections. They are apart so that a peer that makes too much work does not keep
   * others of its address from connecting.
   */
  readonly connectBudgets: WorkBudgets;
  readonly sending: SendMemory;
  readonly badPeers: ReportLimit;
  readonly pieceBuffers: PieceBuffers;
  readonly readCache: ReadCache;
  readonly hashTrees: HashTreeCache;
  readonly uploadSlots: number;
  readonly uploadLimiter: RateLimiter;
  readonly downloadLimiter: RateLimiter;
  /** Returns the port at which peers can reach us; `undefined` while we do not listen. */
  listenPort(): number | undefined;
}
