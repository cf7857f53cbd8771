import type { SeederOptions } from '../seeder/index.ts';
import { formatCount, formatSeconds } from './format.ts';
import type { CommandContext } from './run-command.ts';

type OnRegistered = NonNullable<SeederOptions['onRegistered']>;
type News = Parameters<OnRegistered>[0];

/** The news that trackers have accepted the seeder's list. It is told only after the address on which the seeder listens. */
export class RegistrationNews {
  readonly #context: CommandContext;
  #isHeld = true;
  /** The latest news of each tracker that is held. */
  readonly #held = new Map<string, News>();
  /** The trackers of which people were told. */
  readonly #told = new Set<string>();

  constructor(context: CommandContext) {
    this.#context = context;
  }

  /** Tells a registration, or holds it until {@link release}. */
  readonly onRegistered: OnRegistered = (news) => {
    if (this.#isHeld) this.#held.set(news.tracker, news);
    else this.#tell(news);
  };

  /** Tells the held news, and further news at once. */
  release(): void {
    this.#isHeld = false;
    for (const news of this.#held.values()) this.#tell(news);
    this.#held.clear();
  }

  #tell({ tracker, torrents, renewIn, reachable }: News): void {
    const { output, log } = this.#context;
    const what = `${formatCount(torrents, 'torrent')}, renewed every ${formatSeconds(renewIn)}`;
    const text = `Registered with ${tracker}: ${what}`;
    // People are not told of a renewal.
    if (this.#told.has(tracker) && !output.isJson) log.debug(text);
    else {
      const fields = { tracker, torrents, renewIn };
      output.tell('registered', { ...fields, ...(reachable !== undefined && { reachable }) }, text);
    }
    this.#told.add(tracker);
  }
}
