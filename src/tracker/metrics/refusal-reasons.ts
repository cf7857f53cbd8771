import { LIMIT_REASONS } from '../settings.ts';

/**
 * The reasons for which something is turned away: those of the limits in the table of settings, and those of other limits and
 * of rules. docs/metrics.md has each with the limit or the rule behind it.
 */
export const REFUSAL_REASONS = [
  ...LIMIT_REASONS,
  'held_bytes',
  'timeout',
  'not_allowed',
  'denied',
  'no_passkey',
  'bad_passkey',
  'no_token',
  'bad_token',
  'seeder_checks',
] as const;
export type RefusalReason = (typeof REFUSAL_REASONS)[number];

/** The number of refusals for each reason. Where something is turned away, its number is raised. */
export type RefusalCounters = Record<RefusalReason, number>;

export function createRefusalCounters(): RefusalCounters {
  return Object.fromEntries(REFUSAL_REASONS.map((reason) => [reason, 0])) as RefusalCounters;
}
