import { type AnnouncePolicy, DEFAULT_YOUNG_INTERVAL, parseLocality } from './core/index.ts';
import { TrackerStartError } from './errors/index.ts';
import type { WsPolicy } from './frontends/ws/index.ts';
import type { AddressBudget } from './guard/rate-limit/index.ts';
import type { CatalogLimits } from './registry/catalog/index.ts';
import type { RegistrationPolicy } from './registry/index.ts';
import type { MemorySwarmLimits } from './swarms/memory/index.ts';
import { limitsOf } from './tracker-limits.ts';
import { DEFAULT_ANNOUNCE_INTERVAL, DEFAULT_SEEDER_EXPIRY, type TrackerRules } from './tracker-rules.ts';

/** Seconds that an interval may have at most: a day. */
export const MAX_SECONDS = 86_400;

/** A peer may miss an announce and be late with the next before it is forgotten. */
const PEER_TTL_INTERVALS = 2.5;
/** A seeder may miss two renewals. */
const RENEWALS_IN_EXPIRY = 3;

/** What the rules mean for each part of a tracker. */
export interface TrackerPolicy {
  readonly announces: AnnouncePolicy;
  readonly registrations: RegistrationPolicy;
  readonly swarms: MemorySwarmLimits;
  readonly catalog: CatalogLimits;
  readonly abuse: AddressBudget;
  readonly webSockets: WsPolicy;
  readonly maxConnections: number;
}

/** @throws {TrackerStartError} BAD_OPTION */
export function policyOf(rules: TrackerRules): TrackerPolicy {
  const interval = seconds('announceInterval', rules.announceInterval ?? DEFAULT_ANNOUNCE_INTERVAL);
  const youngInterval = seconds('youngInterval', rules.youngInterval ?? DEFAULT_YOUNG_INTERVAL);
  const expiresIn = seconds('seederExpiry', rules.seederExpiry ?? DEFAULT_SEEDER_EXPIRY);
  const peerTtl = interval * PEER_TTL_INTERVALS * 1000;
  const limits = limitsOf(rules.limits);
  return {
    announces: {
      interval,
      youngInterval,
      maxNumWant: limits.numWant,
      locality: rules.zones && parseLocality(rules.zones),
    },
    registrations: {
      // A registered seeder is a peer like any other and must renew before peers expire, however they announce.
      renewIn: Math.min(expiresIn / RENEWALS_IN_EXPIRY, interval),
      expiresIn,
    },
    swarms: {
      peerTtl,
      maxSwarms: limits.swarms,
      maxPeers: limits.peers,
      maxPeersPerSwarm: limits.peersPerSwarm,
      maxPeersPerAddress: limits.peersPerAddress,
    },
    catalog: {
      maxSeeders: limits.seeders,
      maxHoldings: limits.holdings,
      maxBytes: limits.catalogBytes,
      maxSeedersPerAddress: limits.seedersPerAddress,
      maxHoldingsPerAddress: limits.holdingsPerAddress,
      maxBytesPerAddress: limits.catalogBytesPerAddress,
    },
    abuse: {
      requestsPerSecond: limits.requestsPerSecond,
      requestBurst: limits.requestBurst,
      connectionsPerAddress: limits.connectionsPerAddress,
    },
    webSockets: { peerTtl, maxWsConnections: limits.wsConnections },
    maxConnections: limits.connections,
  };
}

/** @throws {TrackerStartError} BAD_OPTION */
export function seconds(name: string, value: number, least = 1): number {
  if (Number.isInteger(value) && value >= least && value <= MAX_SECONDS) return value;
  const allowed = `${least} to ${MAX_SECONDS} whole seconds`;
  throw new TrackerStartError('BAD_OPTION', `${name} must be ${allowed}, found ${value}`);
}
