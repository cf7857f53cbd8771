import type { RateLimits } from '../session/index.ts';
import type { Preallocation } from '../storage/index.ts';
import type { ReportError } from '../util/index.ts';
import type { GetChoice } from './get-error.ts';
import type { SeedingEnd } from './seed-until.ts';

/**
 * The present step of a {@link get}:
 *
 * - `looking-up`: it asks the tracker
 * - `waiting`: with {@link GetOptions.wait}, nobody has it yet
 * - `allocating`: it takes space on the disk
 * - `checking`: it checks the pieces that an earlier try has left
 * - `reusing`: it takes pieces from other files on this disk
 * - `downloading`: it downloads pieces from peers
 * - `verifying`: it checks the whole file, or each file of a folder, by its SHA-256
 * - `seeding`: with {@link GetOptions.seedForMs} or {@link GetOptions.seedRatio}, it has delivered everything, and seeds it
 */
export type GetPhase =
  | 'looking-up'
  | 'waiting'
  | 'seeding'
  | 'allocating'
  | 'checking'
  | 'reusing'
  | 'downloading'
  | 'verifying';

/** The progress of a {@link get}, which is told about once a second and at each change of phase. */
export interface GetProgress {
  readonly phase: GetPhase;
  /** The name of the file or torrent; `undefined` until it is known. */
  readonly name?: string;
  /** The bytes of `total` that are done: downloaded, or in the other phases taken on disk or read. */
  readonly done: number;
  readonly total: number;
  /** Bytes per second. */
  readonly downloadRate: number;
  readonly uploadRate: number;
  /** Connected peers. */
  readonly peers: number;
  /** In the phase `seeding`, the bytes that were uploaded, also before. */
  readonly uploaded?: number;
  /** In the phase `waiting`, a sentence that says why it has to wait. */
  readonly waitingFor?: string;
  /** In the phase `waiting`, the seconds of waiting so far. */
  readonly waited?: number;
}

/**
 * The options of {@link get}: which file or folder to get, and where to put it. Give either `torrent`, or `tracker` with at
 * least one of `id`, `name`, `size`, `sha256` and `infoHash`. The file is checked against the size and the hashes given here.
 * A tracker's word is only a hint.
 */
export interface GetOptions {
  /**
   * The address of a Shoal tracker, `http://host:9910`, or of several. They are asked in this order which torrent has the file,
   * until one knows a seeder of it. All of them are asked for peers.
   */
  readonly tracker?: string | readonly string[];
  /**
   * The id of the file or folder, 64 hex digits: the SHA-256 of a file, or the content id of a folder, which `shoal id` prints
   * for both. Nothing else is delivered, whatever a tracker says. If no seeder has it, it is looked up as the info-hash of a v2
   * torrent.
   */
  readonly id?: string;
  readonly name?: string;
  /** Bytes. */
  readonly size?: number;
  /** The SHA-256 of the whole file, 64 hex digits. */
  readonly sha256?: string;
  /**
   * The info-hash of the torrent: 40 hex digits (of v1, or the first 20 bytes of v2), or the 64 digits of v2. The metainfo
   * that the tracker gives is checked against it.
   *
   * @see BEP 3, BEP 52
   */
  readonly infoHash?: string;
  /** The bytes of a `.torrent`. Its trackers are asked for peers, and also `tracker` if that is given. */
  readonly torrent?: Uint8Array;
  /**
   * Whether the trackers that the `.torrent` names may be at any address. The default is `false`, so that a stranger who made
   * the torrent cannot make this machine ask other services of its network: a tracker at a private address is asked only at
   * `/announce` or `/KEY/announce`, and one at a link-local or reserved address is not asked. `tracker` is always trusted.
   */
  readonly trustTrackers?: boolean;
  /**
   * The path of the file to make, or of the folder for a torrent of several files. The default is the torrent's name in the
   * current folder. A path that ends in a slash is a folder to put the file or folder into; it is made if it is missing.
   *
   * A file that has this path is replaced. When the torrent chooses the name, no file is replaced (see `replace`), and a name
   * that begins with a dot, such as `.bashrc`, is changed.
   */
  readonly output?: string;
  /**
   * Whether a file is replaced even if the torrent chooses its name, and a folder with something in it as a whole, once the new
   * one is complete and checked. By default `get` then rejects with `DISK`. A symbolic link to a folder, a mounted disk, the
   * home folder, the current folder and folders above those are never replaced.
   */
  readonly replace?: boolean;
  /**
   * Files and folders on this disk from which bytes are taken that need not be downloaded, such as an earlier version: files
   * and pieces that are the same, under the same path or another one. They are checked as if they had come from a peer. The
   * file that `output` replaces is always used in this way. They are only read; links in the folders are not followed. At most
   * `MAX_REUSE_PATHS`, 64.
   */
  readonly reuse?: readonly string[];
  /**
   * Whether a file or folder that is there is mended in place: only what is wrong is downloaded, and things that are not of
   * the torrent stay. It cannot be given together with `replace`. By default `get` rejects with `DISK` when a folder is damaged.
   */
  readonly repair?: boolean;
  /**
   * The way in which files take their space. With `none` they grow as they are written. With `sparse`, the default, they have
   * their full length at once and take space as they are written. With `full` they take all space before the download.
   */
  readonly preallocation?: Preallocation;
  /** The IP address to listen on for peers; by default all addresses of this machine. */
  readonly bind?: string | undefined;
  /** The older name of `bind`. If both are given, `bind` counts. */
  readonly host?: string;
  /** The port to listen on for peers; by default, and for 0, any free one. */
  readonly port?: number;
  readonly limits?: RateLimits;
  /**
   * The milliseconds after which it gives up with `UNREACHABLE` if every tracker has failed and no peer could be reached. Each
   * tracker is asked at least three times. The default is two minutes. If no peer is known and no tracker can ever work, for
   * example because its host does not exist, it gives up at once.
   */
  readonly trackerPatienceMs?: number;
  /**
   * Whether it waits for a seeder to appear, until the signal aborts. It asks the tracker again after a second, and then less
   * and less often, at least about every ten seconds. It also waits while the tracker cannot be reached, and
   * `trackerPatienceMs` does not count. With a `torrent` it waits in the swarm. The wait is over as soon as a peer is
   * connected that has a piece. A tracker that refuses, or will never answer, ends it at once. The default is `false`.
   */
  readonly wait?: boolean;
  /**
   * The milliseconds after which it gives up with `STALLED` when not one byte has come, or useless bytes, but no whole piece
   * for six times as long. The default is ten minutes, or never if `torrent` is given; 0 stands for never. Only the time of
   * the download counts, without that in which it waits for a seeder, and in which files are checked. If what has come is not
   * written in that time, it gives up with `DISK`.
   */
  readonly stallMs?: number;
  /**
   * The milliseconds for which it seeds what it has delivered, from its final place. `get` then resolves after that. It goes
   * on announcing, and registers with the trackers that have named the torrent. 0, and the default, is not to seed. A file that
   * is changed or removed meanwhile ends it with a warning. With `seedRatio`, the first limit that is reached ends it.
   */
  readonly seedForMs?: number;
  /**
   * Seeds what it has delivered until it has uploaded this many times its size, counted from the start of the download. 0, and
   * the default, is not to seed. With `seedForMs`, the first limit that is reached ends it.
   */
  readonly seedRatio?: number;
  /**
   * Called when everything is there, whole, with the result so far, before `get` seeds it. If it throws, `get` rejects with
   * `CALLBACK_FAILED`.
   */
  readonly onDelivered?: (result: GetResult) => void;
  /**
   * The signal that ends it, for example `AbortSignal.timeout(30_000)` as a deadline. `get` rejects within 3 seconds after it
   * aborts, even when a disk hangs. Once everything was delivered, an abort ends the seeding, and `get` resolves.
   */
  readonly signal?: AbortSignal;
  /** Called with the progress. If it throws, or its promise rejects, `get` rejects with `CALLBACK_FAILED`. */
  readonly onProgress?: (progress: GetProgress) => void;
  /**
   * Called with errors that do not end it: a tracker that cannot be reached, a peer that has sent wrong data. The default is
   * `process.emitWarning`. If it throws, `get` rejects with `CALLBACK_FAILED`.
   */
  readonly onWarning?: ReportError;
  /**
   * Called with sentences for somebody who looks for a fault, for example why a peer could not be reached or was dropped.
   */
  readonly onDebug?: (message: string) => void;
}

