import type { Network, RateLimiter } from '../net/index.ts';
import type { ConnectionSlots, ReportLimit, SendMemory, WorkBudgets } from '../swarm/index.ts';
import type { Clock, Random, ReportError } from '../util/index.ts';
import type { HashTreeCache } from './hash-tree-cache.ts';
import type { PieceBuffers, PieceBytes } from './piece-buffers.ts';
import type { ReadCache } from './read-cache.ts';

/** Peers uploaded to at once, per torrent. */
export const DEFAULT_UPLOAD_SLOTS = 16;

/** Makes merkle trees off the main thread; each is `merkleLayers()`. */
export interface MakeTrees {
  /** Over the leaves of a piece. @param data its bytes that belong to a file, which nobody changes meanwhile */
  treeOfPiece(data: PieceBytes, leafCount: number): Promise<Uint8Array>;
  /** Over hashes. */
  treeOver(hashes: Uint8Array, width: number, padding: Uint8Array): Promise<Uint8Array>;
}

/**
 * Bytes of payload per second, up and down; absent: no limit. What the protocol itself sends, some thousandths of it, is
 * not counted.
 */
export interface RateLimits {
  readonly up?: number | undefined;
  readonly down?: number | undefined;
}

/** What a {@link Session} is made of. */
export interface SessionOptions {
  readonly network: Network;
  readonly clock: Clock;
  readonly random: Random;
  /** Where errors go that nobody waits for. */
  readonly report: ReportError;
  readonly makeTrees: MakeTrees;
  /** 20 bytes, see {@link makePeerId}. */
  readonly peerId: Uint8Array;
  /** Address to listen on; absent: all. */
  readonly host?: string | undefined;
  /** Port to listen on, 0 for any. */
  readonly port: number;
  /** Connections over all torrents. */
  readonly maxConnections?: number;
  readonly uploadSlots?: number;
  /** Bytes of pieces being received, checked and written. */
  readonly pieceMemoryBytes?: number;
  /** Bytes kept of what was read for uploading. */
  readonly readCacheBytes?: number;
  /** Of all torrents together. */
  readonly limits?: RateLimits | undefined;
}

/** What the torrents of a session share. */
export interface SessionResources
  extends Pick<SessionOptions, 'network' | 'clock' | 'random' | 'report' | 'makeTrees' | 'peerId'> {
  readonly slots: ConnectionSlots;
  /** For what the messages of peers make us do, by origin. */
  readonly workBudgets: WorkBudgets;
  /** For taking connections, by origin: apart, so that whoever floods us keeps nobody of his address from connecting. */
  readonly connectBudgets: WorkBudgets;
  readonly sending: SendMemory;
  readonly badPeers: ReportLimit;
  readonly pieceBuffers: PieceBuffers;
  readonly readCache: ReadCache;
  readonly hashTrees: HashTreeCache;
  readonly uploadSlots: number;
  readonly uploadLimiter: RateLimiter;
  readonly downloadLimiter: RateLimiter;
  /** The port peers can reach us at; `undefined` while we do not listen. */
  listenPort(): number | undefined;
}
