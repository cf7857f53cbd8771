import { objectOf, optionFault, type RulesFor, valueRules } from '../util/index.ts';
import { TrackerStartError } from './errors/index.ts';
import type { TlsOptions } from './frontends/index.ts';
import type { TrackerLimits } from './tracker-limits.ts';
import type { RedisOptions, TrackerOptions } from './tracker-options.ts';
import type { TrackerRules } from './tracker-rules.ts';

const { text, filled, texts, flag, port, count, callback, object } = valueRules;
const seconds = { ...count, wants: 'a whole number of seconds' };

const LIMIT_RULES: RulesFor<TrackerLimits> = {
  swarms: count,
  peers: count,
  peersPerSwarm: count,
  peersPerAddress: count,
  numWant: count,
  connections: count,
  wsConnections: count,
  connectionsPerAddress: count,
  requestsPerSecond: count,
  requestBurst: count,
  seeders: count,
  holdings: count,
  catalogBytes: count,
  seedersPerAddress: count,
  holdingsPerAddress: count,
  catalogBytesPerAddress: count,
};

const RELOADABLE: RulesFor<TrackerRules> = {
  announceInterval: seconds,
  youngInterval: seconds,
  seederExpiry: seconds,
  zones: {
    wants: 'an array of arrays of address ranges',
    takes: (value) => Array.isArray(value) && value.every((zone) => texts.takes(zone)),
  },
  limits: objectOf(LIMIT_RULES),
};

const ALL: RulesFor<TrackerOptions> = {
  ...RELOADABLE,
  bind: filled,
  host: filled,
  port,
  webPort: port,
  stateDir: text,
  trustedProxies: texts,
  publicHosts: texts,
  webOrigins: texts,
  fullScrape: flag,
  plainSockets: flag,
  tls: objectOf<TlsOptions>({ cert: text, key: text, required: flag }),
  drainDelay: seconds,
  metrics: flag,
  allowList: text,
  denyList: text,
  tokens: text,
  isPrivate: flag,
  openRegistration: flag,
  checkSeeders: flag,
  redis: objectOf<RedisOptions>({ url: text, cluster: flag, prefix: text }),
  onNotice: callback,
  onError: callback,
  clock: object,
  wallTime: callback,
  random: object,
};

/** Checks that options are what TypeScript would take. @throws {TrackerStartError} `BAD_OPTION`, naming the option */
export function checkOptionTypes(options: TrackerOptions): void {
  refuse('start the tracker', optionFault(options, ALL) ?? tlsFault(options));
}

/** Finds a part of TLS that is not given: without the certificate a tracker would speak plain HTTP. */
function tlsFault({ tls }: TrackerOptions): string | undefined {
  const given: Partial<TlsOptions> = tls ?? { cert: '', key: '' };
  const missing = (['cert', 'key'] as const).find((name) => given[name] === undefined);
  return missing && `tls.${missing} must be the path of a file, found none`;
}

/** Does the same for the rules that a running tracker takes. @throws {TrackerStartError} `BAD_OPTION` */
export function checkRuleTypes(rules: TrackerRules): void {
  refuse('change the rules of the tracker', optionFault(rules, RELOADABLE));
}

function refuse(what: string, fault: string | undefined): void {
  if (fault !== undefined) throw new TrackerStartError('BAD_OPTION', `Cannot ${what}: ${fault}`);
}
