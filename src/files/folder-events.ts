import { type FSWatcher, watch } from 'node:fs';
import { basename } from 'node:path';
import { diskPathFromBytes, fsPath } from '../util/index.ts';

/** The most folders whose events are listened to. Each takes some memory of the kernel, which has a limit for each user. */
export const MAX_WATCHED_FOLDERS = 8192;

/** The options of {@link FolderEvents}. */
export interface FolderEventsOptions {
  /** Called when something in a folder was made, changed, renamed or removed. @param name its name in the folder */
  readonly onEvent: (folder: string, name: string) => void;
  /** Called with a sentence when the system takes no more folders, once. */
  readonly onDebug: (message: string) => void;
}

/**
 * A listener to the events of folders, without the folders in them. Events only make things faster: there are none on
 * network disks, none for more folders than the system takes, and some are lost. So everything is looked at from time to time
 * as well.
 */
export class FolderEvents {
  readonly #options: FolderEventsOptions;
  readonly #watchers = new Map<string, FSWatcher>();
  #isToldFull = false;

  constructor(options: FolderEventsOptions) {
    this.#options = options;
  }

  /** Listens to these folders, and to no others any more. Those that cannot be listened to are passed over. */
  listenTo(folders: ReadonlySet<string>): void {
    for (const folder of this.#watchers.keys()) if (!folders.has(folder)) this.#drop(folder);
    for (const folder of folders) {
      if (this.#watchers.size < MAX_WATCHED_FOLDERS) {
        if (!this.#watchers.has(folder)) this.#open(folder);
      } else if (!this.#watchers.has(folder)) {
        this.#tellFull();
        return;
      }
    }
  }

  close(): void {
    for (const folder of this.#watchers.keys()) this.#drop(folder);
  }

  #open(folder: string): void {
    try {
      const watcher = watch(fsPath(folder), { persistent: false, encoding: 'buffer' });
      this.#watchers.set(folder, watcher);
      watcher.on('change', (_type, name) =>
        this.#tell(folder, watcher, diskPathFromBytes(Buffer.from(name))),
      );
      watcher.on('error', () => this.#dropSame(folder, watcher));
    } catch (thrown) {
      // The folder may be gone, or on a disk without events.
      const { code } = thrown as NodeJS.ErrnoException;
      if (code === 'ENOSPC' || code === 'EMFILE') this.#tellFull();
    }
  }

  #tell(folder: string, watcher: FSWatcher, name: string): void {
    // A folder that was moved or removed tells so under its own name. Another one may take its place, to be listened to anew.
    if (name === basename(folder)) this.#dropSame(folder, watcher);
    this.#options.onEvent(folder, name);
  }

  #dropSame(folder: string, watcher: FSWatcher): void {
    if (this.#watchers.get(folder) === watcher) this.#drop(folder);
  }

  #drop(folder: string): void {
    this.#watchers.get(folder)?.close();
    this.#watchers.delete(folder);
  }

  #tellFull(): void {
    if (this.#isToldFull) return;
    this.#isToldFull = true;
    this.#options.onDebug(
      'The system or a limit allows no more folders to be listened to: changes in others are found by looking at their files',
    );
  }
}
