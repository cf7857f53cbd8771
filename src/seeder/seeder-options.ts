import type { LeftOut } from '../hashing/index.ts';
import type { MetainfoVersion } from '../metainfo/index.ts';
import type { Address, ReportError } from '../util/index.ts';
import type { SeederError } from './seeder-error.ts';

/** A torrent made elsewhere and where its files are. */
export interface TorrentWithData {
  /** The bytes of a `.torrent`. */
  readonly torrent: Uint8Array;
  /** The file, or the folder with the files, or the folder that holds either under the torrent's name. */
  readonly data: string;
  /** The path of the `.torrent`, for messages; absent: they name the torrent. */
  readonly path?: string;
}

/** Says what a seeder offers, and where. At least one of `paths` and `torrents` is given. */
export interface SeederOptions {
  /** A tracker with Shoal's web API, `http://host:9910`: is told of all torrents in one request. */
  readonly tracker?: string;
  /**
   * Access token by which the tracker lets it register, if it wants one; absent: the one behind the tracker's address,
   * `http://host:9910/TOKEN`.
   */
  readonly token?: string | undefined;
  /**
   * Files and folders. Each regular file in them is a torrent of its own. Names that start with a dot and symbolic links
   * are left out unless `hidden` and `follow` are given; devices, pipes and sockets always are.
   */
  readonly paths?: readonly string[];
  /** `true` takes files and folders whose names start with a dot, too; absent: `false`. */
  readonly hidden?: boolean;
  /** `true` follows symbolic links in folders, also to what is outside of them; absent: `false`. */
  readonly follow?: boolean;
  /**
   * The kind of hashes in the torrents made of `paths`: `v1` unless given, as every program reads those. Older ones (aria2
   * 1.36, Transmission 3) take no hybrids.
   */
  readonly version?: MetainfoVersion;
  /** These are announced to their own trackers as well. */
  readonly torrents?: readonly TorrentWithData[];
  /**
   * Whether the trackers that these name may lead anywhere; absent: no. Then those at an address that is not public are
   * asked at `/announce` or `/KEY/announce` alone, and those at link-local and reserved addresses are not asked.
   */
  readonly trustTrackers?: boolean;
  /** IP address that the tracker tells peers to connect to; absent: the one the tracker sees. */
  readonly host?: string | undefined;
  /**
   * `true` goes on asking a tracker that refuses the seeder from the start, by its token or with a certificate that is not
   * trusted; absent: no, and `registered` rejects. A tracker that is merely away is always tried again.
   */
  readonly keepTrying?: boolean;
  /** IP address to listen on for peers; absent: all addresses of this machine. */
  readonly bind?: string | undefined;
  /** The older name of `bind`, which counts where both are given. */
  readonly bindHost?: string;
  /** Port to listen on for peers; absent or 0: any free one. */
  readonly port?: number | undefined;
  /** The most connections to peers at once, at least 1; absent: 500. For one more, an idle or greedy one gives way. */
  readonly maxConnections?: number | undefined;
  /** Bytes of payload per second that may be uploaded, in all and of each torrent; absent: no limit. */
  readonly limitUp?: number | undefined;
  readonly limitUpPerTorrent?: number | undefined;
  /**
   * Gives the start up while files are read: `createSeeder` rejects with `ABORTED`, or with `TIMED_OUT` when it is a signal of
   * `AbortSignal.timeout()`. Later it changes nothing.
   */
  readonly signal?: AbortSignal;
  /**
   * Told while files are read: bytes of all files. When it throws, or returns a promise that rejects, `createSeeder` rejects
   * with `CALLBACK_FAILED`.
   */
  readonly onHashing?: (progress: {
    readonly done: number;
    readonly total: number;
    readonly name: string;
  }) => void;
  /**
   * The tracker refuses the seeder for good, and `registered` rejects with the same error; absent: `onWarning` is told. Not
   * called with `keepTrying`.
   */
  readonly onRefused?: (error: Error) => void;
  /**
   * The tracker has taken the list, or a renewal of it. `reachable` says whether the tracker could connect to the seeder; absent
   * while that is not known. When it could not, `onWarning` is told as well, once.
   */
  readonly onRegistered?: (info: {
    readonly torrents: number;
    readonly renewIn: number;
    readonly reachable?: boolean;
  }) => void;
  /**
   * Told when files were deleted or changed, or cannot be read any more: they are not served, and the tracker hears of it.
   * They are watched, and offered anew when they are back and have settled; then `onOffered` is told.
   */
  readonly onWithdrawn?: (torrent: SeededTorrent, reason: SeederError) => void;
  /** Told when files that had been withdrawn, or could not be offered at the start, are offered with what is in them now. */
  readonly onOffered?: (torrent: SeededTorrent) => void;
  /**
   * Errors that do not end it: a tracker that cannot be reached (it is tried again), a file that cannot be offered or
   * went away. Absent: `process.emitWarning`.
   */
  readonly onWarning?: ReportError;
  /**
   * Told what matters only to somebody who looks for a fault, a sentence at a time: why a peer was dropped, for
   * instance. Absent: nobody is told.
   */
  readonly onDebug?: (message: string) => void;
}

/** A torrent that is being seeded. */
export interface SeededTorrent {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  readonly infoHash: string;
  /** The SHA-256 of the whole file, in hex; absent for several files. */
  readonly sha256?: string;
  /** The file or folder. */
  readonly path: string;
}

/** A running seeder. */
export interface Seeder extends AsyncDisposable {
  /** The address at which it takes peers. */
  readonly address: Address;
  readonly torrents: readonly SeededTorrent[];
  /**
   * Resolves when the tracker has taken the list for the first time, or at once without a tracker. While the tracker is
   * away it waits; nobody has to wait for it.
   *
   * Rejects with a `TrackerCallError` when the tracker refuses the seeder for good (see `keepTrying`), and with a
   * {@link SeederError} `CLOSED` when the seeder is closed before.
   */
  readonly registered: Promise<void>;
  /**
   * One error for each file, folder or torrent that could not be offered at the start; `path` says which. A file that is there
   * later, can be read and has settled is offered then; `onOffered` is told.
   */
  readonly notOffered: readonly SeederError[];
  /** The numbers of what the folders held and is not offered. */
  readonly leftOut: LeftOut;
  /** Bytes sent, bytes per second, connected peers. */
  readonly stats: { readonly uploaded: number; readonly uploadRate: number; readonly peers: number };
  /** Leaves the tracker and the peers, and closes everything. @throws {AggregateError} of all that failed */
  close(): Promise<void>;
}
