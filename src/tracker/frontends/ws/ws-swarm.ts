import type { ByteText, ScrapeEntry } from '../../../tracker-protocol/index.ts';
import { type Random, randomBelow } from '../../../util/index.ts';
import { MAX_WS_PLACES_PER_ADDRESS, MAX_WS_PLACES_PER_NETWORK, WsPlaces } from './ws-places.ts';

/** Peers of a swarm that are looked at to pick some: twice as many as one network may have there. */
const LOOKED_AT = 2 * MAX_WS_PLACES_PER_NETWORK;

/** The connection of a peer, as far as a swarm needs it. */
export interface PeerLink {
  /** The canonical address of the client at the other end. */
  readonly host: string;
  /** The key of the address by which the number of its peers is limited. */
  readonly clientKey: number | string;
  /** The key of its network, whose addresses may all belong to one person. */
  readonly network: number | string;
  /** Its peers, usually one in each swarm, in any order. The list is replaced by a new one with each change, to save memory. */
  peers: readonly WsPeer[];
  /** Sends a message, which is lost when the connection has closed or its client does not read. @param message JSON */
  send(message: string): void;
}

const NO_PLACE = -1;

/** A peer of one swarm, which can be reached over its connection only. */
export class WsPeer {
  readonly swarm: WsSwarm;
  readonly id: ByteText;
  link: PeerLink;
  isSeeder = false;
  /** Its index among the seeders or the other peers of its swarm; {@link NO_PLACE}: its address has no place left. */
  index = NO_PLACE;
  /** The time of its last announce, in whole seconds. */
  seenAt = 0;

  constructor(swarm: WsSwarm, id: ByteText, link: PeerLink) {
    this.swarm = swarm;
    this.id = id;
    this.link = link;
  }
}

/**
 * The peers of one torrent. Every peer is in {@link #byId} once and, if it has a place, once in the list of seeders or in
 * that of the others, at its `index`. So joining, leaving and becoming a seeder cost the same in a swarm of any size.
 */
export class WsSwarm {
  readonly infoHash: ByteText;
  /** The time at which the swarm was made, in whole seconds. */
  readonly bornAt: number;
  readonly #byId = new Map<ByteText, WsPeer>();
  readonly #seeders: WsPeer[] = [];
  readonly #others: WsPeer[] = [];
  #downloaded = 0;
  /** The count of places; `undefined` as long as the swarm has fewer peers than one address may have places. */
  #places: WsPlaces | undefined;

  constructor(infoHash: ByteText, bornAt: number) {
    this.infoHash = infoHash;
    this.bornAt = bornAt;
  }

  get size(): number {
    return this.#byId.size;
  }

  get complete(): number {
    return this.#seeders.length;
  }

  get incomplete(): number {
    return this.#others.length;
  }

  scrape(): ScrapeEntry {
    return { complete: this.complete, incomplete: this.incomplete, downloaded: this.#downloaded };
  }

  find(id: ByteText): WsPeer | undefined {
    return this.#byId.get(id);
  }

  /** Adds a peer. @param id an id that no peer of the swarm has */
  join(id: ByteText, link: PeerLink, isSeeder: boolean): WsPeer {
    const peer = new WsPeer(this, id, link);
    this.#byId.set(id, peer);
    peer.isSeeder = isSeeder;
    this.#enlist(peer);
    return peer;
  }

  leave(peer: WsPeer): void {
    this.#byId.delete(peer.id);
    this.#strike(peer);
  }

  /**
   * Notes whether a peer has all pieces.
   *
   * @param isCompleted whether it says that it just got the last piece; this does not count for a peer that was a seeder
   */
  update(peer: WsPeer, isSeeder: boolean, isCompleted: boolean): void {
    if (peer.isSeeder === isSeeder) {
      // A place may have become free.
      if (peer.index === NO_PLACE) this.#enlist(peer);
      return;
    }
    if (isSeeder && isCompleted) this.#downloaded += 1;
    this.#strike(peer);
    peer.isSeeder = isSeeder;
    this.#enlist(peer);
  }

  /**
   * Calls `take` for up to `count` other peers, each once, from a random place on. A seeder gets no seeders. Peers of other
   * networks come first, then those of other addresses, since one address may have many peers. The cost grows with the
   * number of peers found when nearly all are of different networks.
   *
   * @returns the number of peers found
   */
  pick(asker: WsPeer, count: number, random: Random, take: (peer: WsPeer, at: number) => void): number {
    const others = this.#others;
    const seeders = this.#seeders;
    const total = others.length + (asker.isSeeder ? 0 : seeders.length);
    const start = randomBelow(random, total);
    const seen = new Set<number | string>();
    const ofSeenNetworks: WsPeer[] = [];
    const ofSeenAddresses: WsPeer[] = [];
    let taken = 0;
    for (let step = 0; step < Math.min(total, LOOKED_AT) && taken < count; step += 1) {
      const at = (start + step) % total;
      const peer = at < others.length ? others[at]! : seeders[at - others.length]!;
      if (peer === asker) continue;
      const { clientKey, network } = peer.link;
      const isOfNewNetwork = !seen.has(network);
      const isOfNewAddress = !seen.has(clientKey);
      seen.add(network).add(clientKey);
      if (isOfNewNetwork) {
        take(peer, taken);
        taken += 1;
      } else (isOfNewAddress ? ofSeenNetworks : ofSeenAddresses).push(peer);
    }
    for (const peer of [...ofSeenNetworks, ...ofSeenAddresses].slice(0, count - taken)) {
      take(peer, taken);
      taken += 1;
    }
    return taken;
  }

  /** Gives a peer a place if its address and its network may have one more. */
  #enlist(peer: WsPeer): void {
    const isCounted = this.complete + this.incomplete >= MAX_WS_PLACES_PER_ADDRESS;
    if (isCounted) this.#places ??= new WsPlaces([...this.#seeders, ...this.#others]);
    if (this.#places?.hasOneFor(peer.link) === false) return;
    this.#places?.count(peer.link, 1);
    const list = peer.isSeeder ? this.#seeders : this.#others;
    peer.index = list.length;
    list.push(peer);
  }

  /** Takes a peer off its list. The last peer of the list gets its index. */
  #strike(peer: WsPeer): void {
    if (peer.index === NO_PLACE) return;
    const list = peer.isSeeder ? this.#seeders : this.#others;
    const last = list.pop()!;
    if (last !== peer) {
      list[peer.index] = last;
      last.index = peer.index;
    }
    peer.index = NO_PLACE;
    this.#places?.count(peer.link, -1);
  }
}
