import { once } from 'node:events';
import { dirname, resolve } from 'node:path';
import type { FSWatcher } from 'chokidar';
import { inBackground, type ReportError, toError } from '../util/index.ts';

/** The milliseconds for which a file must not change before it is read, because its writer may not have finished. */
const SETTLED_AFTER = 100;

/**
 * The content of one or more files, read again after every change: when a file is written in place, replaced as editors
 * do, or deleted and made anew. When the new content cannot be read, that is reported, and the old one stays in force.
 */
export class WatchedFiles<Content> {
  readonly #paths: string;
  readonly #read: () => Promise<Content>;
  readonly #report: ReportError;
  readonly #watcher: FSWatcher;
  /** The content; set before {@link open} returns. */
  #current!: Content;
  #version = 0;
  /** The last read. Reads follow one another, so that the last result is the latest content. */
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

  /** Reads the files and begins to watch them. @throws the error of `read` */
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

  /** A number that grows with every read, so that it tells whether {@link current} may have changed. */
  get version(): number {
    return this.#version;
  }

  /** Reads the files again. An error is reported, not thrown. */
  reload(): Promise<void> {
    this.#reading = this.#reading.then(async () => {
      try {
        await this.#take();
      } catch (thrown) {
        this.#report(toError(thrown), `read the new ${this.#paths}; the content before stays in force`);
      }
    });
    return this.#reading;
  }

  async close(): Promise<void> {
    await this.#watcher.close();
    await this.#reading;
  }

  /** Reads the files for the first time, after watching has begun: a change during the read makes a second one. */
  async #readFirst(): Promise<void> {
    const first = once(this.#watcher, 'ready').then(() => this.#take());
    // A read that a change asks for waits for this one. The caller of `open()` gets the error of this one.
    this.#reading = first.catch(() => {});
    await first;
  }

  async #take(): Promise<void> {
    this.#current = await this.#read();
    this.#version += 1;
  }
}

/** Watches the folders of the files, because a file that is replaced or deleted can no longer be watched itself. */
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
