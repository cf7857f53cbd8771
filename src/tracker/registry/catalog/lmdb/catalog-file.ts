import { chmod, rm } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import type { RootDatabase } from 'lmdb';
import { toError } from '../../../../util/index.ts';
import { TrackerStartError } from '../../../errors/index.ts';
import { cannotKeep, DataFile, MOVE_IT } from './data-file.ts';
import { BAD_TRANSACTION, codeOf, PANIC } from './is-damage.ts';
import { lockOf } from './set-aside.ts';
import { CHECKED_FORMAT_KEY, FORMAT, FORMAT_KEY, formatEntries } from './stored-entry.ts';

/** The new values by key; `undefined` deletes the key. */
export type Changes = ReadonlyMap<string, Uint8Array | undefined>;

/**
 * The number of pages that a transaction may write in any case, and for each key that it sets, beside those of large values.
 */
const PAGES_OF_TRANSACTION = 32;
const PAGES_OF_KEY = 2;
/** The number of bytes of which the file's size is a multiple. */
const GROWTH_BYTES = 256 * 1024;
/** The number of free pages that are listed on one page. */
const FREE_PAGES_LISTED = 512;
/** The number of keys that are deleted in one transaction that is rolled back, whose changes are in memory. */
const TRIED_AT_ONCE = 10_000;

/** A file of LMDB with byte strings by key, changed by one transaction at a time. */
export class CatalogFile {
  readonly #root: RootDatabase<Buffer, string>;
  readonly #file: DataFile;
  /** The value that makes LMDB roll a transaction back when the function that it calls returns it. */
  readonly #giveUp: unknown;
  /** Whether the last transaction failed. */
  #hasFailed = false;

  private constructor(root: RootDatabase<Buffer, string>, file: DataFile, giveUp: unknown) {
    this.#root = root;
    this.#file = file;
    this.#giveUp = giveUp;
  }

  /**
   * Opens the file; makes it if it does not exist.
   *
   * @param load gives the package `lmdb`, which need not be installed
   * @throws {TrackerStartError} NO_LMDB, CANNOT_KEEP_STATE, BAD_STATE, DAMAGED_STATE
   */
  static async open(path: string, load = () => import('lmdb')): Promise<CatalogFile> {
    const lmdb = await load().catch((cause: unknown) => {
      throw new TrackerStartError(
        'NO_LMDB',
        'tracker.stateDir needs the package lmdb, which could not be loaded ' +
          `(${toError(cause).message}); install it with npm install lmdb@3.5.6, or leave tracker.stateDir out`,
        { cause },
      );
    });
    const file = await DataFile.open(path);
    let root: RootDatabase<Buffer, string> | undefined;
    try {
      // LMDB would write through a link in the place of its lock file, and crashes with a pipe there. No other process has
      // the catalog open.
      await rm(lockOf(path), { force: true });
      root = lmdb.open<Buffer, string>({
        path,
        noSubdir: true,
        encoding: 'binary',
        maxDbs: 1,
        // With this option LMDB makes a promise that it gives to nobody, and whose rejection ends the process.
        eventTurnBatching: false,
      });
      // LMDB makes its lock file readable for all.
      await chmod(lockOf(path), 0o600);
      const opened = new CatalogFile(root, file, lmdb.ABORT);
      await opened.#checkFormat();
      return opened;
    } catch (thrown) {
      await root?.close();
      await file.close();
      throw cannotKeep(path, thrown);
    }
  }

  /** Gives the keys that start with `prefix`, with their values, in the order of keys. */
  *entries(prefix = ''): Generator<{ key: string; value: Uint8Array }> {
    // No key has a character beyond this one.
    yield* this.#root.getRange(prefix === '' ? {} : { start: prefix, end: `${prefix}\uffff` });
  }

  /** Gives all keys in their order. */
  keys(): Iterable<string> {
    return this.#root.getKeys();
  }

  /** Says whether a key is found. A key that `keys()` gives is not found when damaged keys are no longer in order. */
  has(key: string): boolean {
    return this.#root.doesExist(key);
  }

  /** @returns a copy */
  get(key: string): Uint8Array | undefined {
    return this.#root.get(key);
  }

  /**
   * Makes all of the changes or, unless LMDB hides why that failed, none. When this returns, they survive the end of the
   * process, and soon after that of the machine: LMDB syncs them to the disk in the background.
   */
  async write(changes: Changes): Promise<void> {
    await this.#makeRoom(changes);
    try {
      await this.#transact(changes);
    } catch (thrown) {
      if (codeOf(thrown) !== BAD_TRANSACTION || changes.size < 2) throw thrown;
      // Of several changes that failed, LMDB reports the last, which failed because of the first; so they are made one by
      // one, and the first says why.
      for (const change of changes) await this.#transact(new Map([change]));
    }
  }

