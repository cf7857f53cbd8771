import type { TrackerLimits } from './tracker-limits.ts';

/** Seconds between announces unless given: short, as a small team's swarms are young. */
export const DEFAULT_ANNOUNCE_INTERVAL = 120;
/** Seconds after which a seeder that does not renew is forgotten, unless given. */
export const DEFAULT_SEEDER_EXPIRY = 90;

/** What an operator decides about a tracker, and may decide again while it runs: no port, no folder, no store. */
export interface TrackerRules {
  /** Seconds between announces, {@link DEFAULT_ANNOUNCE_INTERVAL} unless given. */
  readonly announceInterval?: number | undefined;
  /**
   * Seconds between announces in a swarm that has just come up, {@link DEFAULT_YOUNG_INTERVAL} unless given: it grows to
   * the interval as the swarm gets older.
   */
  readonly youngInterval?: number | undefined;
  /** Seconds after which a seeder that does not renew is forgotten, {@link DEFAULT_SEEDER_EXPIRY} unless given. */
  readonly seederExpiry?: number | undefined;
  /**
   * Hands out peers nearby first. Near to a peer are those of its zone: the first of these lists with a range that its
   * address is in, as `[['10.1.0.0/16', '2001:db8:1::/48'], ['10.2.0.0/16']]`; or else those of its subnet (/24 of IPv4,
   * /48 of IPv6), for which an empty list does. Absent: all are alike.
   */
  readonly zones?: readonly (readonly string[])[] | undefined;
  /** How much the tracker takes on. */
  readonly limits?: TrackerLimits | undefined;
}
