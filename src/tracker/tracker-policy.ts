import { defaultOf, MAX_SECONDS, type Setting } from '../config/index.ts';
import { type AnnouncePolicy, parseLocality } from './core/index.ts';
import { TrackerStartError } from './errors/index.ts';
import type { RegistrationPolicy } from './registry/index.ts';
import {
  ANNOUNCING,
  DEFAULT_LIMITS,
  LIMITS,
  type LimitValues,
  limitName,
  type TrackerLimits,
} from './settings.ts';
import type { TrackerRules } from './tracker-rules.ts';

/** The time to live of a peer in intervals: it may miss one announce and be late with the next. */
const PEER_TTL_INTERVALS = 2.5;
/** The number of renewals in the time to expiry: a seeder may miss two of them. */
const RENEWALS_IN_EXPIRY = 3;

/** The rules in the form that the parts of a tracker take, under the same names as theirs. */
export interface TrackerPolicy extends LimitValues, AnnouncePolicy, RegistrationPolicy {
  readonly maxNumWant: number;
  /** The milliseconds after which a silent peer is forgotten. */
  readonly peerTtl: number;
}

/** Makes the policy of a tracker from its rules. @throws {TrackerStartError} BAD_OPTION */
export function policyOf(rules: TrackerRules): TrackerPolicy {
  const interval = intervalOf('announceInterval', rules);
  const expiresIn = intervalOf('seederExpiry', rules);
  return {
    ...limitsOf(rules.limits),
    interval,
    youngInterval: intervalOf('youngInterval', rules),
    locality: rules.zones && parseLocality(rules.zones),
    // A registered seeder is a peer like any other and must renew before peers expire.
    renewIn: Math.min(expiresIn / RENEWALS_IN_EXPIRY, interval),
    expiresIn,
    peerTtl: interval * PEER_TTL_INTERVALS * 1000,
  };
}

function intervalOf(
  name: 'announceInterval' | 'youngInterval' | 'seederExpiry',
  rules: TrackerRules,
): number {
  return seconds(name, rules[name] ?? defaultOf(ANNOUNCING[name]));
}

/** Fills in the limits that are not given. @throws {TrackerStartError} BAD_OPTION */
function limitsOf(given: TrackerLimits = {}): LimitValues {
  const limits: Partial<Record<keyof LimitValues, number>> = {};
  for (const [option, row] of Object.entries<Setting<number>>(LIMITS)) {
    const value = given[option as keyof TrackerLimits];
    if (value !== undefined) limits[limitName(row)] = checkLimit(option, value, row);
  }
  return { ...DEFAULT_LIMITS, ...limits };
}

function checkLimit(option: string, value: number, { kind }: Setting<number>): number {
  const { least, most } = kind.bounds!;
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new TrackerStartError('BAD_OPTION', `limits.${option} must be ${least} to ${most}, found ${value}`);
}

/** Checks a number of seconds. @throws {TrackerStartError} BAD_OPTION */
export function seconds(name: string, value: number, least = 1): number {
  if (Number.isInteger(value) && value >= least && value <= MAX_SECONDS) return value;
  const allowed = `${least} to ${MAX_SECONDS} whole seconds`;
  throw new TrackerStartError('BAD_OPTION', `${name} must be ${allowed}, found ${value}`);
}
