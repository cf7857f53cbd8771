import { setImmediate } from 'node:timers/promises';
import {
  encodeScrapeEntries,
  type NamedScrapeEntry,
  SCRAPE_END,
  SCRAPE_START,
} from '../../../tracker-protocol/index.ts';
import { type Clock, INFO_HASH_BYTES } from '../../../util/index.ts';
import { COUNTS_BYTES } from '../../swarms/memory/index.ts';
import { mergeSorted, sortRecords } from './merge-sorted.ts';

/**
 * The number of milliseconds for which a response is reused. It equals the longest time for reading one, so at most two
 * exist at once.
 */
export const FULL_SCRAPE_LIFETIME = 300_000;
/** The number of requests that a full scrape counts as. */
export const FULL_SCRAPE_COST = 100;
/** The number of swarms that are encoded in one step, before announces get their turn. */
const STEP = 128;

export interface FullScrapeOptions {
  /** Counts the peers of all swarms, in parts, as `countSwarms()` gives them. */
  counts(): Iterable<Buffer>;
  readonly clock: Clock;
}

/**
 * The scrape of all swarms at once, some 90 bytes for each. It is made in steps between which announces are answered, once
 * for all clients that ask, and reused for five minutes.
 *
 * @see BEP 48
 */
export class FullScrape {
  readonly #options: FullScrapeOptions;
  #body: Promise<readonly Buffer[]> | undefined;
  #madeAt = 0;

  constructor(options: FullScrapeOptions) {
    this.#options = options;
  }

  /** Gives the response in parts, which all clients that get it share. */
  body(): Promise<readonly Buffer[]> {
    const now = this.#options.clock.now();
    if (this.#body !== undefined && now < this.#madeAt + FULL_SCRAPE_LIFETIME) return this.#body;
    this.#madeAt = now;
    this.#body = this.#make();
    return this.#body;
  }

  async #make(): Promise<readonly Buffer[]> {
    const runs: Buffer[] = [];
    for (const part of this.#options.counts()) {
      runs.push(sortRecords(part, COUNTS_BYTES, INFO_HASH_BYTES));
      await setImmediate();
    }
    const body: Buffer[] = [Buffer.from(SCRAPE_START)];
    let step: Buffer[] = [];
    for (const record of mergeSorted(runs, COUNTS_BYTES, INFO_HASH_BYTES)) {
      step.push(record);
      if (step.length < STEP) continue;
      body.push(encode(step));
      step = [];
      await setImmediate();
    }
    body.push(encode(step), Buffer.from(SCRAPE_END));
    return body;
  }
}

/** Encodes records into a buffer of its own that has no spare bytes. */
function encode(records: readonly Buffer[]): Buffer {
  return Buffer.from(encodeScrapeEntries(records.map(readCounts)));
}

function readCounts(record: Buffer): NamedScrapeEntry {
  return {
    infoHash: record.subarray(0, INFO_HASH_BYTES),
    complete: record.readUInt32BE(INFO_HASH_BYTES),
    incomplete: record.readUInt32BE(INFO_HASH_BYTES + 4),
    downloaded: record.readUInt32BE(INFO_HASH_BYTES + 8),
    downloaders: record.readUInt32BE(INFO_HASH_BYTES + 12),
  };
}
