import { ConfigError, SETTING_KEYS, type SettingKey, type Settings } from '../config/index.ts';
import type { RedisOptions, TlsOptions, TrackerOptions, TrackerRules } from '../tracker/index.ts';

/** Settings that {@link rulesOf} reads. */
export const RELOADED_KEYS: readonly SettingKey[] = [
  'tracker.announceInterval',
  'tracker.youngInterval',
  'tracker.seederExpiry',
  'tracker.zones',
  'tracker.maxSwarms',
  'tracker.maxPeers',
  'tracker.maxPeersPerSwarm',
  'tracker.maxNumWant',
  'tracker.maxConnections',
  'tracker.maxWsConnections',
  'tracker.maxSeeders',
  'tracker.maxHoldings',
  'tracker.maxCatalogBytes',
  'tracker.connectionsPerAddress',
  'tracker.requestsPerSecond',
  'tracker.requestBurst',
];

/** Settings of a tracker that take a restart. */
export const RESTART_KEYS: readonly SettingKey[] = SETTING_KEYS.filter(
  // The URL is where others find it.
  (key) => key.startsWith('tracker.') && key !== 'tracker.url' && !RELOADED_KEYS.includes(key),
);

/** What the settings say of a tracker. */
export function optionsOf(settings: Settings): TrackerOptions {
  return {
    ...rulesOf(settings),
    bind: settings['tracker.bind'],
    port: settings['tracker.port'],
    webPort: settings['tracker.webPort'],
    stateDir: settings['tracker.stateDir'],
    trustedProxies: settings['tracker.trustedProxies'],
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
  };
}

function redisOf(settings: Settings): RedisOptions | undefined {
  const redis = {
    url: settings['tracker.redis.url'],
    cluster: settings['tracker.redis.cluster'],
    prefix: settings['tracker.redis.prefix'],
  };
  return settings['tracker.store'] === 'redis' ? redis : undefined;
}

/** Reads the settings of TLS. @throws {ConfigError} when one of the two files is missing, or both although TLS is required */
function tlsOf(settings: Settings): TlsOptions | undefined {
  const { 'tracker.tls.cert': cert, 'tracker.tls.key': key, 'tracker.tls.required': required } = settings;
  if (cert === undefined && key === undefined) {
    if (required !== true) return undefined;
    throw new ConfigError(
      'BAD_VALUE',
      'Cannot refuse clients without TLS: tracker.tls.required=true needs tracker.tls.cert and tracker.tls.key, found neither',
    );
  }
  if (cert !== undefined && key !== undefined) {
    return { cert, key, required };
  }
  throw new ConfigError(
    'BAD_VALUE',
    'TLS takes both tracker.tls.cert and tracker.tls.key, found one of them',
  );
}

/** What the settings say that a running tracker can be told again. */
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
      numWant: settings['tracker.maxNumWant'],
      connections: settings['tracker.maxConnections'],
      wsConnections: settings['tracker.maxWsConnections'],
      connectionsPerAddress: settings['tracker.connectionsPerAddress'],
      requestsPerSecond: settings['tracker.requestsPerSecond'],
      requestBurst: settings['tracker.requestBurst'],
      seeders: settings['tracker.maxSeeders'],
      holdings: settings['tracker.maxHoldings'],
      catalogBytes: settings['tracker.maxCatalogBytes'],
    },
  };
}