  /** Deletes keys and rolls that back, to find out whether they can be deleted. @throws the error of LMDB */
  tryDeleting(keys: readonly string[]): void {
    for (let at = 0; at < keys.length; at += TRIED_AT_ONCE) {
      this.#root.transactionSync(() => {
        for (const key of keys.slice(at, at + TRIED_AT_ONCE)) this.#root.removeSync(key);
        // LMDB's package may not report that a change failed; reading in a transaction that has failed throws.
        this.#root.doesExist(FORMAT_KEY);
        return this.#giveUp;
      });
    }
  }

  /**
   * Syncs everything to the disk and closes the file. A file on which LMDB has panicked stays open until the process ends,
   * because closing it would never return.
   */
  async close(): Promise<void> {
    try {
      if (this.#hasFailed) this.#stats();
      // LMDB waits for the flush of a failed transaction without end, unless another one, here an empty one, succeeds.
      if (this.#hasFailed) await this.#transact(new Map());
      await this.#root.close();
    } finally {
      await this.#file.close();
    }
  }

  async #transact(changes: Changes): Promise<void> {
    try {
      await this.#root.batch(() => {
        for (const [key, value] of changes) {
          const change = value === undefined ? this.#root.remove(key) : this.#root.put(key, bufferOf(value));
          // The whole batch fails with it, and that failure is reported.
          change.catch(() => {});
        }
      });
      this.#hasFailed = false;
    } catch (thrown) {
      this.#hasFailed = true;
      throw await reasonOf(thrown);
    }
  }

  /** @throws an error with the code of a panic when LMDB has panicked; this call fails for no other reason */
  #stats(): Stats {
    try {
      return this.#root.getStats() as Stats;
    } catch (thrown) {
      throw givenUp(thrown);
    }
  }

  async #checkFormat(): Promise<void> {
    const format = this.get(FORMAT_KEY);
    if (format === undefined && [...this.#root.getKeys({ limit: 1 })].length === 0) {
      await this.write(formatEntries());
    } else if (format === undefined || Buffer.from(format).toString() !== FORMAT) {
      const found = format === undefined ? 'something else' : `“${Buffer.from(format).toString()}”`;
      throw new TrackerStartError(
        'BAD_STATE',
        `${this.#file.path} holds ${found}, not “${FORMAT}”; ${MOVE_IT}`,
      );
    } else if (!this.has(CHECKED_FORMAT_KEY)) await this.write(formatEntries());
  }

  /**
   * Makes the file large enough for the changes, or fails when the disk is full. LMDB writes each changed page once in a
   * transaction, to another place, which in the worst case is the end of the file.
   */
  async #makeRoom(changes: Changes): Promise<void> {
    const { pageSize, lastPageNumber, treeBranchPageCount, treeLeafPageCount } = this.#stats();
    let pages = lastPageNumber + 1 + PAGES_OF_TRANSACTION + Math.ceil(lastPageNumber / FREE_PAGES_LISTED);
    pages += treeBranchPageCount + Math.min(treeLeafPageCount, changes.size);
    for (const value of changes.values()) {
      if (value !== undefined) pages += PAGES_OF_KEY + Math.ceil(value.length / pageSize);
    }
    await this.#file.grow(Math.ceil((pages * pageSize) / GROWTH_BYTES) * GROWTH_BYTES);
  }
}

/**
 * Makes the error that LMDB can write nothing any more, because it could not write the first page, which describes the file.
 */
function givenUp(cause: unknown): Error {
  return Object.assign(new Error(`LMDB has given it up: ${toError(cause).message}`, { cause }), {
    code: PANIC,
  });
}

function bufferOf(value: Uint8Array): Buffer {
  return Buffer.from(value.buffer, value.byteOffset, value.length);
}

/** Finds the reason why a transaction failed: LMDB rejects another promise with it, at once if at all. */
async function reasonOf(thrown: unknown): Promise<unknown> {
  const { commitError } = thrown as { readonly commitError?: Promise<never> };
  return Promise.race([commitError?.catch((reason: unknown) => reason), setImmediate(thrown)]);
}

/** The numbers of pages, and the bytes of one. */
interface Stats {
  readonly pageSize: number;
  readonly lastPageNumber: number;
  readonly treeBranchPageCount: number;
  readonly treeLeafPageCount: number;
}
