import { ConfigError, optionsFrom, type Setting } from '../config/index.ts';
import type { RedisOptions, TlsOptions, TrackerOptions, TrackerRules } from '../tracker/index.ts';
import { ACCESS, ANNOUNCING, CLIENTS, LIMITS, LISTENING, REDIS, TLS } from '../tracker/settings.ts';
import { SETTINGS, type SettingKey, type Settings } from './settings.ts';

const RELOADED: readonly Setting[] = [...Object.values(ANNOUNCING), ...Object.values(LIMITS)];

/** The settings that {@link rulesOf} reads. */
export const RELOADED_KEYS: readonly SettingKey[] = SETTINGS.rows
  .filter((row) => RELOADED.includes(row))
  .map(({ key }) => key);

/** The settings of a tracker that need a restart. */
export const RESTART_KEYS: readonly SettingKey[] = SETTINGS.keys.filter(
  (key) => key.startsWith('tracker.') && !RELOADED_KEYS.includes(key),
);

/**
 * Makes the options of a tracker from the settings.
 *
 * @throws {ConfigError} for a fault of {@link findTlsFault}
 */
export function optionsOf(settings: Settings): TrackerOptions {
  return {
    ...rulesOf(settings),
    ...optionsFrom(LISTENING, settings),
    ...optionsFrom(CLIENTS, settings),
    ...optionsFrom(ACCESS, settings),
    publicHosts: hostsOf(settings),
    tls: tlsOf(settings),
    redis: redisOf(settings),
  };
}

/** Lists the names by which the tracker is reached, with those in `tracker.url`. */
function hostsOf(settings: Settings): readonly string[] {
  const { 'tracker.publicHosts': hosts = [], 'tracker.url': urls = [] } = settings;
  return [...hosts, ...urls.map((url) => new URL(url).hostname.replace(/^\[|\]$/g, ''))];
}

function redisOf(settings: Settings): RedisOptions | undefined {
  const redis = { ...optionsFrom(REDIS, settings), url: settings['tracker.redis.url'] };
  return settings['tracker.store'] === 'redis' ? redis : undefined;
}

/** The fault of a setting of TLS: another setting that it needs is missing. */
export interface TlsFault {
  readonly key: SettingKey;
  /** A clause to follow the key. */
  readonly found: string;
}

/** Checks that the settings of TLS are set together. @returns `undefined` when they are, or none is */
export function findTlsFault(settings: Settings): TlsFault | undefined {
  const { 'tracker.tls.cert': cert, 'tracker.tls.key': key, 'tracker.tls.required': required } = settings;
  const both = 'TLS needs both tracker.tls.cert and tracker.tls.key';
  if (cert !== undefined && key === undefined) {
    return { key: 'tracker.tls.cert', found: `is set, and tracker.tls.key is not: ${both}` };
  }
  if (cert === undefined && key !== undefined) {
    return { key: 'tracker.tls.key', found: `is set, and tracker.tls.cert is not: ${both}` };
  }
  if (cert !== undefined || required !== true) return undefined;
  return {
    key: 'tracker.tls.required',
    found:
      'is true, which refuses clients without TLS, but there is no certificate: set tracker.tls.cert and tracker.tls.key',
  };
}

/** Leaves out the settings of TLS. */
export function withoutTls(settings: Settings): Settings {
  return {
    ...settings,
    'tracker.tls.cert': undefined,
    'tracker.tls.key': undefined,
    'tracker.tls.required': false,
  };
}

function tlsOf(settings: Settings): TlsOptions | undefined {
  const fault = findTlsFault(settings);
  if (fault !== undefined) {
    throw new ConfigError('BAD_VALUE', `${fault.key} ${fault.found}`, { key: fault.key });
  }
  const { cert, key, required } = optionsFrom(TLS, settings);
  return cert === undefined || key === undefined ? undefined : { cert, key, required };
}

/** Makes the rules of a tracker from the settings, which a running tracker can take. */
export function rulesOf(settings: Settings): TrackerRules {
  return { ...optionsFrom(ANNOUNCING, settings), limits: optionsFrom(LIMITS, settings) };
}
