import type { Cluster, Redis, RedisOptions } from 'ioredis';
import { type Clock, type ReportError, toError } from '../../util/index.ts';
import { StoreUnavailableError, TrackerStartError } from '../errors/index.ts';
import type { RedisAddress } from './redis-address.ts';
import { RedisHealth } from './redis-health.ts';
import type { Script } from './script.ts';

/** The most calls that wait for Redis at once. Another call is refused, as if Redis did not answer. */
export const MAX_REDIS_CALLS = 10_000;
/** The milliseconds that Redis has to answer a call or to accept a connection. */
export const REDIS_CALL_TIMEOUT = 2000;
/** Milliseconds without a byte from Redis, after the time of a call is over, until the connection is given up. */
const SILENCE_AFTER_TIMEOUT = 1000;
/** The most milliseconds between attempts to connect. */
const MAX_RETRY_DELAY = 1000;
/** The number of times that a call is tried at another node of a cluster: one move, one fail-over. */
const MAX_REDIRECTIONS = 3;

export interface RedisConnectionOptions {
  readonly address: RedisAddress;
  readonly clock: Clock;
  readonly report: ReportError;
  /** Receives the message that Redis answers again. */
  readonly notice: (message: string) => void;
  /** Milliseconds for Redis to answer a call; {@link REDIS_CALL_TIMEOUT} by default. */
  readonly callTimeout?: number;
}

/** The figures of the calls to Redis. */
export interface RedisCalls {
  /** The number of calls that wait for a reply now. */
  readonly waiting: number;
  /** The number of calls that got no reply, or a wrong one. */
  readonly failed: number;
}

/** An argument of a script. */
export type RedisArgument = string | Buffer | number;

/** The calls of ioredis that its types leave out. */
interface ScriptCalls {
  evalBuffer(lua: string, keys: 1, key: string, values: readonly RedisArgument[]): Promise<unknown>;
  evalshaBuffer(sha1: string, keys: 1, key: string, values: readonly RedisArgument[]): Promise<unknown>;
}
type Client = (Redis | Cluster) & ScriptCalls;

/**
 * A connection to Redis or Valkey, one server or a cluster. While it does not answer, each call fails at once with
 * `StoreUnavailableError`, and no call waits longer than {@link REDIS_CALL_TIMEOUT}. It connects again by itself. Calls of
 * one turn of the event loop go out together.
 */
export class RedisConnection {
  readonly #client: Client;
  readonly #health: RedisHealth;
  #calls = 0;
  #failedCalls = 0;

  private constructor(client: Client, health: RedisHealth) {
    this.#client = client;
    this.#health = health;
    client.on('error', (error: Error) => health.failed(error));
  }

  /**
   * Connects to Redis. It is no error when Redis does not answer now.
   *
   * @throws {TrackerStartError} BAD_OPTION
   */
  static async open(wanted: RedisConnectionOptions): Promise<RedisConnection> {
    const { Redis, Cluster } = await loadClient();
    const { address, clock, report, notice, callTimeout = REDIS_CALL_TIMEOUT } = wanted;
    const { servers, isCluster, tls, username, password, db } = address;
    const options = {
      ...(username !== undefined && { username }),
      ...(password !== undefined && { password }),
      ...(tls && { tls: {} }),
      commandTimeout: callTimeout,
      connectTimeout: REDIS_CALL_TIMEOUT,
      socketTimeout: callTimeout + SILENCE_AFTER_TIMEOUT,
      // A call is not repeated later: the peer announces again, and its earlier announce means nothing then.
      maxRetriesPerRequest: 0,
      autoResendUnfulfilledCommands: false,
    } satisfies RedisOptions;
    const delay = (attempts: number): number => Math.min(attempts * 50, MAX_RETRY_DELAY);
    const health = new RedisHealth(isCluster ? 'The Redis cluster' : 'Redis', clock, report, notice);
    const client = isCluster
      ? new Cluster(
          servers.flatMap((server) => ('host' in server ? [server] : [])),
          {
            redisOptions: options,
            enableOfflineQueue: false,
            enableAutoPipelining: true,
            clusterRetryStrategy: delay,
            maxRedirections: MAX_REDIRECTIONS,
            slotsRefreshTimeout: REDIS_CALL_TIMEOUT,
          },
        )
      : new Redis({
          ...options,
          ...servers[0],
          ...(db !== undefined && { db }),
          enableOfflineQueue: false,
          enableAutoPipelining: true,
          retryStrategy: delay,
        });
    const connection = new RedisConnection(client as Client, health);
    await new Promise<void>((resolve) => {
      client.once('ready', () => resolve());
      client.once('close', () => resolve());
    });
    return connection;
  }

