import type { OptionsOf } from '../config/index.ts';
import type { Clock, Random, ReportError } from '../util/index.ts';
import { TrackerStartError } from './errors/index.ts';
import type { TlsOptions } from './frontends/index.ts';
import type { AccessOptions } from './guard/access/index.ts';
import type { ACCESS, CLIENTS, LISTENING } from './settings.ts';
import type { TrackerRules } from './tracker-rules.ts';

/** The options with which a tracker is started. */
export interface TrackerOptions
  extends TrackerRules,
    OptionsOf<typeof LISTENING>,
    OptionsOf<typeof CLIENTS>,
    OptionsOf<typeof ACCESS> {
  /** The older name of `bind`. If both are given, `bind` counts. */
  readonly host?: string | undefined;
  /** The options of TLS; `undefined`: TLS is not spoken. */
  readonly tls?: TlsOptions | undefined;
  /** Keeps swarms and registered seeders on Redis or Valkey, which any number of trackers share; not with `stateDir`. */
  readonly redis?: RedisOptions | undefined;
  /** Receives notices that are no errors, such as that Redis answers again; by default they are dropped. */
  readonly onNotice?: ((message: string) => void) | undefined;
  /** Receives the errors of background work, and those that `onNotice` throws; the default is the standard error stream. */
  readonly onError?: ReportError;
  /** The clock; the default is the machine's. */
  readonly clock?: Clock;
  /**
   * Gives the date, in milliseconds since 1970, by which tokens expire and stored state is dated; the default is the
   * machine's.
   */
  readonly wallTime?: () => number;
  /** The source of randomness, by which peers are picked and announces spread; the default is the machine's. */
  readonly random?: Random;
}

/**
 * The options of Redis or Valkey. It need not answer when the tracker starts: until it does, peers are told to come again.
 */
export interface RedisOptions {
  /**
   * `redis://user:password@host:6379/0`, `rediss://` for TLS, or `unix:/run/redis/redis.sock`; for a cluster, some of its
   * nodes, separated by commas.
   */
  readonly url: string;
  /** Whether it is a cluster; by default it is one if `url` names several nodes. */
  readonly cluster?: boolean | undefined;
  /** The start of all keys; the default is `shoal:`. Trackers that share swarms have the same. */
  readonly prefix?: string | undefined;
}

/** @throws {TrackerStartError} BAD_OPTION */
export function checkPort(name: string, value: number): void {
  if (Number.isInteger(value) && value >= 0 && value <= 65_535) return;
  throw new TrackerStartError('BAD_OPTION', `${name} must be 0 to 65535, found ${value}`);
}

/** Reads the options of who may do what. @throws {TrackerStartError} BAD_OPTION */
export function accessOf(options: TrackerOptions): Omit<AccessOptions, 'wallTime' | 'report'> {
  const { allowList, denyList, tokens, isPrivate = false, openRegistration = false } = options;
  if (isPrivate && tokens === undefined) {
    throw new TrackerStartError(
      'BAD_OPTION',
      'A private tracker needs tokens, a file of them; none is given',
    );
  }
  return { allowList, denyList, tokens, isPrivate, isRegistrationOpen: openRegistration };
}
