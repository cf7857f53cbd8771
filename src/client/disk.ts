import type { Completion, MakeTrees } from '../session/index.ts';
import type { Preallocation, Storage } from '../storage/index.ts';
import type { Clock, ReportError } from '../util/index.ts';
import type { TorrentCandidate } from './find.ts';
import type { GetOptions, GetProgress, RenamedFile } from './get-options.ts';

/** The things that long work on a disk obeys and tells. */
export interface Watch {
  /** Ends it early. */
  readonly signal: AbortSignal;
  /** Takes how far it is; may be told often. */
  readonly tell: (progress: GetProgress) => void;
}

/** The way in which a disk is used. */
export interface DiskOptions {
  readonly preallocation: Preallocation;
  readonly clock: Clock;
  readonly report: ReportError;
}

/** The disk that downloads go to, and what hashes there: those of this machine, or one in memory. */
export interface Disk {
  readonly makeTrees: MakeTrees;
  /**
   * Decides where a torrent goes, and from which files on this disk bytes of it are taken: those of `reuse`, and the one that
   * it replaces.
   *
   * @throws {StorageError} MISSING, NOT_WRITABLE when a path of `reuse` cannot be used
   * @throws {StorageError} NOT_WRITABLE when something is in the way that must not be replaced; and the signal's reason
   */
  plan(
    candidate: TorrentCandidate,
    options: Pick<GetOptions, 'output' | 'replace' | 'repair' | 'reuse'>,
    watch: Watch,
  ): Promise<OutputPlace>;
  close(): Promise<void>;
}

/** The file or folder that a torrent becomes. */
export interface OutputPlace {
  /** The path at which it will be. */
  readonly path: string;
  /** Files that get other names than in the torrent. */
  readonly renamed: readonly RenamedFile[];
  /**
   * Looks whether it is there already, whole.
   *
   * @throws {StorageError} NOT_WRITABLE when something else is there that is neither replaced nor repaired; HashingError
   */
  look(watch: Watch): Promise<FoundOutput>;
  /** Removes what an earlier process left beside an output that is whole. */
  tidy(): Promise<void>;
  /** Takes the right to write the part. @throws {StorageError} IN_USE, NOT_WRITABLE */
  lock(): Promise<LockedPart>;
  /** Tells the `fileVersion()` of each file of the torrent in the output, in its order; an empty text for a missing file. */
  versions(): Promise<readonly string[]>;
  /**
   * Opens the files of an output that is whole, to read them.
   *
   * @param versions the versions that they must keep, so that a read of a file that was changed fails
   */
  openWhole(versions: readonly string[]): Storage;
  /** Names the output in an error of a file that belongs to it. @returns other errors as they are */
  nameIn(thrown: unknown): unknown;
}

/** The thing that is at an output's path. */
export interface FoundOutput {
  /** Whether the file or folder that is there has all that is wanted. */
  readonly isWhole: boolean;
  /** The paths of things in the folder that are not of the torrent, below the output. */
  readonly extra: readonly string[];
  /** The paths of such things in a folder that will be replaced as a whole, which go with it. */
  readonly removed: readonly string[];
  /** The paths of entries that this disk cannot hold as they are, below the output. */
  readonly notKept: readonly string[];
  /** The number of entries that are not as in the torrent. */
  readonly faults: number;
}

/** The unfinished output, which nobody else writes until it is released. */
export interface LockedPart {
  /**
   * Finds the pieces that an earlier try left, makes room for the others, and takes those that other files on this disk have.
   *
   * @param onFailed takes the error when the disk has lost what was written
   * @throws {StorageError} DISK_FULL, …; HashingError, MetainfoError, and the signal's reason
   */
  open(watch: Watch, onFailed: (error: Error) => void): Promise<OpenPart>;
  /**
   * Makes the links, modes and empty folders of a whole part, which was closed, and gives it the name of the output, in one
   * step.
   *
   * @returns the paths of entries that this disk cannot hold as they are, below the output
   * @throws {StorageError} and the signal's reason, before the output has changed
   */
  deliver(watch: Watch): Promise<readonly string[]>;
  /** Lets others write it. @throws {StorageError} */
  release(): Promise<void>;
}

/** A file whose SHA-256 is not the expected one. */
export interface WrongFile {
  /** The path in the torrent, with `/` between names. */
  readonly path: string;
  /** The SHA-256 that was found, in hex; `undefined` for a file that is missing or has another length. */
  readonly found: string | undefined;
  readonly expected: string;
}

/** A part that is being written. */
export interface OpenPart {
  readonly storage: Storage;
  /** The pieces that are there, those to download now, and how others are checked and written. */
  readonly completion: Completion;
  /** The bytes of the pieces that were taken from files on this disk. */
  readonly reused: number;
  /**
   * Copies the files of which another file of the torrent has the content, after all that is wanted was downloaded. Then all
   * pieces that are still missing are wanted.
   *
   * @throws {StorageError}; HashingError, and the signal's reason
   */
  copyTwins(watch: Watch): Promise<void>;
  /** Notes a piece that was stored, so that a later try finds it. */
  pieceLanded(index: number): void;
  /**
   * Checks the SHA-256 of all files that have a known one, as they are on the disk.
   *
   * @returns the files that have another one
   * @throws {HashingError} and the signal's reason
   */
  checkWhole(watch: Watch): Promise<readonly WrongFile[]>;
  /** Closes it. @param isUseless whether it is removed, too, as nothing in it is of use to a later try */
  close(isUseless: boolean): Promise<void>;
  /** Stops saving what a later try would need: there will be none. */
  forget(): void;
}
