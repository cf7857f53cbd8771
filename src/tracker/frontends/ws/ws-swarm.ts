import type { ByteText, ScrapeEntry } from '../../../tracker-protocol/index.ts';
import { type Random, randomBelow } from '../../../util/index.ts';
import { MAX_WS_PLACES_PER_ADDRESS, MAX_WS_PLACES_PER_NETWORK, WsPlaces } from './ws-places.ts';

/** Peers of a swarm that are looked at for those of an answer: twice as many as one network has there. */
const LOOKED_AT = 2 * MAX_WS_PLACES_PER_NETWORK;

/** What a swarm needs to know of the connection that a peer is at the other end of. */
export interface PeerLink {
  /** Canonical address of whoever is at the other end. */
  readonly host: string;
  /** The stranger that this address belongs to: what he may have in all is limited. */
  readonly clientKey: number | string;
  /** The network that it belongs to, whose addresses may all be one stranger's. */
  readonly network: number | string;
  /** The peers it is, one in each swarm as a rule, in any order. Mostly one: a list is as long as what is in it, and is replaced. */
  peers: readonly WsPeer[];
  /** @param message JSON; lost when the connection has ended or nobody reads at its other end */
  send(message: string): void;
}

const NO_PLACE = -1;

/** A peer that can be reached over a connection only, in one swarm. */
export class WsPeer {
  readonly swarm: WsSwarm;
  readonly id: ByteText;
  link: PeerLink;
  isSeeder = false;
  /** Where it stands among the seeders or the others of its swarm; {@link NO_PLACE}: its address has as many places as it may. */
  index = NO_PLACE;
  /** When it last announced itself, in whole seconds. */
  seenAt = 0;

  constructor(swarm: WsSwarm, id: ByteText, link: PeerLink) {
    this.swarm = swarm;
    this.id = id;
    this.link = link;
  }
}

/**
 * The peers of one torrent. Every peer of it is in {@link #byId} once, and, if it has a place, once in the list of seeders or
 * that of the others, at its `index`: so joining, leaving and changing sides cost the same however many there are.
 */
export class WsSwarm {
  readonly infoHash: ByteText;
  /** In whole seconds. */
  readonly bornAt: number;
  readonly #byId = new Map<ByteText, WsPeer>();
  readonly #seeders: WsPeer[] = [];
  readonly #others: WsPeer[] = [];
  #downloaded = 0;
  /** Absent as long as there are fewer places than one address may have. */
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

  /** @param id of nobody who is in it */
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
   * Notes whether a peer has everything.
   *
   * @param isCompleted whether it says that it just got the last piece; one that had everything before is not counted
   */
  update(peer: WsPeer, isSeeder: boolean, isCompleted: boolean): void {
    if (peer.isSeeder === isSeeder) {
      // A place may have got free.
      if (peer.index === NO_PLACE) this.#enlist(peer);
      return;
    }
    if (isSeeder && isCompleted) this.#downloaded += 1;
    this.#strike(peer);
    peer.isSeeder = isSeeder;
    this.#enlist(peer);
  }

  /**
   * Calls `take` for up to `count` others, each once, from a random place on: seeders are of no use to a seeder, and
   * nobody is to itself. Those of other networks come first, then those of other addresses, as one address may have many
   * peers. Costs as much as it finds when nearly all are of different networks.
   *
   * @returns how many there were
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

  /** Gives a peer a place, if its address and its network may have one more. */
  #enlist(peer: WsPeer): void {
    const isCounted = this.complete + this.incomplete >= MAX_WS_PLACES_PER_ADDRESS;
    if (isCounted) this.#places ??= new WsPlaces([...this.#seeders, ...this.#others]);
    if (this.#places?.hasOneFor(peer.link) === false) return;
    this.#places?.count(peer.link, 1);
    const list = peer.isSeeder ? this.#seeders : this.#others;
    peer.index = list.length;
    list.push(peer);
  }

  /** The last of the list takes the place that gets free. */
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
