import type { Clock, Closer, Random, ReportError, Turns } from '../util/index.ts';
import type { FullScrapeOptions } from './core/full-scrape/index.ts';
import { TrackerStartError } from './errors/index.ts';
import { StateFolder } from './persistence/index.ts';
import { parseRedisAddress, type RedisAddress, type RedisCalls, RedisConnection } from './redis/index.ts';
import type { Catalog, CatalogLimits } from './registry/catalog/index.ts';
import { MemoryCatalog } from './registry/catalog/memory/index.ts';
import { RedisCatalog } from './registry/catalog/redis/index.ts';
import type { SwarmStore } from './swarms/index.ts';
import { type MemorySwarmLimits, MemorySwarmStore } from './swarms/memory/index.ts';
import { checkRedisPrefix, DEFAULT_REDIS_PREFIX, RedisSwarmStore } from './swarms/redis/index.ts';
import type { TrackerOptions } from './tracker-options.ts';

/** The limits of the stores. */
export interface StorePolicy extends MemorySwarmLimits, CatalogLimits {}

export interface StoresOptions
  extends StorePolicy,
    Pick<TrackerOptions, 'stateDir' | 'redis' | 'fullScrape' | 'onNotice'> {
  readonly clock: Clock;
  readonly random: Random;
  /** Milliseconds since 1970. */
  readonly wallTime: () => number;
  /** Turns a time of the clock into milliseconds since 1970. */
  readonly toWallTime: (at: number) => number;
  readonly report: ReportError;
  /** The turns of the event loop for long calls of the catalog. */
  readonly turns: Turns;
}

/** The stores of a tracker: swarms and catalog. */
export interface Stores {
  readonly swarms: SwarmStore;
  readonly catalog: Catalog;
  /** Counts the peers of all swarms for a full scrape. */
  readonly counts: FullScrapeOptions['counts'];
  /** Gives the calls to another machine; `undefined`: none are made. */
  readonly calls?: () => RedisCalls;
  /** Replaces the limits. */
  configure(policy: StorePolicy): void;
  /** Begins the regular work of the stores. @returns the closer that ends it; `undefined`: there is none */
  start(): Closer | undefined;
  /** The closers of the stores, in the order in which they were opened. They are called after the last request. */
  readonly closers: readonly Closer[];
}

/** @throws {TrackerStartError} BAD_OPTION, and those of `StateFolder.open()` */
export async function openStores(options: StoresOptions): Promise<Stores> {
  const redis = checkStores(options);
  return redis === undefined ? openOwn(options) : openRedis(redis, options);
}

/** Reads the address of Redis and the start of its keys, if Redis is to be used. @throws {TrackerStartError} BAD_OPTION */
export function checkStores({ redis, stateDir, fullScrape }: TrackerOptions): RedisPlace | undefined {
  if (redis === undefined) return undefined;
  if (stateDir !== undefined) {
    const conflict =
      'A tracker keeps what it knows in stateDir or on Redis, and was given both: leave one out';
    throw new TrackerStartError('BAD_OPTION', conflict);
  }
  if (fullScrape === true) {
    const conflict =
      'A tracker that keeps its swarms on Redis cannot scrape all of them: leave fullScrape out';
    throw new TrackerStartError('BAD_OPTION', conflict);
  }
  return {
    address: parseRedisAddress(redis.url, redis.cluster),
    prefix: checkRedisPrefix(redis.prefix ?? DEFAULT_REDIS_PREFIX),
  };
}

interface RedisPlace {
  readonly address: RedisAddress;
  readonly prefix: string;
}

/** Opens the stores in this process, with the folder of the state if there is one. */
async function openOwn(options: StoresOptions): Promise<Stores> {
  const { stateDir, turns, clock, wallTime, toWallTime, report } = options;
  const swarms = new MemorySwarmStore(options);
  const kept =
    stateDir === undefined
      ? undefined
      : await StateFolder.open({
          folder: stateDir,
          store: swarms,
          limits: options,
          turns,
          clock,
          wallTime,
          toWallTime,
          report,
        });
  const catalog = kept?.catalog ?? new MemoryCatalog(options);
  return {
    swarms,
    catalog,
    counts: () => swarms.counts(),
    configure(policy) {
      swarms.configure(policy);
      catalog.configure(policy);
    },
    start: () => kept?.start(),
    closers: kept?.closers ?? [],
  };
}

async function openRedis({ address, prefix }: RedisPlace, options: StoresOptions): Promise<Stores> {
  const { clock, report, onNotice: notice = () => {} } = options;
  const connection = await RedisConnection.open({ address, clock, report, notice });
  const swarms = new RedisSwarmStore({ ...options, prefix, connection });
  const catalog = new RedisCatalog({ ...options, prefix, connection });
  return {
    swarms,
    catalog,
    counts: () => [],
    calls: () => connection.stats(),
    configure(policy) {
      swarms.configure(policy);
      catalog.configure(policy);
    },
    start: () => undefined,
    closers: [{ name: 'the connection to Redis', close: () => connection.close() }],
  };
}
