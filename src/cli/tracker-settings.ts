import { ConfigError, SETTING_KEYS, type SettingKey, type Settings } from '../config/index.ts';
import type { RedisOptions, TlsOptions, TrackerOptions, TrackerRules } from '../tracker/index.ts';

/** The settings that {@link rulesOf} reads. */
export const RELOADED_KEYS: readonly SettingKey[] = [
  'tracker.announceInterval',
  'tracker.youngInterval',
  'tracker.seederExpiry',
  'tracker.zones',
  'tracker.maxSwarms',
  'tracker.maxPeers',
  'tracker.maxPeersPerSwarm',
  'tracker.maxPeersPerAddress',
  'tracker.maxNumWant',
  'tracker.maxConnections',
  'tracker.maxWsConnections',
  'tracker.maxSeeders',
  'tracker.maxHoldings',
  'tracker.maxCatalogBytes',
  'tracker.maxSeedersPerAddress',
  'tracker.maxHoldingsPerAddress',
  'tracker.maxCatalogBytesPerAddress',
  'tracker.connectionsPerAddress',
  'tracker.requestsPerSecond',
  'tracker.requestBurst',
];

/** The settings of a tracker that take a restart. */
export const RESTART_KEYS: readonly SettingKey[] = SETTING_KEYS.filter(
  (key) => key.startsWith('tracker.') && !RELOADED_KEYS.includes(key),
);

/**
 * Makes the options of a tracker of the settings.
 *
 * @throws {ConfigError} for what {@link findTlsFault} finds
 */
export function optionsOf(settings: Settings): TrackerOptions {
  return {
    ...rulesOf(settings),
    bind: settings['tracker.bind'],
    port: settings['tracker.port'],
    webPort: settings['tracker.webPort'],
    stateDir: settings['tracker.stateDir'],
    trustedProxies: settings['tracker.trustedProxies'],
    publicHosts: hostsOf(settings),
    webOrigins: settings['tracker.webOrigins'],
    fullScrape: settings['tracker.fullScrape'],
    plainSockets: settings['tracker.plainSockets'],
    tls: tlsOf(settings),
    drainDelay: (settings['tracker.drainDelay'] ?? 0) / 1000,
    redis: redisOf(settings),
    metrics: settings['tracker.metrics'],
    allowList: settings['tracker.allowList'],
    denyList: settings['tracker.denyList'],
    tokens: settings['tracker.tokens'],
    isPrivate: settings['tracker.private'],
    openRegistration: settings['tracker.openRegistration'],
    checkSeeders: settings['tracker.checkSeeders'],
  };
}

/** Lists the names by which the tracker is reached, with the one in the URL at which others are told to find it. */
function hostsOf(settings: Settings): readonly string[] {
  const { 'tracker.publicHosts': hosts = [], 'tracker.url': url } = settings;
  const name = url === undefined ? '' : new URL(url).hostname.replace(/^\[|\]$/g, '');
  return name === '' ? hosts : [...hosts, name];
}

function redisOf(settings: Settings): RedisOptions | undefined {
  const redis = {
    url: settings['tracker.redis.url'],
    cluster: settings['tracker.redis.cluster'],
    prefix: settings['tracker.redis.prefix'],
  };
  return settings['tracker.store'] === 'redis' ? redis : undefined;
}

/** A setting of TLS without another one that it needs. */
export interface TlsFault {
  readonly key: SettingKey;
  /** A clause to stand behind the key. */
  readonly found: string;
}

/** Checks that the settings of TLS are there together. @returns `undefined` when they are, or none is */
export function findTlsFault(settings: Settings): TlsFault | undefined {
  const { 'tracker.tls.cert': cert, 'tracker.tls.key': key, 'tracker.tls.required': required } = settings;
  const both = 'TLS takes both tracker.tls.cert and tracker.tls.key';
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
      'is true, so that clients without TLS are refused, and there is no certificate: set tracker.tls.cert and tracker.tls.key',
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
  const { 'tracker.tls.cert': cert, 'tracker.tls.key': key, 'tracker.tls.required': required } = settings;
  return cert === undefined || key === undefined ? undefined : { cert, key, required };
}

/** Makes the rules of a tracker of the settings: the part that a running tracker can be told again. */
export function rulesOf(settings: Settings): TrackerRules {
  return {
    announceInterval: settings['tracker.announceInterval'] / 1000,
    youngInterval: settings['tracker.youngInterval'] / 1000,
    seederExpiry: settings['tracker.seederExpiry'] / 1000,
    zones: settings['tracker.zones'],
    limits: {
      swarms: settings['tracker.maxSwarms'],
      peers: settings['tracker.maxPeers'],
      peersPerSwarm: settings['tracker.maxPeersPerSwarm'],
      peersPerAddress: settings['tracker.maxPeersPerAddress'],
      numWant: settings['tracker.maxNumWant'],
      connections: settings['tracker.maxConnections'],
      wsConnections: settings['tracker.maxWsConnections'],
      connectionsPerAddress: settings['tracker.connectionsPerAddress'],
      requestsPerSecond: settings['tracker.requestsPerSecond'],
      requestBurst: settings['tracker.requestBurst'],
      seeders: settings['tracker.maxSeeders'],
      holdings: settings['tracker.maxHoldings'],
      catalogBytes: settings['tracker.maxCatalogBytes'],
      seedersPerAddress: settings['tracker.maxSeedersPerAddress'],
      holdingsPerAddress: settings['tracker.maxHoldingsPerAddress'],
      catalogBytesPerAddress: settings['tracker.maxCatalogBytesPerAddress'],
    },
  };
}
