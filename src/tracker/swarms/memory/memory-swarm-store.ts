import type { ScrapeEntry } from '../../../tracker-protocol/index.ts';
import { COMPACT_IPV4_BYTES, COMPACT_IPV6_BYTES, type InfoHash, type Random } from '../../../util/index.ts';
import type {
  PeerRole,
  SwarmAnswer,
  SwarmPeer,
  SwarmQuestion,
  SwarmStore,
  SwarmStoreStats,
} from '../swarm-store.ts';
import { PeerPick } from './peer-pick.ts';
import { PeerTable } from './peer-table.ts';

/** Swarms a tracker knows at once, about 2 KB each with a few peers. An empty one is forgotten. */
export const MAX_SWARMS = 500_000;
/** Peers of one swarm and one address family. */
export const MAX_PEERS_PER_SWARM = 100_000;
/** Peers of all swarms: about 40 bytes each with room to grow. */
export const MAX_PEERS = 5_000_000;

export interface MemorySwarmStoreOptions {
  /** Milliseconds after which a peer that was not heard of is forgotten. */
  readonly peerTtl: number;
  readonly random: Random;
  /** {@link MAX_SWARMS} unless given. */
  readonly maxSwarms?: number;
  /** {@link MAX_PEERS_PER_SWARM} unless given. */
  readonly maxPeersPerSwarm?: number;
  /** {@link MAX_PEERS} unless given. */
  readonly maxPeers?: number;
}

interface Swarm {
  readonly ipv4: PeerTable;
  readonly ipv6: PeerTable;
  /** How often `completed` was announced. */
  downloaded: number;
}

/** Swarms in the memory of one process: announcing costs as much as the peers asked for, whatever the swarm's size. */
export class MemorySwarmStore implements SwarmStore {
  readonly #swarms = new Map<InfoHash, Swarm>();
  readonly #peerTtl: number;
  readonly #random: Random;
  readonly #maxSwarms: number;
  readonly #maxPeersPerSwarm: number;
  readonly #maxPeers: number;
  readonly #hashSeed: number;
  #peers = 0;

  constructor(options: MemorySwarmStoreOptions) {
    this.#peerTtl = options.peerTtl;
    this.#random = options.random;
    this.#maxSwarms = options.maxSwarms ?? MAX_SWARMS;
    this.#maxPeersPerSwarm = options.maxPeersPerSwarm ?? MAX_PEERS_PER_SWARM;
    this.#maxPeers = options.maxPeers ?? MAX_PEERS;
    this.#hashSeed = Math.floor(options.random.next() * 0x1_0000_0000);
  }

  announce(
    infoHash: InfoHash,
    peer: SwarmPeer,
    question: SwarmQuestion,
    isCompleted: boolean,
    now: number,
  ): SwarmAnswer | undefined {
    const swarm = this.#swarms.get(infoHash) ?? this.#addSwarm(infoHash);
    if (swarm === undefined) return undefined;
    this.#record(swarm, peer, isCompleted, Math.floor(now / 1000));
    const { ipv4, ipv6 } = swarm;
    const complete = ipv4.seeders + ipv6.seeders;
    return {
      complete,
      incomplete: ipv4.count + ipv6.count - complete,
      peers: this.#pick(swarm, peer, question),
    };
  }

  leave(infoHash: InfoHash, address: Uint8Array): void {
    const swarm = this.#swarms.get(infoHash);
    if (swarm === undefined || !tableOf(swarm, address).remove(address)) return;
    this.#peers -= 1;
    this.#dropIfEmpty(infoHash, swarm);
  }

  scrape(infoHash: InfoHash): ScrapeEntry | undefined {
    const swarm = this.#swarms.get(infoHash);
    if (swarm === undefined) return undefined;
    const { ipv4, ipv6, downloaded } = swarm;
    const complete = ipv4.seeders + ipv6.seeders;
    return {
      complete,
      incomplete: ipv4.count + ipv6.count - complete,
      downloaded,
      downloaders: ipv4.downloaders + ipv6.downloaders,
    };
  }

  expire(now: number): number {
    const second = Math.floor((now - this.#peerTtl) / 1000);
    let expired = 0;
    for (const [infoHash, swarm] of this.#swarms) {
      expired += swarm.ipv4.expire(second) + swarm.ipv6.expire(second);
      this.#dropIfEmpty(infoHash, swarm);
    }
    this.#peers -= expired;
    return expired;
  }

  stats(): SwarmStoreStats {
    return { swarms: this.#swarms.size, peers: this.#peers };
  }

  #addSwarm(infoHash: InfoHash): Swarm | undefined {
    if (this.#swarms.size >= this.#maxSwarms || this.#peers >= this.#maxPeers) return undefined;
    const swarm: Swarm = {
      ipv4: new PeerTable(COMPACT_IPV4_BYTES, this.#hashSeed),
      ipv6: new PeerTable(COMPACT_IPV6_BYTES, this.#hashSeed),
      downloaded: 0,
    };
    this.#swarms.set(infoHash, swarm);
    return swarm;
  }

  #record(swarm: Swarm, { address, peerId, role }: SwarmPeer, isCompleted: boolean, second: number): void {
    const table = tableOf(swarm, address);
    const before = table.roleOf(address);
    if (isCompleted && role === 'seeder' && before !== 'seeder') swarm.downloaded += 1;
    if (before === undefined) {
      if (table.count >= this.#maxPeersPerSwarm || this.#peers >= this.#maxPeers) return;
      this.#peers += 1;
    }
    table.put(address, peerId, role, second);
  }

  #pick(swarm: Swarm, { address, peerId, role }: SwarmPeer, question: SwarmQuestion): SwarmAnswer['peers'] {
    const isIPv4 = address.length === COMPACT_IPV4_BYTES;
    const own = this.#pickFrom(tableOf(swarm, address), role, peerId, question.numWant, question.withPeerIds);
    const otherTable = isIPv4 ? swarm.ipv6 : swarm.ipv4;
    const other = this.#pickFrom(
      otherTable,
      role,
      peerId,
      question.numWant - own.count,
      question.withPeerIds,
    );
    const [ipv4, ipv6] = isIPv4 ? [own, other] : [other, own];
    return {
      ipv4: ipv4.addresses,
      ipv6: ipv6.addresses,
      ...(question.withPeerIds && { peerIds: Buffer.concat([ipv4.peerIds!, ipv6.peerIds!]) }),
    };
  }

  #pickFrom(
    table: PeerTable,
    role: PeerRole,
    except: Uint8Array,
    want: number,
    withPeerIds: boolean,
  ): PeerPick {
    const pick = new PeerPick(table.addressSize, Math.min(want, table.count), withPeerIds);
    table.pick(pick, role, except, this.#random);
    return pick;
  }

  #dropIfEmpty(infoHash: InfoHash, swarm: Swarm): void {
    if (swarm.ipv4.count + swarm.ipv6.count === 0) this.#swarms.delete(infoHash);
  }
}

function tableOf(swarm: Swarm, address: Uint8Array): PeerTable {
  return address.length === COMPACT_IPV4_BYTES ? swarm.ipv4 : swarm.ipv6;
}
