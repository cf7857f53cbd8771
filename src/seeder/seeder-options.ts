import type { LeftOut } from '../hashing/index.ts';
import type { MetainfoVersion } from '../metainfo/index.ts';
import type { Address, ReportError } from '../util/index.ts';
import type { SeederError } from './seeder-error.ts';

/** A torrent made elsewhere, and the place of its files. */
export interface TorrentWithData {
  /** The bytes of a `.torrent`. */
  readonly torrent: Uint8Array;
  /** The torrent's file, or the folder with its files, or the folder that holds one of them under the torrent's name. */
  readonly data: string;
  /** The path of the `.torrent`, for messages; by default they name the torrent. */
  readonly path?: string;
}

/** The options of {@link createSeeder}. At least one of `paths` and `torrents` must be given. */
export interface SeederOptions {
  /**
   * The address of a Shoal tracker, `http://host:9910`, or of several. All torrents are registered with each of them, in one
   * request. A tracker that is away or refuses does not hold up the others.
   */
  readonly tracker?: string | readonly string[];
  /**
   * The access token for registering, if the tracker wants one; by default the one behind the tracker's address,
   * `http://host:9910/TOKEN`. It may be given with one tracker only, because others must not see it.
   */
  readonly token?: string | undefined;
  /**
   * The files and folders to seed. Each regular file in them becomes a torrent of its own (see `asOne`). Left out are names
   * that start with a dot (see `hidden`), symbolic links (see `follow`), devices, pipes and sockets.
   */
  readonly paths?: readonly string[];
  /**
   * Whether each folder in `paths` becomes one torrent, which has its links, empty folders and executable files as well. The
   * default is `false`.
   */
  readonly asOne?: boolean;
  /** The name of the torrent, for one path and only with `asOne`; by default that of the file or folder. */
  readonly name?: string | undefined;
  /**
   * Whether files of a folder that cannot be used are left out of its torrent, and listed in `notOffered`. The default is
   * `false`: the folder is not offered. It matters only with `asOne`.
   */
  readonly skipUnreadable?: boolean;
  /**
   * Whether what is added to the folders, changed or removed while the seeder runs is offered, replaced and withdrawn. The
   * default is `false`: only files that were there at the start are looked at. Files count once they have not changed for
   * four seconds. The former version of a folder that is offered as one is served on for those who download it, as long as
   * its files are there.
   */
  readonly watch?: boolean;
  /** Whether files and folders whose names start with a dot are seeded as well. The default is `false`. */
  readonly hidden?: boolean;
  /** Whether symbolic links in folders are followed, even to the outside of them. The default is `false`. */
  readonly follow?: boolean;
  /**
   * The version of the torrents that are made of `paths`. The default is `v1`, which every program reads. Older programs
   * (aria2 1.36, Transmission 3) cannot read hybrids.
   */
  readonly version?: MetainfoVersion;
  /** Torrents made elsewhere. They are also announced to the trackers that they name. */
  readonly torrents?: readonly TorrentWithData[];
  /**
   * Whether the trackers that `torrents` name may be at any address. The default is `false`: a tracker at a private address
   * is then asked only at `/announce` or `/KEY/announce`, and one at a link-local or reserved address is not asked.
   */
  readonly trustTrackers?: boolean;
  /** The IP address at which peers can reach the seeder; by default the one that the tracker sees. */
  readonly host?: string | undefined;
  /**
   * Whether to go on asking a tracker that refuses the first registration because of the token or has an untrusted
   * certificate. The default is `false`: `registered` rejects. A tracker that is only away is always tried again.
   */
  readonly keepTrying?: boolean;
  /** The IP address to listen on for peers; by default all addresses of this machine. */
  readonly bind?: string | undefined;
  /** The older name of `bind`. If both are given, `bind` counts. */
  readonly bindHost?: string;
  /** The port to listen on for peers; by default, and for 0, any free one. */
  readonly port?: number | undefined;
  /** The most connections to peers at once, at least 1; by default 500. For one more, an idle or greedy one is closed. */
  readonly maxConnections?: number | undefined;
  /** The most bytes of payload to upload per second, in all and of each torrent; by default there is no limit. */
  readonly limitUp?: number | undefined;
  readonly limitUpPerTorrent?: number | undefined;
  /**
   * A folder in which hashes are kept, so that files that have not changed are not read again at the next start. It is made
   * if it is missing, and several seeders may share it. By default, and for `off`, nothing is kept.
   */
  readonly cacheDir?: string | undefined;
  /** The most bytes that are kept there, and in memory while files are read; by default 256 MiB. */
  readonly maxCacheBytes?: number | undefined;
  /**
   * A signal that ends the start while files are read: `createSeeder` rejects with `ABORTED`, or with `TIMED_OUT` for a
   * signal of `AbortSignal.timeout()`. After the start it has no effect.
   */
  readonly signal?: AbortSignal;
  /**
   * Called while files are read, with the bytes of all files. If it throws, or its promise rejects, `createSeeder` rejects
   * with `CALLBACK_FAILED`.
   */
  readonly onHashing?: (progress: {
    readonly done: number;
    readonly total: number;
    readonly name: string;
  }) => void;
  /**
   * Called when the tracker, or the last of several, refuses the seeder for good; `registered` rejects with the same error.
   * Without this callback, `onWarning` is called, as it is when one of several trackers refuses and others are left. It is
   * never called with `keepTrying`.
   */
  readonly onRefused?: (error: Error) => void;
  /**
   * Called when a tracker has accepted the list, or a renewal. `tracker` is its address without secrets. `reachable` tells whether the tracker could connect to the
   * seeder; it is `undefined` while that is unknown. If it could not, `onWarning` is called once as well.
   */
  readonly onRegistered?: (info: {
    readonly tracker: string;
    readonly torrents: number;
    readonly renewIn: number;
    readonly reachable?: boolean;
  }) => void;
  /**
   * Called when files were deleted or changed, or cannot be read any more. They are no longer served, and the tracker is told.
   * They are watched and offered again when they are back and have settled; then `onOffered` is called.
   */
  readonly onWithdrawn?: (torrent: SeededTorrent, reason: SeederError) => void;
  /** Called when files that were withdrawn, or could not be offered at the start, are offered with their present content. */
  readonly onOffered?: (torrent: SeededTorrent) => void;
  /**
   * Called with errors that do not end the seeder: a tracker that cannot be reached (it is tried again), a file that cannot be
   * offered or is gone. The default is `process.emitWarning`.
   */
  readonly onWarning?: ReportError;
  /**
   * Called with sentences for somebody who looks for a fault, for example why a peer was dropped.
   */
  readonly onDebug?: (message: string) => void;
}

