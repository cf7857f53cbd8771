import { createRequire } from 'node:module';
import { type Clock, type ReportError, toError } from '../../util/index.ts';
import { StoreUnavailableError } from '../errors/index.ts';
import type { Access } from '../guard/access/index.ts';
import type { AddressLimits } from '../guard/rate-limit/index.ts';
import type { Catalog } from '../registry/catalog/index.ts';
import type { SwarmLimitsMet, SwarmStore } from '../swarms/index.ts';
import { LATENCY_CLASSES, type LatencyHistogram } from './latency-histogram.ts';
import type { Refusals, StoreCalls, TrackerStats, TransportStats, WebTorrentStats } from './tracker-stats.ts';
import type { TrackerCounters, TransportCounters } from './transport-counters.ts';

/** The parts of a tracker that give figures. */
export interface StatsSources {
  readonly swarms: SwarmStore;
  readonly catalog: Catalog;
  readonly rateLimits: AddressLimits;
  readonly access: Access;
  readonly counters: TrackerCounters;
  /** The checks of seeders; `undefined`: none are made. */
  readonly checks?: { readonly notMade: number } | undefined;
  /** Gives the calls to the store; `undefined`: the store is in this process. */
  readonly storeCalls?: (() => StoreCalls) | undefined;
  readonly clock: Clock;
  /** Turns a time of the clock into milliseconds since 1970. */
  readonly toWallTime: (at: number) => number;
  readonly report: ReportError;
}

/** The figures of the store of swarms and seeders. */
export interface KnownFigures {
  readonly seeders: number | null;
  readonly swarms: number | null;
  readonly peers: number | null;
}

/** Collects the figures of all parts of a tracker: the one place that does. */
export class StatsCollector {
  /** Gives the number of open connections over TCP. */
  connections = (): number => 0;
  /** Gives the figures of peers over WebSocket. */
  webTorrent = (): WebTorrentStats => NO_WEB_TORRENT;
  isDraining = false;
  readonly #sources: StatsSources;
  readonly #startedAt: number;

  constructor(sources: StatsSources) {
    this.#sources = sources;
    this.#startedAt = sources.clock.now();
  }

  async collect(): Promise<TrackerStats> {
    const { counters, clock, toWallTime } = this.#sources;
    const known = await this.known();
    return {
      version: shoalVersion(),
      node: process.version,
      startedAt: new Date(toWallTime(this.#startedAt)).toISOString(),
      uptime: (clock.now() - this.#startedAt) / 1000,
      isDraining: this.isDraining,
      isStoreUp: known !== undefined,
      storeCalls: this.#sources.storeCalls?.() ?? NO_CALLS,
      seeders: known?.seeders ?? null,
      swarms: known?.swarms ?? null,
      peers: known?.peers ?? null,
      connections: this.connections(),
      webTorrent: this.webTorrent(),
      transports: {
        http: statsOf(counters.http),
        udp: statsOf(counters.udp),
        ws: statsOf(counters.ws),
      },
      webProblems: { ...counters.webProblems },
      refusals: refusalsOf(this.#sources),
      damages: counters.damages,
    };
  }

  /**
   * Asks the store for its figures; `null` stands for a figure that it cannot tell although it answers.
   *
   * @returns `undefined` while it does not answer
   */
  async known(): Promise<KnownFigures | undefined> {
    const { swarms, catalog, report } = this.#sources;
    const results = await Promise.allSettled([catalog.seeders({ limit: 1 }), swarms.stats()]);
    for (const result of results) {
      if (result.status === 'fulfilled') continue;
      if (result.reason instanceof StoreUnavailableError) return undefined;
      report(toError(result.reason), 'count what the store knows');
    }
    const [seeders, known] = results;
    return {
      seeders: seeders.status === 'fulfilled' ? seeders.value.total : null,
      swarms: known.status === 'fulfilled' ? known.value.swarms : null,
      peers: known.status === 'fulfilled' ? known.value.peers : null,
    };
  }
}

const NO_CALLS: StoreCalls = { waiting: 0, failed: 0 };

const NO_WEB_TORRENT: WebTorrentStats = {
  connections: 0,
  swarms: 0,
  peers: 0,
  offers: 0,
  answers: 0,
  answersDropped: 0,
  cut: 0,
};

const NO_LIMITS_MET: SwarmLimitsMet = { swarmsEvicted: 0, peersUnrecorded: 0, peersReplaced: 0 };

function refusalsOf({ rateLimits, access, counters, swarms, checks }: StatsSources): Refusals {
  const { swarmsEvicted, peersUnrecorded, peersReplaced } = swarms.limitsMet ?? NO_LIMITS_MET;
  const refused = rateLimits.stats();
  const { notAllowed, denied, noPasskey, badPasskey, noToken, badToken } = access.stats();
  return {
    ...counters.refusals,
    requests_per_address: refused.requestsRefused,
    unproven_per_address: refused.unprovenRefused,
    unpriced_per_address: refused.unpricedRefused,
    connection_rate: refused.arrivalsRefused,
    connections_per_address: refused.connectionsRefused,
    held_bytes: refused.holdersCut,
    swarm_evicted: swarmsEvicted,
    peer_unrecorded: peersUnrecorded,
    peer_replaced: peersReplaced,
    not_allowed: notAllowed,
    denied,
    no_passkey: noPasskey,
    bad_passkey: badPasskey,
    no_token: noToken,
    bad_token: badToken,
    seeder_checks: checks?.notMade ?? 0,
  };
}

function statsOf(counters: TransportCounters): TransportStats {
  const { connects, announces, scrapes, malformed, refused, failed, stale, ignored, lost } = counters;
  const counts = { connects, announces, scrapes, malformed, refused, failed, stale, ignored, lost };
  return { ...counts, latency: latencyOf(counters.latency) };
}

/** Counts as Prometheus does: each class includes those below it. */
function latencyOf({ sum, counts }: LatencyHistogram): TransportStats['latency'] {
  let count = 0;
  const classes = Array.from(counts, (own, index) => {
    count += own;
    return { seconds: LATENCY_CLASSES[index] ?? null, count };
  });
  return { sum, classes };
}

function shoalVersion(): string {
  return (createRequire(import.meta.url)('shoal/package.json') as { readonly version: string }).version;
}
