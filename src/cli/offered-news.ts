import type { SeededTorrent } from '../seeder/index.ts';
import { type CancelTimer, type Clock, printable } from '../util/index.ts';
import { formatCount, formatSize } from './format.ts';
import type { Output } from './output.ts';

/** The milliseconds for which the first offers are gathered before people are told. */
const FIRST_DELAY_MS = 1_000;
/** The milliseconds between two lines for people while there is more to tell. */
const INTERVAL_MS = 10_000;
/** The most names in one line. */
const NAMES_TOLD = 3;

export interface OfferedNewsOptions {
  readonly output: Output;
  readonly clock: Clock;
  /** Describes folders that are offered as one, in lines. By default each file is offered by itself. */
  readonly describe?: (torrents: readonly SeededTorrent[]) => readonly string[];
}

/**
 * The news of what is offered while a seeder runs. Programs get an event for each torrent at once. People get a summary,
 * because ten thousand files may come together.
 */
export class OfferedNews {
  readonly #options: OfferedNewsOptions;
  #gathered: SeededTorrent[] = [];
  #toldAt: number | undefined;
  #cancel: CancelTimer | undefined;

  constructor(options: OfferedNewsOptions) {
    this.#options = options;
  }

  readonly onOffered = (torrent: SeededTorrent): void => {
    const { output, clock } = this.#options;
    if (output.isJson) {
      output.tell('offered', torrent);
      return;
    }
    this.#gathered.push(torrent);
    const isBusy = this.#toldAt !== undefined && clock.now() < this.#toldAt + INTERVAL_MS;
    this.#cancel ??= clock.setTimer(isBusy ? INTERVAL_MS : FIRST_DELAY_MS, () => this.flush());
  };

  /** Tells people at once what was gathered. */
  flush(): void {
    const { output, clock, describe } = this.#options;
    this.#cancel?.();
    this.#cancel = undefined;
    const torrents = this.#gathered;
    if (torrents.length === 0) return;
    this.#gathered = [];
    this.#toldAt = clock.now();
    const lines = describe === undefined ? [filesLine(torrents)] : ['Now offering:', ...describe(torrents)];
    output.tell('offered', {}, lines);
  }
}

function filesLine(torrents: readonly SeededTorrent[]): string {
  const names = torrents.slice(0, NAMES_TOLD).map(({ path }) => printable(path));
  const size = formatSize(torrents.reduce((sum, torrent) => sum + torrent.size, 0));
  const rest = torrents.length > NAMES_TOLD ? ', …' : '';
  const count = torrents.length === 1 ? '' : `${formatCount(torrents.length, 'file')}, `;
  return `Now offering ${names.join(', ')}${rest} (${count}${size})`;
}