/** A file that has another name on this disk than in the torrent. */
export interface RenamedFile {
  /** Its path in the torrent, below the torrent's folder, with `/` between names; for a single file, its name. */
  readonly path: string;
  /** Its path on this disk, below the output; for a single file, its name. */
  readonly diskPath: string;
}

/** The result of a {@link get}. */
export interface GetResult {
  /** The path of the file or folder. */
  readonly path: string;
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** The SHA-256 of the whole file, in hex; `undefined` for a torrent of several files, and when nobody named one. */
  readonly sha256?: string;
  readonly infoHash: string;
  /**
   * Other files and folders, of other content, that also fit the options; the one that was registered first was chosen. Get
   * one of them by its `sha256` or `infoHash`. They are at most 32; `undefined` when there are none.
   */
  readonly others?: readonly GetChoice[];
  /** The files with other names on this disk than in the torrent; `undefined` when there are none. */
  readonly renamed?: readonly RenamedFile[];
  /** The content id of a folder, in hex; `undefined` for a file, and for a torrent that has not the SHA-256 of each file. */
  readonly contentId?: string;
  /** The number of files in a folder; `undefined` for a single file. */
  readonly files?: number;
  /** The number of symbolic links in a folder; `undefined` for a single file. */
  readonly links?: number;
  /** The paths in a folder that was there that are not of the torrent, at most 1000; `undefined` when there are none. */
  readonly extra?: readonly string[];
  /**
   * The paths in a folder that was replaced as a whole that were not of the torrent, at most 1000, and are gone with it;
   * `undefined` when there are none.
   */
  readonly removed?: readonly string[];
  /**
   * The paths below the output of links that were not made, and of files whose mode could not be set, because this disk or
   * system cannot hold them; `undefined` when there are none.
   */
  readonly notKept?: readonly string[];
  /** The number of entries that were repaired; `undefined` when none was. */
  readonly repaired?: number;
  /** Whether it was there already, whole, so that nothing was downloaded. */
  readonly wasThere: boolean;
  /** The bytes that came over the network. */
  readonly downloaded: number;
  /** The bytes of pieces that were taken from other files on this disk, see `reuse`. */
  readonly reused: number;
  readonly uploaded: number;
  /** The number of peers that have sent blocks. */
  readonly sources: number;
  /** The seconds until everything was delivered. */
  readonly seconds: number;
  /** The seeding after the delivery; `undefined` when there was none, or it is not over. */
  readonly seeding?: SeedingResult;
}

/** The result of the seeding of a {@link get}. */
export interface SeedingResult {
  /** The reason for its end. */
  readonly end: SeedingEnd;
  /** The bytes that were uploaded, with those during the download. */
  readonly uploaded: number;
  /** The seconds from the delivery on. */
  readonly seconds: number;
}
