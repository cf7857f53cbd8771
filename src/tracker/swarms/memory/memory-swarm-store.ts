import type { ScrapeEntry } from '../../../tracker-protocol/index.ts';
import {
  type Clock,
  COMPACT_IPV4_BYTES,
  COMPACT_IPV6_BYTES,
  type HashKey,
  INFO_HASH_BYTES,
  type InfoHash,
  keyedHash,
  newHashKey,
  type Random,
} from '../../../util/index.ts';
import { DEFAULT_LIMITS } from '../../settings.ts';
import type {
  RecordHolder,
  SwarmLimitsMet,
  SwarmPeer,
  SwarmQuestion,
  SwarmResponse,
  SwarmStore,
  SwarmStoreStats,
} from '../swarm-store.ts';
import { AddressShare } from './address-share.ts';
import { AddressTurns } from './address-turns.ts';
import { pickVictim } from './eviction.ts';
import { HolderNumbers, mayChange, mayRemove, SELF } from './holder.ts';
import { PagePool } from './page-pool.ts';
import type { PeerTables } from './peer-tables.ts';
import { type Choice, pickPeers } from './pick-peers.ts';
import { ScatteredPlaces } from './places.ts';
import { readSwarms, saveSwarms } from './saved-swarms.ts';
import { Shard } from './shard.ts';
import { SitePlaces } from './site-places.ts';
import { countSwarms } from './swarm-counts.ts';

/** The number of shards of the store; growing and tidying up is done to one at a time. A power of two. */
const SHARDS = 128;
/**
 * The cost of a step of expiry: looking at a swarm is 1, forgetting a peer {@link FORGETTING}. It is a tenth of a
 * millisecond, because Node reads at most 32 packets between two steps: longer ones would leave less than half of the time
 * to announces.
 */
const EXPIRY_STEP = 512;
const FORGETTING = 8;

/** The limits of a store, which can be replaced while it is used. */
export interface MemorySwarmLimits {
  /** The milliseconds after which a silent peer is forgotten. */
  readonly peerTtl: number;
  /** The default is that of {@link DEFAULT_LIMITS}. */
  readonly maxSwarms?: number;
  /** The default is that of {@link DEFAULT_LIMITS}. */
  readonly maxPeersPerSwarm?: number;
  /** The most peers of one public address in a swarm; the default is that of {@link DEFAULT_LIMITS}. */
  readonly maxPeersPerAddress?: number;
  /** The default is that of {@link DEFAULT_LIMITS}. */
  readonly maxPeers?: number;
}

export interface MemorySwarmStoreOptions extends MemorySwarmLimits {
  readonly random: Random;
}

/**
 * Swarms in the memory of one process. The cost of an announce depends on the number of peers asked for, not on the size of
 * the swarm.
 *
 * Swarms are spread over {@link SHARDS} shards by a hash of their info-hash that nobody else can compute. All growing,
 * shrinking and tidying up is done to one shard at a time, a fraction of a millisecond with a million peers.
 */
export class MemorySwarmStore implements SwarmStore {
  readonly #shards: Shard[];
  readonly #random: Random;
  #peerTtl = 0;
  #maxSwarms = DEFAULT_LIMITS.maxSwarms;
  #maxPeersPerSwarm = DEFAULT_LIMITS.maxPeersPerSwarm;
  #maxPeersPerAddress = DEFAULT_LIMITS.maxPeersPerAddress;
  #maxPeers = DEFAULT_LIMITS.maxPeers;
  /**
   * The secret key of the hash. It does not come from {@link Random}, whose numbers can be guessed from the peers that are
   * handed out.
   */
  readonly #hashKey: HashKey = newHashKey();
  readonly #holders = new HolderNumbers();
  readonly #share = new AddressShare();
  readonly #choice: Choice;
  /** The info-hash of the current call. */
  readonly #infoHash = Buffer.alloc(INFO_HASH_BYTES);
  #hash = 0;
  #swarmsEvicted = 0;
  #peersUnrecorded = 0;
  #peersReplaced = 0;
  #swarms = 0;
  #peers = 0;
  #hasChanged = false;
  /** The shard in which the next step of expiry goes on, and the number of its swarms that have not had their turn. */
  readonly #expiring = { shard: 0, swarms: Number.POSITIVE_INFINITY };

