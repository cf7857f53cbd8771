import { setImmediate } from 'node:timers/promises';
import {
  type CancelTimer,
  type Clock,
  inBackground,
  type ReportError,
  toError,
} from '../../../util/index.ts';
import type { CatalogFile, Changes } from './catalog-file.ts';

/** Changes, and about how many bytes of them, that are written in one transaction. */
const CHANGES_AT_ONCE = 1000;
const BYTES_AT_ONCE = 16 * 1024 * 1024;
/** Milliseconds after which what could not be written is tried again. */
const RETRY_DELAY = 5000;

/**
 * Writes changes to a file in the background, one transaction after the other, each with what has come meanwhile. What
 * cannot be written, as when the disk is full, is kept and tried again. Who reads finds what was set, written or not.
 */
export class WriteBehind {
  readonly #file: CatalogFile;
  readonly #clock: Clock;
  readonly #report: ReportError;
  /** What was set and is not being written. */
  readonly #waiting = new Map<string, Uint8Array | undefined>();
  /** What is being written. */
  #underway: Changes = new Map();
  #writing: Promise<void> | undefined;
  #cancelRetry: CancelTimer | undefined;
  #hasFailed = false;
  #isClosed = false;

  constructor(file: CatalogFile, clock: Clock, report: ReportError) {
    this.#file = file;
    this.#clock = clock;
    this.#report = report;
  }

  /** Whether nothing is read or written any more. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** @returns not to be written to */
  get(key: string): Uint8Array | undefined {
    if (this.#waiting.has(key)) return this.#waiting.get(key);
    if (this.#underway.has(key)) return this.#underway.get(key);
    return this.#isClosed ? undefined : this.#file.get(key);
  }

  /** @param value no longer the caller's; `undefined` deletes */
  set(key: string, value: Uint8Array | undefined): void {
    this.#waiting.set(key, value);
    const isBusy = this.#writing !== undefined || this.#cancelRetry !== undefined;
    if (!isBusy && !this.#isClosed) this.#writeInBackground();
  }

  /** Writes what was set. @throws what writing fails with; what was set is kept */
  async flush(): Promise<void> {
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
    if (this.#writing === undefined && this.#waiting.size > 0) this.#writing = this.#writeAll();
    await this.#writing;
  }

  /** Writes what was set, for the last time: what is set later is lost. @throws what writing fails with */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.flush();
  }

  #writeInBackground(): void {
    inBackground(this.#tryWriting(), 'save the catalog', this.#report);
  }

  async #tryWriting(): Promise<void> {
    try {
      await this.flush();
      this.#hasFailed = false;
    } catch (thrown) {
      if (!this.#hasFailed) {
        this.#report(toError(thrown), `save the catalog, and will try again every ${RETRY_DELAY / 1000} s`);
      }
      this.#hasFailed = true;
      if (!this.#isClosed)
        this.#cancelRetry = this.#clock.setTimer(RETRY_DELAY, () => this.#writeInBackground());
    }
  }

  async #writeAll(): Promise<void> {
    try {
      while (this.#waiting.size > 0) {
        // What is changed together is written together.
        await setImmediate();
        this.#underway = this.#takeBatch();
        await this.#file.write(this.#underway);
      }
    } catch (thrown) {
      for (const [key, value] of this.#underway) if (!this.#waiting.has(key)) this.#waiting.set(key, value);
      throw thrown;
    } finally {
      // In the step in which nothing was found waiting, so that what is set next starts the next.
      this.#underway = new Map();
      this.#writing = undefined;
    }
  }

  /** What is set goes before what is deleted: it may be that which is there instead. */
  #takeBatch(): Changes {
    const batch = new Map<string, Uint8Array | undefined>();
    let bytes = 0;
    for (const isDeletion of [false, true]) {
      for (const [key, value] of this.#waiting) {
        if ((value === undefined) !== isDeletion) continue;
        if (batch.size === CHANGES_AT_ONCE || bytes >= BYTES_AT_ONCE) return batch;
        batch.set(key, value);
        this.#waiting.delete(key);
        bytes += value?.length ?? 0;
      }
    }
    return batch;
  }
}
