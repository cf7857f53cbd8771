import { optionRules } from '../config/index.ts';
import { objectOf, optionFault, type RulesFor, valueRules } from '../util/index.ts';
import { TrackerStartError } from './errors/index.ts';
import type { TlsOptions } from './frontends/index.ts';
import {
  ACCESS,
  ANNOUNCING,
  CLIENTS,
  LIMITS,
  LISTENING,
  REDIS,
  TLS,
  type TrackerLimits,
} from './settings.ts';
import type { RedisOptions, TrackerOptions } from './tracker-options.ts';
import type { TrackerRules } from './tracker-rules.ts';

const { filled, callback, object } = valueRules;

const RELOADABLE: RulesFor<TrackerRules> = {
  ...optionRules(ANNOUNCING),
  limits: objectOf<TrackerLimits>(optionRules(LIMITS)),
};

const ALL: RulesFor<TrackerOptions> = {
  ...RELOADABLE,
  ...optionRules(LISTENING),
  ...optionRules(CLIENTS),
  ...optionRules(ACCESS),
  host: filled,
  tls: objectOf<TlsOptions>(optionRules(TLS)),
  redis: objectOf<RedisOptions>(optionRules(REDIS)),
  onNotice: callback,
  onError: callback,
  clock: object,
  wallTime: callback,
  random: object,
};

/**
 * Checks the types of options at run time, for callers without TypeScript.
 *
 * @throws {TrackerStartError} `BAD_OPTION`, naming the option
 */
export function checkOptionTypes(options: TrackerOptions): void {
  refuse('start the tracker', optionFault(options, ALL) ?? tlsFault(options));
}

/** Finds a part of the TLS options that is missing, because without the certificate a tracker would speak plain HTTP. */
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