  constructor(options: MemorySwarmStoreOptions) {
    this.#random = options.random;
    this.#choice = { random: options.random, turns: new AddressTurns(options.random) };
    this.configure(options);
    const poolOf = (size: number): PagePool => new PagePool(size, new SitePlaces(this.#hashKey, size));
    const [ipv4, ipv6] = [poolOf(COMPACT_IPV4_BYTES), poolOf(COMPACT_IPV6_BYTES)];
    const places = new ScatteredPlaces(this.#hashKey, INFO_HASH_BYTES);
    this.#shards = Array.from({ length: SHARDS }, () => new Shard(places, ipv4, ipv6));
  }

  /** Replaces the limits. Peers that are there already stay until their time is up. */
  configure({ peerTtl, maxSwarms, maxPeersPerSwarm, maxPeersPerAddress, maxPeers }: MemorySwarmLimits): void {
    this.#peerTtl = peerTtl;
    this.#maxSwarms = maxSwarms ?? DEFAULT_LIMITS.maxSwarms;
    this.#maxPeersPerSwarm = maxPeersPerSwarm ?? DEFAULT_LIMITS.maxPeersPerSwarm;
    this.#maxPeersPerAddress = maxPeersPerAddress ?? DEFAULT_LIMITS.maxPeersPerAddress;
    this.#maxPeers = maxPeers ?? DEFAULT_LIMITS.maxPeers;
  }

  announce(
    infoHash: InfoHash,
    peer: SwarmPeer,
    question: SwarmQuestion,
    isCompleted: boolean,
    now: number,
  ): SwarmResponse {
    this.#hasChanged = true;
    const shard = this.#shardOf(infoHash);
    const second = Math.floor(now / 1000);
    const swarm = this.#record(shard, peer, isCompleted, second);
    if (swarm === -1) return { complete: 0, incomplete: 0, peers: NO_PEERS, age: 0 };
    const complete = shard.seedersOf(swarm);
    return {
      complete,
      incomplete: shard.peersOf(swarm) - complete,
      peers: this.#pick(shard, swarm, peer, question),
      age: Math.max(0, second - shard.bornAt(swarm)) * 1000,
    };
  }

  leave(infoHash: InfoHash, address: Uint8Array, by?: RecordHolder): void {
    const shard = this.#shardOf(infoHash);
    const swarm = shard.find(this.#infoHash, this.#hash);
    if (swarm === -1) return;
    const table = tableOf(shard, swarm, address);
    const row = table.find(address);
    if (row === -1 || !mayRemove(table.rows.holderAt(row), this.#holders.of(by))) return;
    table.remove(row);
    this.#peers -= 1;
    this.#hasChanged = true;
    this.#dropIfEmpty(shard, swarm);
    shard.tidyUp();
  }

  scrape(infoHash: InfoHash): ScrapeEntry | undefined {
    const shard = this.#shardOf(infoHash);
    const swarm = shard.find(this.#infoHash, this.#hash);
    if (swarm === -1) return undefined;
    const complete = shard.seedersOf(swarm);
    return {
      complete,
      incomplete: shard.peersOf(swarm) - complete,
      downloaded: shard.downloadedOf(swarm),
      downloaders: shard.downloadersOf(swarm),
    };
  }

  expire(now: number): boolean {
    const second = Math.floor((now - this.#peerTtl) / 1000);
    const expiring = this.#expiring;
    for (let budget = EXPIRY_STEP; budget > 0; ) {
      const shard = this.#shards[expiring.shard]!;
      // The swarms of a shard are looked at from the last to the first, because the last one takes the place of a forgotten
      // one.
      const swarm = Math.min(expiring.swarms, shard.count) - 1;
      if (swarm < 0) {
        shard.tidyUp();
        expiring.shard = (expiring.shard + 1) % SHARDS;
        expiring.swarms = Number.POSITIVE_INFINITY;
        if (expiring.shard === 0) return true;
        continue;
      }
      const limit = Math.ceil(budget / FORGETTING);
      const forgotten = shard.expire(swarm, second, limit);
      this.#peers -= forgotten;
      this.#dropIfEmpty(shard, swarm);
      budget -= 1 + forgotten * FORGETTING;
      expiring.swarms = forgotten === limit ? swarm + 1 : swarm;
    }
    return false;
  }

  get limitsMet(): SwarmLimitsMet {
    return {
      swarmsEvicted: this.#swarmsEvicted,
      peersUnrecorded: this.#peersUnrecorded,
      peersReplaced: this.#peersReplaced,
    };
  }

  stats(): SwarmStoreStats {
    return { swarms: this.#swarms, peers: this.#peers };
  }

  /** Counts the peers of all swarms: see {@link countSwarms}. */
  counts(): Generator<Buffer> {
    return countSwarms(this.#shards);
  }

  /** Says whether any peer announced or left since the last call. Peers that only expired do not count. */
  takeChanged(): boolean {
    const hasChanged = this.#hasChanged;
    this.#hasChanged = false;
    return hasChanged;
  }

  /** Gives all swarms for {@link restore}: see {@link saveSwarms}. */
  save(clock: Clock): Generator<Buffer> {
    return saveSwarms(this.#shards, clock);
  }

  /**
   * Adds the swarms of a saved part, without the peers whose time is up.
   *
   * @param elapsed the milliseconds since they were saved
   * @throws {RangeError} when the bytes are no such part; swarms before the fault are added
   */
  restore(part: Buffer, elapsed: number, now: number): void {
    const savedAt = (now - elapsed) / 1000;
    const oldest = (now - this.#peerTtl) / 1000;
    for (const { infoHash, downloaded, age, peers } of readSwarms(part)) {
      this.#infoHash.set(infoHash);
      const shard = this.#shardOfKey();
      let swarm = shard.find(this.#infoHash, this.#hash);
      const isNew = swarm === -1;
      for (const peer of peers) {
        const seenAt = Math.floor(savedAt - peer.silence);
        const isKnown = swarm !== -1 && tableOf(shard, swarm, peer.address).find(peer.address) !== -1;
        if (seenAt >= oldest && !isKnown) swarm = this.#add(shard, swarm, peer, SELF, seenAt);
      }
      if (isNew && swarm !== -1) shard.setHistory(swarm, Math.floor(savedAt - age), downloaded);
    }
  }

  /** Copies the info-hash into {@link #infoHash}. @returns the shard of its swarm */
  #shardOf(infoHash: InfoHash): Shard {
    this.#infoHash.write(infoHash, 'hex');
    return this.#shardOfKey();
  }

  #shardOfKey(): Shard {
    // The low bits name the shard; the high ones say where in the shard.
    this.#hash = keyedHash(this.#hashKey, this.#infoHash, 0, INFO_HASH_BYTES);
    return this.#shards[this.#hash & (SHARDS - 1)]!;
  }

  /** @returns the number of the swarm; -1 when there is no swarm and no room for one */
  #record(shard: Shard, peer: SwarmPeer, isCompleted: boolean, second: number): number {
    const swarm = shard.find(this.#infoHash, this.#hash);
    const holder = this.#holders.of(peer.heldBy);
    if (swarm === -1) return this.#add(shard, swarm, peer, holder, second);
    const table = tableOf(shard, swarm, peer.address);
    const row = table.find(peer.address);
    if (row === -1) return this.#add(shard, swarm, peer, holder, second);
    if (!mayChange(table.rows.holderAt(row), holder)) return swarm;
    if (isCompleted && peer.role === 'seeder' && table.roleAt(row) !== 'seeder') {
      shard.addDownloaded(swarm, 1);
    }
    table.update(row, peer.peerId, peer.role, holder, second);
    shard.setHeardAt(swarm, second);
    return swarm;
  }

  /** Adds a peer for which there is room, and its swarm if `known` is -1. @returns the number of the swarm */
  #add(shard: Shard, known: number, peer: SwarmPeer, holder: number, second: number): number {
    const replaced = known === -1 ? 0 : this.#replace(tableOf(shard, known, peer.address), peer, holder);
    if (replaced === -1 || (replaced === 0 && this.#isFull(shard, known, peer.address))) {
      this.#peersUnrecorded += 1;
      return known;
    }
    // The number of this swarm may have changed when another one was forgotten.
    let swarm = known === -1 ? -1 : shard.find(this.#infoHash, this.#hash);
    if (swarm === -1) {
      swarm = shard.add(this.#infoHash, second);
      this.#swarms += 1;
    }
    tableOf(shard, swarm, peer.address).add(peer, holder, second);
    shard.setHeardAt(swarm, second);
    this.#peers += 1;
    return swarm;
  }

  /**
   * Forgets peers that give way to another one of the same address.
   *
   * @returns their number; -1 when there is no room for the peer
   */
  #replace(table: PeerTables, { address, role }: SwarmPeer, holder: number): number {
    const replaced = this.#share.makeRoom(table, address, role, holder, this.#maxPeersPerAddress);
    if (replaced > 0) {
      this.#peersReplaced += replaced;
      this.#peers -= replaced;
    }
    return replaced;
  }

  /** Says whether there is no room for another peer in the swarm, and none can be made. @param swarm -1 for a new one */
  #isFull(shard: Shard, swarm: number, address: Uint8Array): boolean {
    const isNew = swarm === -1;
    if (!isNew && tableOf(shard, swarm, address).count >= this.#maxPeersPerSwarm) return true;
    const hasRoom = this.#peers < this.#maxPeers && (!isNew || this.#swarms < this.#maxSwarms);
    return !hasRoom && !this.#evict(shard, swarm);
  }

  /** Forgets another swarm to make room. @returns whether there was one */
  #evict(shard: Shard, swarm: number): boolean {
    const victim = pickVictim(this.#shards, this.#swarms, { shard, swarm }, this.#random);
    if (victim === undefined) return false;
    this.#swarmsEvicted += 1;
    this.#peers -= victim.shard.peersOf(victim.swarm);
    victim.shard.remove(victim.swarm);
    victim.shard.tidyUp();
    this.#swarms -= 1;
    return true;
  }

  #pick(shard: Shard, swarm: number, peer: SwarmPeer, question: SwarmQuestion): SwarmResponse['peers'] {
    const isIPv4 = peer.address.length === COMPACT_IPV4_BYTES;
    const own = tableOf(shard, swarm, peer.address);
    const other = (isIPv4 ? shard.ipv6 : shard.ipv4).at(swarm);
    const ownPick = pickPeers(own, peer, question.numWant, question, this.#choice);
    const otherPick = pickPeers(other, peer, question.numWant - ownPick.count, question, this.#choice);
    const [ipv4, ipv6] = isIPv4 ? [ownPick, otherPick] : [otherPick, ownPick];
    const peers = { ipv4: ipv4.addresses, ipv6: ipv6.addresses };
    if (!question.withPeerIds) return peers;
    return { ...peers, peerIds: Buffer.concat([ipv4.peerIds!, ipv6.peerIds!]) };
  }

  #dropIfEmpty(shard: Shard, swarm: number): void {
    if (shard.peersOf(swarm) > 0) return;
    shard.remove(swarm);
    this.#swarms -= 1;
  }
}

const NO_PEERS = { ipv4: new Uint8Array(), ipv6: new Uint8Array() };

function tableOf(shard: Shard, swarm: number, address: Uint8Array): PeerTables {
  return (address.length === COMPACT_IPV4_BYTES ? shard.ipv4 : shard.ipv6).at(swarm);
}
