import type { ScrapeEntry } from '../../../tracker-protocol/index.ts';
import { type InfoHash, type Random, randomBelow } from '../../../util/index.ts';
import { TrackerStartError } from '../../errors/index.ts';
import type { RedisArgument, RedisConnection } from '../../redis/index.ts';
import { DEFAULT_LIMITS } from '../../settings.ts';
import {
  CUSTOMER_SHARES,
  customerBytes,
  isPrivateAt,
  networkBytes,
  PRIVATE_SHARES,
  siteBytes,
} from '../peer-site.ts';
import type {
  PeerRole,
  RecordHolder,
  SwarmPeer,
  SwarmQuestion,
  SwarmResponse,
  SwarmStore,
  SwarmStoreStats,
} from '../swarm-store.ts';
import { chooseAmong, peersToPick } from './peer-choice.ts';
import { ANNOUNCE, LEAVE, SCRAPE } from './swarm-scripts.ts';

/** The number of keys of each server that are looked at to estimate the numbers of swarms and peers. */
export const STATS_SAMPLE = 1000;
/** The milliseconds for which an estimate is reused. */
const STATS_MAX_AGE = 5000;
/** The start of all keys, by default. */
export const DEFAULT_REDIS_PREFIX = 'shoal:';

/** The most characters of that start. */
const MAX_PREFIX = 100;

/**
 * Checks the start of all keys, which must have no braces: they mark the part of a key that a cluster keeps together.
 *
 * @throws {TrackerStartError} BAD_OPTION
 */
export function checkRedisPrefix(prefix: string): string {
  if (prefix.length <= MAX_PREFIX && /^[!-z|~]*$/.test(prefix)) return prefix;
  throw new TrackerStartError(
    'BAD_OPTION',
    `The prefix of keys on Redis has up to ${MAX_PREFIX} visible characters and no braces, found ${JSON.stringify(prefix)}`,
  );
}

/** The limits of a store, which can be replaced while it is used. */
export interface RedisSwarmLimits {
  /** The milliseconds after which a silent peer is forgotten. */
  readonly peerTtl: number;
  /** The default is that of {@link DEFAULT_LIMITS}. */
  readonly maxPeersPerSwarm?: number;
  /** The most peers of one public address in a swarm; the default is that of {@link DEFAULT_LIMITS}. */
  readonly maxPeersPerAddress?: number;
}

export interface RedisSwarmStoreOptions extends RedisSwarmLimits {
  readonly connection: RedisConnection;
  readonly random: Random;
  /**
   * The start of all keys; the default is {@link DEFAULT_REDIS_PREFIX}. It must have no `{` and `}`, which mark the part of
   * a key that a cluster keeps together.
   */
  readonly prefix?: string;
  /**
   * The clock that counts; by default the server's, so that trackers that share swarms need not agree on the time, and one
   * whose clock is wrong forgets no peers. `caller` takes the times of the calls, as a test does that moves its clock.
   */
  readonly times?: 'server' | 'caller';
}

/**
 * Swarms on Redis or Valkey, shared by any number of trackers. An announce is one script on the server of the swarm: in one
 * step it records the peer, counts, and picks others, at a cost that does not grow with the swarm.
 *
 * Where the contract leaves a choice:
 *
 * - A peer is forgotten as soon as its time is up, without rounds; {@link RedisSwarmStore.expire} has nothing to do.
 * - The number of swarms and of all peers is limited by the server's `maxmemory`: every key has an end, so a policy such as
 *   `volatile-ttl` makes room by removing those that end first, of swarms that have been silent for the longest time. A
 *   swarm has several keys. One that has lost its hash begins anew, with its downloads counted from 0; one that has lost a
 *   set of peers has each of them again when it announces.
 * - {@link RedisSwarmStore.stats} counts up to {@link STATS_SAMPLE} keys of a server, and estimates the rest from those; a
 *   figure is up to {@link STATS_MAX_AGE} ms old.
 */
export class RedisSwarmStore implements SwarmStore {
  readonly #connection: RedisConnection;
  readonly #random: Random;
  readonly #prefix: string;
  readonly #takesTimes: boolean;
  #peerTtl: number;
  #maxPeersPerSwarm: number;
  #maxPeersPerAddress: number;
  /** The latest time of the calls so far, if the caller's time counts. */
  #now = 0;
  #oldest = 0;
  #stats: { readonly at: number; readonly stats: Promise<SwarmStoreStats> } | undefined;

  constructor({ connection, random, prefix, times, ...limits }: RedisSwarmStoreOptions) {
    this.#connection = connection;
    this.#random = random;
    this.#prefix = prefix ?? DEFAULT_REDIS_PREFIX;
    this.#takesTimes = times === 'caller';
    this.#peerTtl = limits.peerTtl;
    this.#maxPeersPerSwarm = limits.maxPeersPerSwarm ?? DEFAULT_LIMITS.maxPeersPerSwarm;
    this.#maxPeersPerAddress = limits.maxPeersPerAddress ?? DEFAULT_LIMITS.maxPeersPerAddress;
  }

