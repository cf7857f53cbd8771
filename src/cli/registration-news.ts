import type { SeederOptions } from '../seeder/index.ts';
import { formatCount, formatSeconds } from './format.ts';
import type { CommandContext } from './run-command.ts';

type Registered = NonNullable<SeederOptions['onRegistered']>;

/** The news that the tracker has accepted the seeder's list. It is told only after the address on which the seeder listens. */
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

  /** Tells a registration, or holds it until {@link release}. */
  readonly onRegistered: Registered = (registered) => {
    this.#latest = registered;
    if (!this.#isHeld) this.#tell();
  };

  /** Tells the held news, and further news at once. */
  release(): void {
    this.#isHeld = false;
    this.#tell();
  }

  #tell(): void {
    if (this.#latest === undefined) return;
    const { output, log } = this.#context;
    const { torrents, renewIn, reachable } = this.#latest;
    const what = `${formatCount(torrents, 'torrent')}, renewed every ${formatSeconds(renewIn)}`;
    const text = `Registered with ${this.#tracker}: ${what}`;
    // People are not told of a renewal.
    if (this.#isToldToPeople && !output.isJson) log.debug(text);
    else {
      const fields = { tracker: this.#tracker, torrents, renewIn };
      output.tell('registered', { ...fields, ...(reachable !== undefined && { reachable }) }, text);
    }
    this.#isToldToPeople = true;
  }
}
