import type { SeederOptions } from '../seeder/index.ts';
import { formatCount, formatSeconds } from './format.ts';
import type { CommandContext } from './run-command.ts';

type Registered = NonNullable<SeederOptions['onRegistered']>;

/** Tells that the tracker has taken the seeder's list, though not before it was told where the seeder listens. */
export class RegistrationNews {
  readonly #context: CommandContext;
  readonly #tracker: string | undefined;
  #isHeld = true;
  #isToldToPeople = false;
  #latest: Parameters<Registered>[0] | undefined;

  constructor(context: CommandContext, tracker: string | undefined) {
    this.#context = context;
    this.#tracker = tracker;
  }

  /** Takes the news. */
  readonly onRegistered: Registered = (registered) => {
    this.#latest = registered;
    if (!this.#isHeld) this.#tell();
  };

  /** From now on news are told at once. */
  release(): void {
    this.#isHeld = false;
    this.#tell();
  }

  #tell(): void {
    if (this.#latest === undefined) return;
    const { output, log } = this.#context;
    const { torrents, renewIn } = this.#latest;
    const what = `${formatCount(torrents, 'torrent')}, renewed every ${formatSeconds(renewIn)}`;
    const text = `Registered with ${this.#tracker}: ${what}`;
    // To people, a renewal is no news.
    if (this.#isToldToPeople && !output.isJson) log.debug(text);
    else output.tell('registered', { tracker: this.#tracker, torrents, renewIn }, text);
    this.#isToldToPeople = true;
  }
}