  /** Replaces the limits. All trackers of one Redis should have the same. */
  configure({ peerTtl, maxPeersPerSwarm, maxPeersPerAddress }: RedisSwarmLimits): void {
    this.#peerTtl = peerTtl;
    this.#maxPeersPerSwarm = maxPeersPerSwarm ?? DEFAULT_LIMITS.maxPeersPerSwarm;
    this.#maxPeersPerAddress = maxPeersPerAddress ?? DEFAULT_LIMITS.maxPeersPerAddress;
  }

  async announce(
    infoHash: InfoHash,
    peer: SwarmPeer,
    question: SwarmQuestion,
    isCompleted: boolean,
    now: number,
  ): Promise<SwarmResponse> {
    const { address, peerId, role, heldBy } = peer;
    if (this.#takesTimes) this.#now = now;
    const isIPv6 = address.length === 18;
    const picked = (await this.#connection.run(ANNOUNCE, this.#keyOf(infoHash), [
      ...this.#times(),
      // Bytes are copied, because calls of one turn of the event loop go out together at its end.
      Buffer.from(address),
      holderOf(heldBy),
      Buffer.from(peerId),
      ROLES[role],
      isCompleted ? 1 : 0,
      peersToPick(question),
      randomBelow(this.#random, 2 ** 32),
      this.#maxPeersPerSwarm,
      ...this.#sharesOf(address),
    ])) as [number, number, number, Buffer, Buffer, Buffer, Buffer];
    const [complete, incomplete, age, up4, down4, up6, down6] = picked;
    const ipv4 = { uploaders: up4, downloaders: down4 };
    const ipv6 = { uploaders: up6, downloaders: down6 };
    return {
      complete,
      incomplete,
      peers: chooseAmong(ipv4, ipv6, isIPv6, question),
      age: Math.floor(age / 1000) * 1000,
    };
  }

  async leave(infoHash: InfoHash, address: Uint8Array, by?: RecordHolder): Promise<void> {
    const words = [...this.#times(), Buffer.from(address), holderOf(by)];
    await this.#connection.run(LEAVE, this.#keyOf(infoHash), words);
  }

  async scrape(infoHash: InfoHash): Promise<ScrapeEntry | undefined> {
    return this.#scrapeKey(this.#keyOf(infoHash));
  }

  expire(now: number): boolean {
    this.#now = now;
    this.#oldest = now - this.#peerTtl;
    return true;
  }

  async stats(): Promise<SwarmStoreStats> {
    const at = performance.now();
    if (this.#takesTimes || this.#stats === undefined || at - this.#stats.at >= STATS_MAX_AGE) {
      const stats = this.#count().catch((thrown: unknown) => {
        // A failure is not reused.
        this.#stats = undefined;
        throw thrown;
      });
      this.#stats = { at, stats };
    }
    return this.#stats.stats;
  }

  async #count(): Promise<SwarmStoreStats> {
    let [swarms, peers] = [0, 0];
    for (const { keys, of } of await this.#connection.sampleKeys(STATS_SAMPLE)) {
      const share = of / Math.max(keys.length, 1);
      const found = await Promise.all(
        keys.filter((key) => this.#isSwarm(key)).map((key) => this.#scrapeKey(key)),
      );
      for (const entry of found) {
        if (entry === undefined) continue;
        swarms += share;
        peers += share * (entry.complete + entry.incomplete);
      }
    }
    return { swarms: Math.round(swarms), peers: Math.round(peers) };
  }

  async #scrapeKey(key: string): Promise<ScrapeEntry | undefined> {
    const found = await this.#connection.run(SCRAPE, key, [...this.#times(), '']);
    if (found === null) return undefined;
    const [complete, partial, downloaders, downloaded] = found as [number, number, number, number];
    return { complete, incomplete: partial + downloaders, downloaded, downloaders };
  }

  #times(): RedisArgument[] {
    return this.#takesTimes ? [this.#peerTtl, this.#now, this.#oldest] : [this.#peerTtl, '', ''];
  }

  /**
   * Gives the number of bytes of an address that name its site, and the most peers of a site; the same two for its customer;
   * the most peers that a client may name; and the number of bytes of its network.
   */
  #sharesOf(address: Uint8Array): RedisArgument[] {
    const perAddress = this.#maxPeersPerAddress;
    const size = address.length;
    const perSite = isPrivateAt(address, 0, size) ? perAddress * PRIVATE_SHARES : perAddress;
    const site = siteBytes(address, 0, size);
    const customer = customerBytes(address, 0, size);
    const perCustomer = customer < site ? perAddress * CUSTOMER_SHARES : perSite;
    const network = isPrivateAt(address, 0, size) ? 0 : networkBytes(size);
    return [site, perSite, customer, perCustomer, perAddress, network];
  }

  #keyOf(infoHash: InfoHash): string {
    return `${this.#prefix}{${infoHash}}`;
  }

  #isSwarm(key: string): boolean {
    return key.startsWith(this.#prefix) && SWARM_TAG.test(key.slice(this.#prefix.length));
  }
}

const SWARM_TAG = /^\{[0-9a-f]{40}\}$/;
const ROLES: Readonly<Record<PeerRole, string>> = { seeder: 's', partialSeed: 'p', downloader: 'd' };

/** Encodes a holder for the scripts. */
function holderOf(holder: RecordHolder | undefined): RedisArgument {
  if (holder === undefined) return '';
  return holder === 'registry' ? 'r' : Buffer.from(holder);
}
