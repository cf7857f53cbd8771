import { setImmediate } from 'node:timers/promises';
import {
  type CancelTimer,
  type Clock,
  inBackground,
  type ReportError,
  toError,
} from '../../../../util/index.ts';
import type { CatalogFile, Changes } from './catalog-file.ts';
import { isDamage } from './is-damage.ts';

/** Changes, and about how many bytes of them, that are written in one transaction. */
const CHANGES_AT_ONCE = 1000;
const BYTES_AT_ONCE = 16 * 1024 * 1024;
/** Milliseconds after which what could not be written is tried again. */
const RETRY_DELAY = 5000;

/** What is done of a catalog's file here. */
export type WrittenFile = Pick<CatalogFile, 'get' | 'write' | 'close'>;

export interface WriteBehindOptions {
  readonly clock: Clock;
  readonly report: ReportError;
  /**
   * Puts another file in the place of one that is closed, and writes into it what is not set here.
   *
   * @param damage what writing the old one failed with
   */
  readonly beginAnew: (damage: Error) => Promise<WrittenFile>;
}

/**
 * Writes changes to a file in the background, one transaction after the other, each with what has come meanwhile. What
 * cannot be written, as when the disk is full, is kept and tried again. A file that is damaged is given up, and another
 * begun in its place. Readers find what was set, whether it is written or not.
 */
export class WriteBehind {
  /** Absent while another is begun, and until that succeeds. */
  #file: WrittenFile | undefined;
  /** Why the file is to be replaced before anything is written. */
  #damage: Error | undefined;
  readonly #clock: Clock;
  readonly #report: ReportError;
  readonly #beginAnew: WriteBehindOptions['beginAnew'];
  /** What was set and is not being written. */
  readonly #waiting = new Map<string, Uint8Array | undefined>();
  /** What is being written. */
  #underway: Changes = new Map();
  #writing: Promise<void> | undefined;
  #cancelRetry: CancelTimer | undefined;
  #hasFailed = false;
  #isClosed = false;

  constructor(file: WrittenFile, { clock, report, beginAnew }: WriteBehindOptions) {
    this.#file = file;
    this.#clock = clock;
    this.#report = report;
    this.#beginAnew = beginAnew;
  }

  /** Whether there is a file to read from: there is none after it was closed, and while another is begun. */
  get isReadable(): boolean {
    return !this.#isClosed && this.#file !== undefined;
  }

  /** @returns not to be written to */
  get(key: string): Uint8Array | undefined {
    if (this.#waiting.has(key)) return this.#waiting.get(key);
    if (this.#underway.has(key)) return this.#underway.get(key);
    return this.#isClosed ? undefined : this.#file?.get(key);
  }

  /** Notes that the file is damaged: another is begun in its place before anything else is written. */
  giveUpFile(damage: Error): void {
    this.#damage = damage;
    this.#startWriting();
  }

  /** @param value no longer the caller's; `undefined` deletes */
  set(key: string, value: Uint8Array | undefined): void {
    this.#waiting.set(key, value);
    this.#startWriting();
  }

  /** Writes what was set. @throws what writing fails with; what was set is kept */
  async flush(): Promise<void> {
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
    if (this.#writing === undefined && this.#hasWork) this.#writing = this.#writeAll();
    await this.#writing;
  }

  /** Writes what was set, for the last time, and closes the file: what is set later is lost. @throws what that fails with */
  async close(): Promise<void> {
    this.#isClosed = true;
    try {
      await this.flush();
    } finally {
      await this.#file?.close();
    }
  }

  get #hasWork(): boolean {
    return this.#waiting.size > 0 || this.#damage !== undefined;
  }

  #startWriting(): void {
    const isBusy = this.#writing !== undefined || this.#cancelRetry !== undefined;
    if (!isBusy && !this.#isClosed) this.#writeInBackground();
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
      while (this.#hasWork) {
        // What is changed together is written together.
        await setImmediate();
        this.#underway = this.#takeBatch();
        await this.#write(this.#underway);
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

  async #write(changes: Changes): Promise<void> {
    if (this.#damage === undefined) {
      try {
        await this.#file?.write(changes);
        return;
      } catch (thrown) {
        if (!isDamage(thrown)) throw thrown;
        this.#damage = toError(thrown);
      }
    }
    await this.#replaceFile(this.#damage);
    await this.#file?.write(changes);
  }

  async #replaceFile(damage: Error): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    // What cannot be written may not be able to be closed either, which harms nobody.
    await file
      ?.close()
      .catch((thrown: unknown) => this.#report(toError(thrown), 'close the damaged catalog'));
    this.#file = await this.#beginAnew(damage);
    this.#damage = undefined;
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
