import type { MetainfoVersion } from '../metainfo/index.ts';
import type { Address, ReportError } from '../util/index.ts';
import { ShoalError } from '../util/index.ts';

/** A torrent made elsewhere and where its files are. */
export interface TorrentWithData {
  /** The bytes of a `.torrent`. */
  readonly torrent: Uint8Array;
  /** The file, or the folder with the files, or the folder that holds either under the torrent's name. */
  readonly data: string;
}

/** What to seed, and where. At least one of `paths` and `torrents` is given. */
export interface SeederOptions {
  /** A tracker with Shoal's web API, `http://host:9910`: is told of all torrents in one request. */
  readonly tracker?: string;
  /**
   * Access token by which the tracker lets it register, if it wants one; absent: the one behind the tracker's address,
   * `http://host:9910/TOKEN`.
   */
  readonly token?: string | undefined;
  /** Files and folders. Each regular file in them is a torrent of its own; names that start with a dot are left out. */
  readonly paths?: readonly string[];
  /**
   * Which hashes the torrents made of `paths` carry: `v1` unless given, as every program reads those. Older ones (aria2
   * 1.36, Transmission 3) take no hybrids.
   */
  readonly version?: MetainfoVersion;
  /** These are announced to their own trackers as well. */
  readonly torrents?: readonly TorrentWithData[];
  /** IP address at which peers reach the seeder; absent: the one the tracker sees. */
  readonly host?: string;
  /** Address to listen on; absent: all. */
  readonly bindHost?: string;
  /** Port to listen on; absent or 0: any. */
  readonly port?: number;
  /** Bytes of payload per second that may be uploaded, in all and of each torrent; absent: no limit. */
  readonly limitUp?: number | undefined;
  readonly limitUpPerTorrent?: number | undefined;
  /** Gives the start up, while files are read. */
  readonly signal?: AbortSignal;
  /** Told while files are read: bytes of all files. */
  readonly onHashing?: (progress: {
    readonly done: number;
    readonly total: number;
    readonly name: string;
  }) => void;
  /** The tracker has taken the list, or a renewal of it. */
  readonly onRegistered?: (info: { readonly torrents: number; readonly renewIn: number }) => void;
  /** Errors that do not end it: a tracker that cannot be reached (it is tried again), a file that went away. Absent: `process.emitWarning`. */
  readonly onWarning?: ReportError;
}

/** A torrent that is being seeded. */
export interface SeededTorrent {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  readonly infoHash: string;
  /** Of the whole file, in hex; absent for several files. */
  readonly sha256?: string;
  /** The file or folder. */
  readonly path: string;
}

/** A running seeder. */
export interface Seeder extends AsyncDisposable {
  /** Where it takes peers. */
  readonly address: Address;
  readonly torrents: readonly SeededTorrent[];
  /** Bytes sent, bytes per second, connected peers. */
  readonly stats: { readonly uploaded: number; readonly uploadRate: number; readonly peers: number };
  /** Leaves the tracker, says farewell to peers and closes everything. @throws {AggregateError} of all that failed */
  close(): Promise<void>;
}

/**
 * - `USAGE` nothing to seed was given
 * - `NO_FILES` there is no regular file in the folders given
 * - `MISMATCH` the files are not those of the torrent
 * - `BAD_TORRENT` the torrent cannot be read
 * - `DISK` a file cannot be read, or changed while it was
 * - `REFUSED` a warning: the tracker does not serve some of the torrents, and the others are seeded
 */
export type SeederErrorCode = 'USAGE' | 'NO_FILES' | 'MISMATCH' | 'BAD_TORRENT' | 'DISK' | 'REFUSED';

/** Why there is no seeder, or what it does without. */
export class SeederError extends ShoalError<SeederErrorCode> {}
