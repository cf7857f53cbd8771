import type { ManyFiles } from '../files/index.ts';
import { Layout } from '../metainfo/index.ts';
import { type Bitfield, type CancelTimer, type Clock, type ReportError, toError } from '../util/index.ts';
import { type FileState, lookAt } from './file-state.ts';
import type { Part } from './part.ts';
import type { PartTorrent } from './part-state.ts';
import { writeResumeFile } from './resume-file.ts';
import type { Storage } from './storage.ts';

/** The least milliseconds between a new piece and the save that records it. */
export const RESUME_SAVE_MS = 1000;
/**
 * The time between two saves as a multiple of the time of the last one, so that a slow disk has time for the download.
 */
const PAUSE_PER_SAVE = 10;

/** The options of a {@link ResumeKeeper}. */
export interface ResumeKeeperOptions {
  readonly part: Part;
  readonly torrent: PartTorrent;
  /** The pieces that are checked and written. The download adds to the set. */
  readonly have: Bitfield;
  /** The storage that the pieces are written to. */
  readonly storage: Storage;
  readonly many: ManyFiles;
  readonly clock: Clock;
  readonly report: ReportError;
  /** Called when the disk has lost written bytes, so that the download cannot go on. */
  readonly onFailed: (error: Error) => void;
}

/**
 * The keeper of a download's resume data: it saves from time to time which pieces are there.
 *
 * Two rules make the resume data true, whenever the process or the machine stops. The times of the files are taken before
 * the pieces, so that a piece that is written later changes a file's time, and the record of that file no longer counts.
 * And the pieces are on disk before the record says so.
 */
export class ResumeKeeper {
  readonly #options: ResumeKeeperOptions;
  readonly #layout: Layout;
  readonly #states: (FileState | undefined)[] = [];
  /** The files that were written to since the last save. At first these are all files, since none has been looked at. */
  #touched: Set<number>;
  #cancelTimer: CancelTimer | undefined;
  #saving: Promise<void> | undefined;
  #pauseMs = RESUME_SAVE_MS;
  #hasReported = false;
  #isDone = false;

  constructor(options: ResumeKeeperOptions) {
    this.#options = options;
    this.#layout = new Layout(options.part.files);
    this.#touched = new Set(options.part.files.keys());
    if (!options.have.isEmpty) this.#saveLater();
  }

  /** Notes that a piece is checked and written. */
  pieceLanded(index: number): void {
    const { pieceLength, streamLength } = this.#options.torrent;
    const start = index * pieceLength;
    this.#layout.visit(start, Math.min(pieceLength, streamLength - start), (file) => {
      if (file >= 0) this.#touched.add(file);
    });
    this.#saveLater();
  }

  /** Forgets the part: {@link close} will save nothing. */
  forget(): void {
    this.#isDone = true;
  }

  /** Saves the pieces, if there are any. Nobody may write to the storage any more. @throws {StorageError} */
  async close(): Promise<void> {
    const isForgotten = this.#isDone;
    this.#isDone = true;
    this.#cancelTimer?.();
    await this.#saving;
    if (!isForgotten && this.#touched.size > 0 && !this.#options.have.isEmpty) await this.#save();
  }

  #saveLater(): void {
    if (this.#isDone || this.#cancelTimer !== undefined || this.#saving !== undefined) return;
    this.#cancelTimer = this.#options.clock.setTimer(this.#pauseMs, () => {
      this.#cancelTimer = undefined;
      this.#saving = this.#saveNow();
    });
  }

  async #saveNow(): Promise<void> {
    const { clock, report } = this.#options;
    const startedAt = clock.now();
    try {
      await this.#save();
      this.#hasReported = false;
    } catch (thrown) {
      // The download goes on, and one report says that it cannot be resumed.
      if (!this.#hasReported) report(toError(thrown), 'save the progress of the download');
      this.#hasReported = true;
    }
    this.#pauseMs = Math.max(RESUME_SAVE_MS, PAUSE_PER_SAVE * (clock.now() - startedAt));
    this.#saving = undefined;
    if (this.#touched.size > 0) this.#saveLater();
  }

  async #save(): Promise<void> {
    const { part, torrent, have, storage } = this.#options;
    const touched = this.#touched;
    this.#touched = new Set();
    try {
      await this.#takeTimes([...touched]);
      const claimed = have.clone();
      await this.#sync(storage);
      await writeResumeFile(part.resumePath, { ...torrent, have: claimed, files: this.#states });
    } catch (thrown) {
      for (const file of touched) this.#touched.add(file);
      throw thrown;
    }
  }

  async #takeTimes(files: readonly number[]): Promise<void> {
    const { part, many } = this.#options;
    const found = await lookAt(
      files.map((file) => part.files[file]!.path),
      many,
    );
    for (const [at, file] of files.entries()) this.#states[file] = found[at];
  }

  async #sync(storage: Storage): Promise<void> {
    try {
      await storage.sync();
    } catch (thrown) {
      this.#options.onFailed(toError(thrown));
      throw thrown;
    }
  }
}
