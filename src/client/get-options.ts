import type { RateLimits } from '../session/index.ts';
import type { Preallocation } from '../storage/index.ts';
import type { ReportError } from '../util/index.ts';
import type { GetChoice } from './get-error.ts';

/**
 * The step that is being done: looking it up at the tracker, taking space on disk, checking what an earlier try left,
 * downloading, verifying the whole.
 */
export type GetPhase = 'looking-up' | 'allocating' | 'checking' | 'downloading' | 'verifying';

/** The progress of a {@link get}. Told about once a second and at each change of phase. */
export interface GetProgress {
  readonly phase: GetPhase;
  /** Absent until it is known. */
  readonly name?: string;
  /** Bytes that are there, or in the other phases were taken or read, of `total`. */
  readonly done: number;
  readonly total: number;
  /** Bytes per second. */
  readonly downloadRate: number;
  readonly uploadRate: number;
  /** Connected peers. */
  readonly peers: number;
}

/**
 * Says what to get, and where to. Either `torrent` is given, or `tracker` with at least one of `name`, `size`, `sha256` and
 * `infoHash`. The size and the hashes given here are what the file is checked against; what a tracker says is only a hint.
 */
export interface GetOptions {
  /** A tracker with Shoal's web API, `http://host:9910`: asked which torrent has the file, and for peers. */
  readonly tracker?: string;
  readonly name?: string;
  /** Bytes. */
  readonly size?: number;
  /** The SHA-256 of the whole file, 64 hex digits. */
  readonly sha256?: string;
  /**
   * Of the torrent: 40 hex digits (v1, or the first 20 bytes of v2), or the 64 of v2. The metainfo that the tracker gives
   * is checked against it. @see BEP 3, BEP 52
   */
  readonly infoHash?: string;
  /** The bytes of a `.torrent`, whose own trackers are asked for peers, and `tracker` as well if it is given. */
  readonly torrent?: Uint8Array;
  /**
   * Whether the trackers that the `.torrent` names may lead anywhere; absent: no. Then those at an address that is not
   * public are asked at `/announce` or `/KEY/announce` alone, as a stranger who made the torrent could have other services
   * of this network asked, and those at link-local and reserved addresses are not asked. `tracker` is always trusted.
   */
  readonly trustTrackers?: boolean;
  /**
   * The file to make, or the folder for a torrent of several files; absent: the torrent's name, in the current folder.
   * A name that ends in a slash is a folder to put either into, made if it is missing.
   *
   * A file that has this very name is replaced. Where the torrent chooses the name, no file is, and a name that begins with
   * a dot, such as `.bashrc`, gets another one.
   */
  readonly output?: string;
  /** Replaces a file also where the torrent chooses its name. By default it does not, and `get` rejects with `DISK`. */
  readonly replace?: boolean;
  /**
   * Whether files grow as they are written (`none`), have their full length at once and take space as they are written
   * (`sparse`, the default), or take all their space before anything is downloaded (`full`).
   */
  readonly preallocation?: Preallocation;
  /** IP address to listen on for peers; absent: all addresses of this machine. */
  readonly bind?: string | undefined;
  /** The older name of `bind`, which counts where both are given. */
  readonly host?: string;
  /** Port to listen on for peers; absent or 0: any free one. */
  readonly port?: number;
  readonly limits?: RateLimits;
  /**
   * Milliseconds for which every tracker must have failed, and no peer been reached, before it gives up with
   * `UNREACHABLE`; each tracker is asked three times at least. Absent: two minutes. When no tracker can ever work, as
   * when there is no such host, and no peer is known, it gives up at once.
   */
  readonly trackerPatienceMs?: number;
  /**
   * The deadline: `AbortSignal.timeout(30_000)`. Any other signal ends it as well. `get` rejects within 3 seconds of it,
   * even when a disk hangs.
   */
  readonly signal?: AbortSignal;
  /** Told how far it is. When it throws, or returns a promise that rejects, `get` rejects with `CALLBACK_FAILED`. */
  readonly onProgress?: (progress: GetProgress) => void;
  /**
   * Errors that do not end it: a tracker that cannot be reached, a peer that sent wrong data. Absent: `process.emitWarning`.
   * When it throws, `get` rejects with `CALLBACK_FAILED`.
   */
  readonly onWarning?: ReportError;
  /**
   * Told what matters only to somebody who looks for a fault, a sentence at a time: why a peer could not be reached or
   * was dropped, for instance. Absent: nobody is told.
   */
  readonly onDebug?: (message: string) => void;
}

/** A file that has another name on this disk than in the torrent. */
export interface RenamedFile {
  /** In the torrent, below its folder; of a torrent that is a single file, its name. With `/` between names. */
  readonly path: string;
  /** On this disk, below the output; of a single file, its name. */
  readonly diskPath: string;
}

/** The file or folder that was got. */
export interface GetResult {
  /** The path at which it is now. */
  readonly path: string;
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** The SHA-256 of the whole file, in hex; absent for a torrent of several files, and where nobody named one. */
  readonly sha256?: string;
  readonly infoHash: string;
  /**
   * Files and folders of other content that fit what was asked for as well: the one that was registered first was got. Each
   * can be got by its `sha256` or `infoHash`. At most 32; absent when there are none.
   */
  readonly others?: readonly GetChoice[];
  /** Files whose names this disk cannot hold, or that would be one file on it; absent when there are none. */
  readonly renamed?: readonly RenamedFile[];
  /** `true` when it was there already, whole: then nothing was downloaded. */
  readonly wasThere: boolean;
  /** Bytes that came over the network. */
  readonly downloaded: number;
  readonly uploaded: number;
  /** Peers that sent something. */
  readonly sources: number;
  readonly seconds: number;
}
