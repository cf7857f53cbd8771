import { FolderEvents } from '../files/index.ts';
import type { CancelTimer, Clock } from '../util/index.ts';

/** The milliseconds for which new folders wait for others before they are listened to. */
const LISTEN_DELAY_MS = 250;

/** The options of a {@link FolderListener}. */
export interface FolderListenerOptions {
  readonly clock: Clock;
  /** Lists the folders whose events matter now. */
  readonly folders: () => Iterable<string>;
  /** Called with a folder, and the name of what has changed in it. */
  readonly onEvent: (folder: string, name: string) => void;
  readonly onDebug: (message: string) => void;
}

/** A listener to the events of folders. Which folders these are may change while it listens. */
export class FolderListener {
  readonly #options: FolderListenerOptions;
  readonly #events: FolderEvents;
  #cancelTimer: CancelTimer | undefined;

  constructor(options: FolderListenerOptions) {
    this.#options = options;
    this.#events = new FolderEvents(options);
  }

  /** Lists the folders anew a little later, because many may be added at once. */
  listenSoon(): void {
    const { clock, folders } = this.#options;
    this.#cancelTimer ??= clock.setTimer(LISTEN_DELAY_MS, () => {
      this.#cancelTimer = undefined;
      this.#events.listenTo(new Set(folders()));
    });
  }

  close(): void {
    this.#cancelTimer?.();
    this.#events.close();
  }
}
