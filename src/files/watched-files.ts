import { once } from 'node:events';
import { dirname, resolve } from 'node:path';
import type { FSWatcher } from 'chokidar';
import { inBackground, type ReportError, toError } from '../util/index.ts';

/** Milliseconds for which a file must have been left alone before it is read: its writer may be in the middle. */
const SETTLED_AFTER = 100;

/**
 * What files say together, now and after every change of one: written in place, replaced by another of its name as editors do,
 * deleted and made anew. A version that cannot be read is reported, and the one before stays in force.
 */
export class WatchedFiles<Content> {
  readonly #paths: string;
  readonly #read: () => Promise<Content>;
  readonly #report: ReportError;
  readonly #watcher: FSWatcher;
  /** There as soon as {@link open} has given it to somebody. */
  #current!: Content;
  #version = 0;
  /** One at a time, so that the last to be read is the latest. */
  #reading: Promise<void> = Promise.resolve();

  private constructor(
    paths: readonly string[],
    read: () => Promise<Content>,
    report: ReportError,
    watcher: FSWatcher,
  ) {
    this.#paths = paths.join(' and ');
    this.#read = read;
    this.#report = report;
    this.#watcher = watcher;
    watcher.on('all', () => inBackground(this.reload(), `read ${this.#paths} again`, report));
    watcher.on('error', (error) => report(toError(error), `watch ${this.#paths}`));
  }

  /** @throws what reading throws */
  static async open<Content>(
    paths: readonly string[],
    read: () => Promise<Content>,
    report: ReportError,
  ): Promise<WatchedFiles<Content>> {
    const files = new WatchedFiles(paths, read, report, await watchFiles(paths));
    try {
      await files.#readFirst();
      return files;
    } catch (thrown) {
      await files.close();
      throw thrown;
    }
  }

  get current(): Content {
    return this.#current;
  }

  /** Another number whenever there is something new in {@link current}, or may be. */
  get version(): number {
    return this.#version;
  }

  /** Reads them again. What goes wrong is reported. */
  reload(): Promise<void> {
    this.#reading = this.#reading.then(async () => {
      try {
        await this.#take();
      } catch (thrown) {
        this.#report(toError(thrown), `take up the new ${this.#paths}; what was read before stays in force`);
      }
    });
    return this.#reading;
  }

  async close(): Promise<void> {
    await this.#watcher.close();
    await this.#reading;
  }

  /** Once it is watched what becomes of them: what changes while they are read is read after that. */
  async #readFirst(): Promise<void> {
    const first = once(this.#watcher, 'ready').then(() => this.#take());
    // What changes meanwhile waits for its end. Of its failure hears who opens them.
    this.#reading = first.catch(() => {});
    await first;
  }

  async #take(): Promise<void> {
    this.#current = await this.#read();
    this.#version += 1;
  }
}

/** Watches the folders, in which the names stay whatever becomes of the files. */
async function watchFiles(paths: readonly string[]): Promise<FSWatcher> {
  const { watch } = await import('chokidar');
  const files = new Set(paths.map((path) => resolve(path)));
  const folders = new Set(Array.from(files, dirname));
  return watch([...folders], {
    depth: 0,
    ignoreInitial: true,
    ignored: (found) => !folders.has(found) && !files.has(found),
    awaitWriteFinish: { stabilityThreshold: SETTLED_AFTER, pollInterval: SETTLED_AFTER / 2 },
  });
}
