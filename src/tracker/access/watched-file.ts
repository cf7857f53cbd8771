import { once } from 'node:events';
import { dirname, resolve } from 'node:path';
import type { FSWatcher } from 'chokidar';
import { inBackground, type ReportError, toError } from '../../util/index.ts';

/** Milliseconds for which a file must have been left alone before it is read: whoever writes it may be in the middle. */
const SETTLED_AFTER = 100;

/**
 * What a file says, now and after every change of it: written in place, replaced by another of its name as editors do,
 * deleted and made anew. A version that cannot be read is reported, and the one before stays in force.
 */
export class WatchedFile<Content> {
  readonly #path: string;
  readonly #read: (path: string) => Promise<Content>;
  readonly #report: ReportError;
  readonly #watcher: FSWatcher;
  #current: Content;
  /** One at a time, so that the last to be read is the latest. */
  #reading: Promise<void> = Promise.resolve();

  private constructor(
    path: string,
    read: (path: string) => Promise<Content>,
    report: ReportError,
    watcher: FSWatcher,
    current: Content,
  ) {
    this.#path = path;
    this.#read = read;
    this.#report = report;
    this.#watcher = watcher;
    this.#current = current;
    watcher.on('all', () => inBackground(this.reload(), `read ${path} again`, report));
    watcher.on('error', (error) => report(toError(error), `watch ${path}`));
  }

  /** @throws what reading throws */
  static async open<Content>(
    path: string,
    read: (path: string) => Promise<Content>,
    report: ReportError,
  ): Promise<WatchedFile<Content>> {
    const watcher = await watchFile(path);
    try {
      // After the watcher is there: between the two a change would go unseen.
      return new WatchedFile(path, read, report, watcher, await read(path));
    } catch (thrown) {
      await watcher.close();
      throw thrown;
    }
  }

  get current(): Content {
    return this.#current;
  }

  /** Reads it again. What goes wrong is reported. */
  reload(): Promise<void> {
    this.#reading = this.#reading.then(async () => {
      try {
        this.#current = await this.#read(this.#path);
      } catch (thrown) {
        this.#report(toError(thrown), `take up the new ${this.#path}; the old one stays in force`);
      }
    });
    return this.#reading;
  }

  async close(): Promise<void> {
    await this.#watcher.close();
    await this.#reading;
  }
}

/** Watches the folder, in which the name stays whatever becomes of the file. */
async function watchFile(path: string): Promise<FSWatcher> {
  const { watch } = await import('chokidar');
  const file = resolve(path);
  const folder = dirname(file);
  const watcher = watch(folder, {
    depth: 0,
    ignoreInitial: true,
    ignored: (found) => found !== folder && found !== file,
    awaitWriteFinish: { stabilityThreshold: SETTLED_AFTER, pollInterval: SETTLED_AFTER / 2 },
  });
  await once(watcher, 'ready');
  return watcher;
}