/** A torrent that is being seeded. */
export interface SeededTorrent {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  readonly infoHash: string;
  /** The SHA-256 of the whole file, in hex; `undefined` for a torrent of several files. */
  readonly sha256?: string;
  /** The content id of a folder, in hex; `undefined` for a single file, and for a torrent without the SHA-256 of its files. */
  readonly contentId?: string;
  /** The number of files; `undefined` for a torrent of a single file. */
  readonly files?: number;
  /** The file or folder. */
  readonly path: string;
}

/** A running seeder. */
export interface Seeder extends AsyncDisposable {
  /** The address at which it listens for peers. */
  readonly address: Address;
  readonly torrents: readonly SeededTorrent[];
  /**
   * A promise that resolves when the tracker, or the first of several, has accepted the list for the first time, or at once
   * without a tracker. While no tracker answers it stays pending. You need not await it.
   *
   * It rejects with a `TrackerCallError` when all trackers refuse the seeder for good (see `keepTrying`), and with a
   * {@link SeederError} `CLOSED` when the seeder is closed before.
   */
  readonly registered: Promise<void>;
  /**
   * One error, with its `path`, for each file, folder or torrent that could not be offered at the start. It is offered later,
   * once it is there, can be read and has settled; then `onOffered` is called.
   */
  readonly notOffered: readonly SeederError[];
  /** The counts of things in the folders that are not offered, such as hidden files. */
  readonly leftOut: LeftOut;
  /** The bytes sent so far, the bytes per second, and the number of connected peers. */
  readonly stats: { readonly uploaded: number; readonly uploadRate: number; readonly peers: number };
  /** Leaves the tracker and the peers, and closes everything. @throws {AggregateError} with the errors of closing */
  close(): Promise<void>;
}
