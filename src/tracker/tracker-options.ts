import type { OptionsOf } from '../config/index.ts';
import type { Clock, Random, ReportError } from '../util/index.ts';
import { TrackerStartError } from './errors/index.ts';
import type { TlsOptions } from './frontends/index.ts';
import type { AccessOptions } from './guard/access/index.ts';
import type { ACCESS, CLIENTS, LISTENING } from './settings.ts';
import type { TrackerRules } from './tracker-rules.ts';

/** What a tracker is started with. */
export interface TrackerOptions
  extends TrackerRules,
    OptionsOf<typeof LISTENING>,
    OptionsOf<typeof CLIENTS>,
    OptionsOf<typeof ACCESS> {
  /** The older name of `bind`, which counts where both are given. */
  readonly host?: string | undefined;
  /** Absent: TLS is not spoken. */
  readonly tls?: TlsOptions | undefined;
  /** Keeps swarms and registered seeders on Redis or Valkey, which any number of trackers share; not with `stateDir`. */
  readonly redis?: RedisOptions | undefined;
  /** Is told what is good to know and no error, such as that Redis is there again; nobody is, unless given. */
  readonly onNotice?: ((message: string) => void) | undefined;
  /** Where errors of work go that nobody waits for, and those that `onNotice` throws; the standard error stream unless given. */
  readonly onError?: ReportError;
  /** Time; the machine's unless given. */
  readonly clock?: Clock;
  /** The date, in milliseconds since 1970, by which tokens expire and what is kept is dated; the machine's unless given. */
  readonly wallTime?: () => number;
  /** Which peers are picked, and how announces are spread; the machine's unless given. */
  readonly random?: Random;
}

/** Where Redis or Valkey is. It may be away when the tracker starts: peers are told to come again until it is there. */
export interface RedisOptions {
  /**
   * `redis://user:password@host:6379/0`, `rediss://` for TLS, or `unix:/run/redis/redis.sock`; of a cluster some of its
   * nodes, with commas between.
   */
  readonly url: string;
  /** Whether it is a cluster; unless given, it is one when `url` names several nodes. */
  readonly cluster?: boolean | undefined;
  /** What all keys begin with: `shoal:` unless given. Trackers that share swarms have the same. */
  readonly prefix?: string | undefined;
}

/** @throws {TrackerStartError} BAD_OPTION */
export function checkPort(name: string, value: number): void {
  if (Number.isInteger(value) && value >= 0 && value <= 65_535) return;
  throw new TrackerStartError('BAD_OPTION', `${name} must be 0 to 65535, found ${value}`);
}

/** Who may do what. @throws {TrackerStartError} BAD_OPTION */
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
