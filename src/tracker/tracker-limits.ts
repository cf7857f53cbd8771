import { MAX_NUM_WANT } from './core/index.ts';
import { TrackerStartError } from './errors/index.ts';
import { MAX_HTTP_CONNECTIONS } from './frontends/http/index.ts';
import { MAX_WS_CONNECTIONS } from './frontends/ws/index.ts';
import {
  DEFAULT_CONNECTIONS_PER_ADDRESS,
  DEFAULT_REQUEST_BURST,
  DEFAULT_REQUESTS_PER_SECOND,
} from './guard/rate-limit/index.ts';
import {
  MAX_CATALOG_BYTES,
  MAX_CATALOG_BYTES_PER_ADDRESS,
  MAX_HOLDINGS,
  MAX_HOLDINGS_PER_ADDRESS,
  MAX_SEEDERS,
  MAX_SEEDERS_PER_ADDRESS,
} from './registry/catalog/index.ts';
import { MAX_PEERS_PER_ADDRESS } from './swarms/index.ts';
import { MAX_PEERS, MAX_PEERS_PER_SWARM, MAX_SWARMS } from './swarms/memory/index.ts';

/** How much a tracker takes on; what is not given is as the constant says. */
export interface TrackerLimits {
  /** Swarms known at once, {@link MAX_SWARMS}; for one more, one of the emptiest is forgotten. */
  readonly swarms?: number | undefined;
  /** Peers of all swarms, {@link MAX_PEERS}; likewise. */
  readonly peers?: number | undefined;
  /**
   * Peers of one swarm and one address family, on Redis of both, {@link MAX_PEERS_PER_SWARM}; others are answered, not
   * recorded.
   */
  readonly peersPerSwarm?: number | undefined;
  /**
   * Peers of one public address, over IPv6 of one /64, in a swarm, {@link MAX_PEERS_PER_ADDRESS}; 8 times as many of a
   * private address, 16 times of an IPv6 /48. For one more, another of the same address is forgotten.
   */
  readonly peersPerAddress?: number | undefined;
  /** Peers in an answer, {@link MAX_NUM_WANT}. */
  readonly numWant?: number | undefined;
  /** Clients connected to a port over TCP, {@link MAX_HTTP_CONNECTIONS}; for one more, the network with the most gives one up. */
  readonly connections?: number | undefined;
  /** Those of them that are WebSockets, {@link MAX_WS_CONNECTIONS}, by the same rule; 0: none, and WebTorrent peers are not served. */
  readonly wsConnections?: number | undefined;
  /**
   * Connections of one address, {@link DEFAULT_CONNECTIONS_PER_ADDRESS}; 0: any number. For one more, an idle one of it is
   * closed; while none is idle, it is turned away.
   */
  readonly connectionsPerAddress?: number | undefined;
  /**
   * Requests of one address by the second, over all transports, {@link DEFAULT_REQUESTS_PER_SECOND}, and as many new
   * connections; 0: any number.
   */
  readonly requestsPerSecond?: number | undefined;
  /** Requests that it may make at once, {@link DEFAULT_REQUEST_BURST}. */
  readonly requestBurst?: number | undefined;
  /** Registered seeders, {@link MAX_SEEDERS}; others are refused. */
  readonly seeders?: number | undefined;
  /** Torrents of all registered seeders together, {@link MAX_HOLDINGS}; likewise. */
  readonly holdings?: number | undefined;
  /** Bytes of metainfo, {@link MAX_CATALOG_BYTES}; likewise. */
  readonly catalogBytes?: number | undefined;
  /**
   * Registered seeders of one address, over IPv6 of one /48, {@link MAX_SEEDERS_PER_ADDRESS}; others are refused, unless
   * they have an access token.
   */
  readonly seedersPerAddress?: number | undefined;
  /** Torrents of all seeders of one address, {@link MAX_HOLDINGS_PER_ADDRESS}; by the same rule. */
  readonly holdingsPerAddress?: number | undefined;
  /** Bytes of metainfo that the seeders of one address bring, {@link MAX_CATALOG_BYTES_PER_ADDRESS}; by the same rule. */
  readonly catalogBytesPerAddress?: number | undefined;
}

/** The highest number that a limit of a tracker can be set to; of `numWant` it is {@link MAX_NUM_WANT}. */
export const MAX_LIMIT = 2 ** 40;

/** Limits that 0 turns off. */
const MAY_BE_OFF: ReadonlySet<keyof TrackerLimits> = new Set([
  'wsConnections',
  'connectionsPerAddress',
  'requestsPerSecond',
]);

const DEFAULTS: Required<TrackerLimits> = {
  swarms: MAX_SWARMS,
  peers: MAX_PEERS,
  peersPerSwarm: MAX_PEERS_PER_SWARM,
  peersPerAddress: MAX_PEERS_PER_ADDRESS,
  numWant: MAX_NUM_WANT,
  connections: MAX_HTTP_CONNECTIONS,
  wsConnections: MAX_WS_CONNECTIONS,
  connectionsPerAddress: DEFAULT_CONNECTIONS_PER_ADDRESS,
  requestsPerSecond: DEFAULT_REQUESTS_PER_SECOND,
  requestBurst: DEFAULT_REQUEST_BURST,
  seeders: MAX_SEEDERS,
  holdings: MAX_HOLDINGS,
  catalogBytes: MAX_CATALOG_BYTES,
  seedersPerAddress: MAX_SEEDERS_PER_ADDRESS,
  holdingsPerAddress: MAX_HOLDINGS_PER_ADDRESS,
  catalogBytesPerAddress: MAX_CATALOG_BYTES_PER_ADDRESS,
};

/**
 * The limits with those filled in that are not given.
 *
 * @throws {TrackerStartError} BAD_OPTION
 */
export function limitsOf(given: TrackerLimits = {}): { readonly [Name in keyof TrackerLimits]-?: number } {
  const of = (name: keyof TrackerLimits): number => {
    const limit = given[name] ?? DEFAULTS[name]!;
    const most = name === 'numWant' ? MAX_NUM_WANT : MAX_LIMIT;
    const least = MAY_BE_OFF.has(name) ? 0 : 1;
    if (Number.isInteger(limit) && limit >= least && limit <= most) return limit;
    throw new TrackerStartError('BAD_OPTION', `limits.${name} must be ${least} to ${most}, found ${limit}`);
  };
  return {
    swarms: of('swarms'),
    peers: of('peers'),
    peersPerSwarm: of('peersPerSwarm'),
    peersPerAddress: of('peersPerAddress'),
    numWant: of('numWant'),
    connections: of('connections'),
    wsConnections: of('wsConnections'),
    connectionsPerAddress: of('connectionsPerAddress'),
    requestsPerSecond: of('requestsPerSecond'),
    requestBurst: of('requestBurst'),
    seeders: of('seeders'),
    holdings: of('holdings'),
    catalogBytes: of('catalogBytes'),
    seedersPerAddress: of('seedersPerAddress'),
    holdingsPerAddress: of('holdingsPerAddress'),
    catalogBytesPerAddress: of('catalogBytesPerAddress'),
  };
}
