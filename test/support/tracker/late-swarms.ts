import { StoreUnavailableError } from '../../../src/tracker/errors/index.ts';
import type { SwarmStore } from '../../../src/tracker/swarms/index.ts';
import type { MaybePromise } from '../../../src/util/index.ts';

/** A store whose answers to announces and scrapes come when they are let go: as from a server that takes its time. */
export class LateSwarms implements SwarmStore {
  readonly #store: SwarmStore;
  readonly #held: (() => void)[] = [];
  #onHeld = (): void => {};

  /** @param store what is called, at once */
  constructor(store: SwarmStore) {
    this.#store = store;
  }

  announce(...given: Parameters<SwarmStore['announce']>): ReturnType<SwarmStore['announce']> {
    return this.#hold(this.#store.announce(...given));
  }

  leave(...given: Parameters<SwarmStore['leave']>): ReturnType<SwarmStore['leave']> {
    return Promise.resolve(this.#store.leave(...given));
  }

  scrape(...given: Parameters<SwarmStore['scrape']>): ReturnType<SwarmStore['scrape']> {
    return this.#hold(this.#store.scrape(...given));
  }

  expire(now: number): ReturnType<SwarmStore['expire']> {
    return this.#store.expire(now);
  }

  stats(): ReturnType<SwarmStore['stats']> {
    return this.#store.stats();
  }

  /** Answers that are held back. */
  get held(): number {
    return this.#held.length;
  }

  /** Waits until so many are. */
  async holds(count: number): Promise<void> {
    while (this.held < count) {
      await new Promise<void>((resolve) => {
        this.#onHeld = resolve;
      });
    }
  }

  /** Lets one go: the oldest, or the newest. */
  release(which: 'oldest' | 'newest' = 'oldest'): void {
    const release = which === 'oldest' ? this.#held.shift() : this.#held.pop();
    if (release === undefined) throw new Error('Nothing is held back');
    release();
  }

  async #hold<Answer>(answer: MaybePromise<Answer>): Promise<Answer> {
    const released = new Promise<void>((resolve) => {
      this.#held.push(resolve);
      this.#onHeld();
    });
    // A failure is not held back.
    const [known] = await Promise.all([answer, released]);
    return known;
  }
}

/** Makes a store that fails every call, as one does whose server cannot be reached. */
export function storeThatIsAway(): SwarmStore {
  const fail = (): Promise<never> => Promise.reject(new StoreUnavailableError('STORE_AWAY', 'It is away'));
  return { announce: fail, leave: fail, scrape: fail, expire: () => true, stats: fail };
}
