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

/** The most changes, and about the most bytes, that are written in one transaction. */
const CHANGES_AT_ONCE = 1000;
const BYTES_AT_ONCE = 16 * 1024 * 1024;
/** The milliseconds after which changes that could not be written are tried again. */
const RETRY_DELAY = 5000;

/** The methods of a catalog's file that are used here. */
export type WrittenFile = Pick<CatalogFile, 'get' | 'write' | 'close'>;

export interface WriteBehindOptions {
  readonly clock: Clock;
  readonly report: ReportError;
  /**
   * Replaces a closed file by another one, and writes into it all entries that are not waiting here.
   *
   * @param damage the error of writing the old one
   */
  readonly beginAnew: (damage: Error) => Promise<WrittenFile>;
}

/**
 * Writes changes to a file in the background, one transaction after the other, each with the changes that have come
 * meanwhile. Changes that cannot be written, as when the disk is full, are kept and tried again. A damaged file is replaced
 * by a new one. Readers find the values that were set, whether they are written yet or not.
 */
export class WriteBehind {
  /** The file; `undefined` while another one is begun, until that succeeds. */
  #file: WrittenFile | undefined;
  /** The reason to replace the file before anything is written; `undefined`: there is none. */
  #damage: Error | undefined;
  readonly #clock: Clock;
  readonly #report: ReportError;
  readonly #beginAnew: WriteBehindOptions['beginAnew'];
  /** The changes that wait to be written. */
  readonly #waiting = new Map<string, Uint8Array | undefined>();
  /** The changes that are being written. */
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

  /** Says whether there is a file to read from. There is none after it was closed, and while another one is begun. */
  get isReadable(): boolean {
    return !this.#isClosed && this.#file !== undefined;
  }

  /** @returns the value, which must not be changed */
  get(key: string): Uint8Array | undefined {
    if (this.#waiting.has(key)) return this.#waiting.get(key);
    if (this.#underway.has(key)) return this.#underway.get(key);
    return this.#isClosed ? undefined : this.#file?.get(key);
  }

  /** Notes that the file is damaged, so that it is replaced before anything else is written. */
  giveUpFile(damage: Error): void {
    this.#damage = damage;
    this.#startWriting();
  }

  /** @param value belongs to this object from now on; `undefined` deletes the key */
  set(key: string, value: Uint8Array | undefined): void {
    this.#waiting.set(key, value);
    this.#startWriting();
  }

  /** Writes all changes. @throws the error of writing; then the changes are kept */
  async flush(): Promise<void> {
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
    if (this.#writing === undefined && this.#hasWork) this.#writing = this.#writeAll();
    await this.#writing;
  }

  /** Writes all changes a last time and closes the file; later changes are lost. @throws the error of writing */
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
        // Changes of one turn of the event loop are written together.
        await setImmediate();
        this.#underway = this.#takeBatch();
        await this.#write(this.#underway);
      }
    } catch (thrown) {
      for (const [key, value] of this.#underway) if (!this.#waiting.has(key)) this.#waiting.set(key, value);
      throw thrown;
    } finally {
      // This is in the same step in which nothing was found waiting, so that the next change starts the writer again.
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
    // A file that cannot be written may fail to close as well, which does no harm.
    await file
      ?.close()
      .catch((thrown: unknown) => this.#report(toError(thrown), 'close the damaged catalog'));
    this.#file = await this.#beginAnew(damage);
    this.#damage = undefined;
  }

  /**
   * Takes the next batch of changes. Values that are set come before keys that are deleted, because they may replace those.
   */
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