  /** Says whether calls fail now, or did a moment ago. */
  get isAway(): boolean {
    return this.#health.isAway;
  }

  stats(): RedisCalls {
    return { waiting: this.#calls, failed: this.#failedCalls };
  }

  /**
   * Runs a script on the server of `key`.
   *
   * @param values byte arrays among them must not be changed before the call has returned
   * @returns the result of the script: numbers, bytes as `Buffer`, and lists of them
   * @throws {StoreUnavailableError}
   */
  async run({ lua, sha1 }: Script, key: string, values: readonly RedisArgument[]): Promise<unknown> {
    return this.#call(async (client) => {
      try {
        return await client.evalshaBuffer(sha1, 1, key, values);
      } catch (thrown) {
        if (!toError(thrown).message.startsWith('NOSCRIPT')) throw thrown;
        return client.evalBuffer(lua, 1, key, values);
      }
    });
  }

  /**
   * Asks each server for up to `count` keys, or a few more, and for the number of its keys.
   *
   * @throws {StoreUnavailableError}
   */
  async sampleKeys(
    count: number,
  ): Promise<readonly { readonly keys: readonly string[]; readonly of: number }[]> {
    return this.#call(async (client) =>
      Promise.all(mastersOf(client).map((server) => sampleOf(server, count))),
    );
  }

  /** Waits for the calls under way, no longer than calls may take, and closes the connection. */
  async close(): Promise<void> {
    if (this.#client.status === 'ready') await this.#client.quit();
    else this.#client.disconnect();
  }

  async #call<Result>(work: (client: Client) => Promise<Result>): Promise<Result> {
    if (this.#calls >= MAX_REDIS_CALLS) {
      this.#failedCalls += 1;
      throw new StoreUnavailableError('STORE_BUSY', `${MAX_REDIS_CALLS} calls wait for Redis already`);
    }
    this.#calls += 1;
    try {
      const result = await work(this.#client);
      if (this.#health.isAway) this.#health.succeeded();
      return result;
    } catch (thrown) {
      const error = toError(thrown);
      // An error of a script is a defect of the tracker, and no reason to announce again later.
      if (isScriptError(error)) throw error;
      this.#failedCalls += 1;
      this.#health.failed(error);
      throw new StoreUnavailableError('STORE_AWAY', `Redis does not answer: ${error.message}`, {
        cause: error,
      });
    } finally {
      this.#calls -= 1;
    }
  }
}

async function loadClient(): Promise<Pick<typeof import('ioredis'), 'Redis' | 'Cluster'>> {
  try {
    return await import('ioredis');
  } catch (cause) {
    throw new TrackerStartError(
      'BAD_OPTION',
      'To keep swarms on Redis the package ioredis is needed, and cannot be loaded: npm install ioredis@6',
      { cause },
    );
  }
}

/**
 * The errors of a server that cannot do now what it is asked, as one that is full or a replica, also from within a script.
 */
const STATE_OF_SERVER = /\b(?:OOM|READONLY|MISCONF|NOREPLICAS|MASTERDOWN|LOADING|CLUSTERDOWN|TRYAGAIN) /;

function isScriptError({ message }: Error): boolean {
  return /^(?:ERR|WRONGTYPE) /.test(message) && !STATE_OF_SERVER.test(message);
}

function mastersOf(client: Redis | Cluster): readonly Redis[] {
  return 'nodes' in client ? client.nodes('master') : [client];
}

async function sampleOf(
  server: Redis,
  count: number,
): Promise<{ readonly keys: readonly string[]; readonly of: number }> {
  const of = await server.dbsize();
  const keys: string[] = [];
  for (let cursor = '0'; ; ) {
    const [next, found] = await server.scan(cursor, 'COUNT', count);
    keys.push(...found);
    if (next === '0') return { keys, of: keys.length };
    if (keys.length >= count) return { keys, of };
    cursor = next;
  }
}
