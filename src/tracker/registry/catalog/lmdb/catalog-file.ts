import { chmod, rm } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import type { RootDatabase } from 'lmdb';
import { toError } from '../../../../util/index.ts';
import { TrackerStartError } from '../../../errors/index.ts';
import { cannotKeep, DataFile, MOVE_IT } from './data-file.ts';
import { BAD_TRANSACTION, codeOf, PANIC } from './is-damage.ts';
import { lockOf } from './set-aside.ts';
import { CHECKED_FORMAT_KEY, FORMAT, FORMAT_KEY, formatEntries } from './stored-entry.ts';

/** By key; `undefined` for what goes. */
export type Changes = ReadonlyMap<string, Uint8Array | undefined>;

/** Pages that a transaction may write for its own sake, and for each key that it sets, beside those of large values. */
const PAGES_OF_TRANSACTION = 32;
const PAGES_OF_KEY = 2;
/** The file's size is a multiple of this. */
const GROWTH_BYTES = 256 * 1024;
/** Free pages that are listed on a page. */
const FREE_PAGES_LISTED = 512;
/** Keys that are deleted in one transaction that is given up: what it changes is in memory. */
const TRIED_AT_ONCE = 10_000;

/** Bytes by key in a file of LMDB, changed by one transaction at a time. */
export class CatalogFile {
  readonly #root: RootDatabase<Buffer, string>;
  readonly #file: DataFile;
  /** What makes LMDB give a transaction up, when the function that it calls returns it. */
  readonly #giveUp: unknown;
  /** Whether the last transaction failed. */
  #hasFailed = false;

  private constructor(root: RootDatabase<Buffer, string>, file: DataFile, giveUp: unknown) {
    this.#root = root;
    this.#file = file;
    this.#giveUp = giveUp;
  }

  /**
   * Opens the file, or makes it.
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
      // LMDB would write through a link there, and crashes with a pipe. Nobody else has the catalog open.
      await rm(lockOf(path), { force: true });
      root = lmdb.open<Buffer, string>({
        path,
        noSubdir: true,
        encoding: 'binary',
        maxDbs: 1,
        // With it LMDB makes a promise that nobody is given, and whose rejection ends the process.
        eventTurnBatching: false,
      });
      // LMDB makes its lock for all to read.
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

  /** Keys that start with `prefix`, with their values, in the order of keys. */
  *entries(prefix = ''): Generator<{ key: string; value: Uint8Array }> {
    // No key has a character beyond this one.
    yield* this.#root.getRange(prefix === '' ? {} : { start: prefix, end: `${prefix}\uffff` });
  }

  /** All keys, in their order. */
  keys(): Iterable<string> {
    return this.#root.getKeys();
  }

  /** Tells whether a key is found; one that `keys()` gives is not when keys are damaged and no longer in order. */
  has(key: string): boolean {
    return this.#root.doesExist(key);
  }

  /** @returns a copy */
  get(key: string): Uint8Array | undefined {
    return this.#root.get(key);
  }

  /**
   * Changes all of it or, unless LMDB hides why that failed, nothing. From when this returns, it outlives the process, and soon after the machine: LMDB
   * brings it to the disk in the background.
   */
  async write(changes: Changes): Promise<void> {
    await this.#makeRoom(changes);
    try {
      await this.#transact(changes);
    } catch (thrown) {
      if (codeOf(thrown) !== BAD_TRANSACTION || changes.size < 2) throw thrown;
      // Of changes that failed, LMDB tells of the last, which did because of the first: that one says why.
      for (const change of changes) await this.#transact(new Map([change]));
    }
  }

  /** Deletes keys, and gives that up again, to find out whether it can be done. @throws what it fails with */
  tryDeleting(keys: readonly string[]): void {
    for (let at = 0; at < keys.length; at += TRIED_AT_ONCE) {
      this.#root.transactionSync(() => {
        for (const key of keys.slice(at, at + TRIED_AT_ONCE)) this.#root.removeSync(key);
        // LMDB's package may keep to itself that a change failed; reading in a transaction that has failed throws.
        this.#root.doesExist(FORMAT_KEY);
        return this.#giveUp;
      });
    }
  }

  /**
   * Brings everything to the disk. A file that LMDB has given up stays open until the process ends, for closing it would
   * take for ever.
   */
  async close(): Promise<void> {
    try {
      if (this.#hasFailed) this.#stats();
      // LMDB waits for ever for the flush of a transaction that failed, unless another, here an empty one, ends well.
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
          // The batch fails with it, and is told.
          change.catch(() => {});
        }
      });
      this.#hasFailed = false;
    } catch (thrown) {
      this.#hasFailed = true;
      throw await reasonOf(thrown);
    }
  }

  /** @throws with the code of a panic when LMDB has given the file up: asking fails for no other reason */
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
   * Fails when the disk is too full for what is to be written. LMDB writes a page that it changes to another place, each
   * once in a transaction, and at worst to the end of the file.
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

/** Says what LMDB does when the first page, which tells of the file, could not be written: nothing any more. */
function givenUp(cause: unknown): Error {
  return Object.assign(new Error(`LMDB has given it up: ${toError(cause).message}`, { cause }), {
    code: PANIC,
  });
}

function bufferOf(value: Uint8Array): Buffer {
  return Buffer.from(value.buffer, value.byteOffset, value.length);
}

/** Finds why a transaction failed: LMDB rejects another promise with it, at once if it ever does. */
async function reasonOf(thrown: unknown): Promise<unknown> {
  const { commitError } = thrown as { readonly commitError?: Promise<never> };
  return Promise.race([commitError?.catch((reason: unknown) => reason), setImmediate(thrown)]);
}

/** Numbers of pages, and the bytes of one. */
interface Stats {
  readonly pageSize: number;
  readonly lastPageNumber: number;
  readonly treeBranchPageCount: number;
  readonly treeLeafPageCount: number;
}
