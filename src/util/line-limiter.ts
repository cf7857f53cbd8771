import { networkKey } from './address-prefix.ts';
import type { Clock } from './clock.ts';
import { parseIp } from './ip.ts';

/** The number of lines that may be written: a burst at once, and after it so many a minute. */
interface Rate {
  readonly burst: number;
  readonly perMinute: number;
}

/** The limit of lines of one kind about one network: /24 of IPv4, /48 of IPv6. */
export const MAX_LINES_PER_NETWORK: Rate = { burst: 10, perMinute: 1 };
/** The limit of lines of one kind about all networks together. */
export const MAX_LINES_PER_KIND: Rate = { burst: 100, perMinute: 12 };
/** The limit of lines of all kinds together. */
export const MAX_LINES: Rate = { burst: 1_000, perMinute: 120 };
/**
 * The number of kinds, and of kinds of a network, that are counted apart. One more takes the place of the oldest, which
 * then counts as new; the limit of all lines still holds.
 */
export const MAX_LINE_KINDS = 4_096;

/** The number of a line's first characters that decide its kind. */
const KIND_LENGTH = 80;
const MINUTE_MS = 60_000;

/** The number of lines of a kind that were not written. */
export interface OmittedLines {
  readonly kind: string;
  readonly count: number;
}

/** The part of a {@link Rate} that is left, and the time at which it was counted, in milliseconds. */
interface Bucket {
  left: number;
  at: number;
}

/**
 * A limit for the lines of a log, so that somebody who can cause lines can neither fill a disk nor hide the lines that
 * matter. It limits the lines of one kind about one network, the lines of one kind, and all lines. Those that are left
 * out are counted.
 *
 * A line is of the same kind as another if it is the same but for addresses, numbers, hex digits, and what stands in
 * quotes, in parentheses or behind a colon: that is what others can choose.
 */
export class LineLimiter {
  readonly #clock: Clock;
  readonly #kinds = new Map<string, Bucket>();
  readonly #kindsOfNetworks = new Map<string, Bucket>();
  readonly #all: Bucket;
  readonly #leftOut = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#all = { left: MAX_LINES.burst, at: clock.now() };
  }

  /** Decides whether a line is written. It counts a line that is not. */
  admits(line: string): boolean {
    const kind = kindOf(line);
    const network = networkOf(line);
    const now = this.#clock.now();
    const isAdmitted =
      (network === undefined ||
        takesOf(this.#kindsOfNetworks, `${network} ${kind}`, MAX_LINES_PER_NETWORK, now)) &&
      takesOf(this.#kinds, kind, MAX_LINES_PER_KIND, now) &&
      takes(this.#all, MAX_LINES, now);
    if (!isAdmitted) this.#count(kind);
    return isAdmitted;
  }

  /** Whether lines were left out since the last call of {@link takeLeftOut}. */
  get hasLeftOut(): boolean {
    return this.#leftOut.size > 0;
  }

  /** Returns the numbers of lines that were left out since the last call. */
  takeLeftOut(): readonly OmittedLines[] {
    const leftOut = Array.from(this.#leftOut, ([kind, count]) => ({ kind, count }));
    this.#leftOut.clear();
    return leftOut;
  }

  /** Counts a line that is left out. From {@link MAX_TOLD_KINDS} kinds on, the others are counted as one. */
  #count(kind: string): void {
    const told = this.#leftOut.has(kind) || this.#leftOut.size < MAX_TOLD_KINDS ? kind : OTHER_KINDS;
    this.#leftOut.set(told, (this.#leftOut.get(told) ?? 0) + 1);
  }
}

/** The number of kinds of omitted lines that are named one by one. */
const MAX_TOLD_KINDS = 10;
const OTHER_KINDS = 'other lines';

function takesOf(buckets: Map<string, Bucket>, key: string, rate: Rate, now: number): boolean {
  let bucket = buckets.get(key);
  if (bucket === undefined) {
    bucket = { left: rate.burst, at: now };
    for (const oldest of buckets.keys()) {
      if (buckets.size < MAX_LINE_KINDS) break;
      buckets.delete(oldest);
    }
    buckets.set(key, bucket);
  }
  return takes(bucket, rate, now);
}

function takes(bucket: Bucket, { burst, perMinute }: Rate, now: number): boolean {
  bucket.left = Math.min(burst, bucket.left + ((now - bucket.at) / MINUTE_MS) * perMinute);
  bucket.at = now;
  if (bucket.left < 1) return false;
  bucket.left -= 1;
  return true;
}

const ADDRESS = /\b\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?\b|\[[\da-f:.]{2,45}\](?::\d{1,5})?/gi;
const CHOSEN = /"[^"]*"|'[^']*'|\([^)]*\)/g;
const NUMBERS = /\b(?:[\da-f]{8,}|\d[\d,.]*)\b/gi;

function kindOf(line: string): string {
  const start = line.slice(0, 4 * KIND_LENGTH).replace(ADDRESS, '*');
  const [plain] = start.replace(CHOSEN, '').replace(NUMBERS, '#').split(': ', 1);
  return plain!.slice(0, KIND_LENGTH).trim();
}

function networkOf(line: string): number | string | undefined {
  const [address] = ADDRESS[Symbol.match](line.slice(0, 4 * KIND_LENGTH)) ?? [];
  const host = address?.startsWith('[') ? address.slice(1, address.indexOf(']')) : address?.split(':', 1)[0];
  const ip = host === undefined ? undefined : parseIp(host);
  return ip && networkKey(ip);
}
