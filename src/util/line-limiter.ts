import { networkKey } from './address-prefix.ts';
import type { Clock } from './clock.ts';
import { parseIp } from './ip.ts';

/** How many lines are written at once, and then by the minute. */
interface Rate {
  readonly burst: number;
  readonly perMinute: number;
}

/** Lines of one kind about one network: /24 of IPv4, /48 of IPv6. */
export const MAX_LINES_PER_NETWORK: Rate = { burst: 10, perMinute: 1 };
/** Lines of one kind, about whomever they are. */
export const MAX_LINES_PER_KIND: Rate = { burst: 100, perMinute: 12 };
/** Lines of all kinds. */
export const MAX_LINES: Rate = { burst: 1_000, perMinute: 120 };
/** Kinds, and kinds of a network, that are told apart; of one more, the oldest is new again, within the limit of all. */
export const MAX_LINE_KINDS = 4_096;

/** Characters of a line that tell its kind. */
const KIND_LENGTH = 80;
const MINUTE_MS = 60_000;

/** Lines of a kind that were not written. */
export interface OmittedLines {
  readonly kind: string;
  readonly count: number;
}

/** How much of a {@link Rate} is left. */
interface Bucket {
  left: number;
  at: number;
}

/**
 * Limits the lines of a log, so that nobody who can cause them fills a disk, or hides among them what matters: by what they
 * are about and by whom, by what they are about, and in all. What is left out is counted.
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

  /** Whether a line is to be written; one that is not is counted. */
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

  /** Whether lines were left out that nobody was told of. */
  get hasLeftOut(): boolean {
    return this.#leftOut.size > 0;
  }

  /** Tells what was left out since the last call. */
  takeLeftOut(): readonly OmittedLines[] {
    const leftOut = Array.from(this.#leftOut, ([kind, count]) => ({ kind, count }));
    this.#leftOut.clear();
    return leftOut;
  }

  /** Kinds that are too many to be told apart are told as one. */
  #count(kind: string): void {
    const told = this.#leftOut.has(kind) || this.#leftOut.size < MAX_TOLD_KINDS ? kind : OTHER_KINDS;
    this.#leftOut.set(told, (this.#leftOut.get(told) ?? 0) + 1);
  }
}

/** Kinds of lines left out that are told one by one. */
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
