import type { ByteText, ScrapeEntry } from '../../tracker-protocol/index.ts';
import { type Random, randomBelow } from '../../util/index.ts';

/** What a swarm needs to know of the connection that a peer is at the other end of. */
export interface PeerLink {
  /** Canonical address of whoever is at the other end. */
  readonly host: string;
  /** The stranger that this address belongs to: what he may have in all is limited. */
  readonly stranger: number | string;
  /** The peers it is, one in each swarm as a rule, in any order. Mostly one: a list is as long as what is in it, and is replaced. */
  peers: readonly WsPeer[];
  /** @param message JSON; lost when the connection has ended or nobody reads at its other end */
  send(message: string): void;
}

/** A peer that can be reached over a connection only, in one swarm. */
export class WsPeer {
  readonly swarm: WsSwarm;
  readonly id: ByteText;
  link: PeerLink;
  isSeeder = false;
  /** Where it stands among the seeders or the others of its swarm. */
  index = -1;
  /** When it last announced itself, in whole seconds. */
  seenAt = 0;

  constructor(swarm: WsSwarm, id: ByteText, link: PeerLink) {
    this.swarm = swarm;
    this.id = id;
    this.link = link;
  }
}

/**
 * The peers of one torrent. Every peer of it is in {@link #byId} once, and once in the list of seeders or that of the
 * others, at its `index`: so joining, leaving and changing sides cost the same however many there are.
 */
export class WsSwarm {
  readonly infoHash: ByteText;
  /** In whole seconds. */
  readonly bornAt: number;
  readonly #byId = new Map<ByteText, WsPeer>();
  readonly #seeders: WsPeer[] = [];
  readonly #others: WsPeer[] = [];
  #downloaded = 0;

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
    if (peer.isSeeder === isSeeder) return;
    if (isSeeder && isCompleted) this.#downloaded += 1;
    this.#strike(peer);
    peer.isSeeder = isSeeder;
    this.#enlist(peer);
  }

  /**
   * Calls `take` for up to `count` others, each once, from a random place on: seeders are of no use to a seeder, and
   * nobody is to itself. Costs as much as it finds.
   *
   * @returns how many there were
   */
  pick(asker: WsPeer, count: number, random: Random, take: (peer: WsPeer, at: number) => void): number {
    const others = this.#others;
    const seeders = this.#seeders;
    const total = others.length + (asker.isSeeder ? 0 : seeders.length);
    const start = randomBelow(random, total);
    let taken = 0;
    for (let step = 0; step < total && taken < count; step += 1) {
      const at = (start + step) % total;
      const peer = at < others.length ? others[at]! : seeders[at - others.length]!;
      if (peer === asker) continue;
      take(peer, taken);
      taken += 1;
    }
    return taken;
  }

  #enlist(peer: WsPeer): void {
    const list = peer.isSeeder ? this.#seeders : this.#others;
    peer.index = list.length;
    list.push(peer);
  }

  /** The last of the list takes the place that gets free. */
  #strike(peer: WsPeer): void {
    const list = peer.isSeeder ? this.#seeders : this.#others;
    const last = list.pop()!;
    if (last === peer) return;
    list[peer.index] = last;
    last.index = peer.index;
  }
}
