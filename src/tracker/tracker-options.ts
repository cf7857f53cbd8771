import type { Clock, Random, ReportError } from '../util/index.ts';
import { TrackerError } from './tracker-error.ts';

/** Seconds between announces unless given: short, as a small team's swarms are young. */
export const DEFAULT_ANNOUNCE_INTERVAL = 120;
/** Seconds after which a seeder that does not renew is forgotten, unless given. */
export const DEFAULT_SEEDER_EXPIRY = 90;
/** Seconds that either may be at most: a day. */
export const MAX_SECONDS = 86_400;

export interface TrackerOptions {
  /** IP address to listen on; all addresses of the machine unless given. */
  readonly host?: string;
  /** Port of announces and scrapes, over TCP and UDP, and of the web API, too. 0, the default: any that is free. */
  readonly port?: number;
  /** Another port of the web API. 0: any that is free; absent: none. */
  readonly webPort?: number | undefined;
  /** Seconds between announces, {@link DEFAULT_ANNOUNCE_INTERVAL} unless given. */
  readonly announceInterval?: number;
  /** Seconds after which a seeder that does not renew is forgotten, {@link DEFAULT_SEEDER_EXPIRY} unless given. */
  readonly seederExpiry?: number;
  /**
   * Folder in which who is in which swarm outlives a restart; made when it is not there. Written every few minutes and
   * when the tracker closes. What cannot be read is reported, and the tracker starts without. Absent: nothing is kept.
   */
  readonly stateDir?: string | undefined;
  /**
   * Hands out peers nearby first. Near to a peer are those of its zone: the first of these lists with a range that its
   * address is in, as `[['10.1.0.0/16', '2001:db8:1::/48'], ['10.2.0.0/16']]`; or else those of its subnet (/24 of IPv4,
   * /48 of IPv6), for which an empty list does. Absent: all are alike.
   */
  readonly zones?: readonly (readonly string[])[] | undefined;
  /** Where errors of work go that nobody waits for; the standard error stream unless given. */
  readonly onError?: ReportError;
  /** Time; the machine's unless given. */
  readonly clock?: Clock;
  /** Which peers are picked, and how announces are spread; the machine's unless given. */
  readonly random?: Random;
}

/** @throws {TrackerError} BAD_OPTION */
export function seconds(name: string, value: number): number {
  if (Number.isInteger(value) && value >= 1 && value <= MAX_SECONDS) return value;
  throw new TrackerError('BAD_OPTION', `${name} must be 1 to ${MAX_SECONDS} whole seconds, found ${value}`);
}

/** @throws {TrackerError} BAD_OPTION */
export function checkPort(name: string, value: number): void {
  if (Number.isInteger(value) && value >= 0 && value <= 65_535) return;
  throw new TrackerError('BAD_OPTION', `${name} must be 0 to 65535, found ${value}`);
}
