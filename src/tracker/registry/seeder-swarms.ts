import {
  type Clock,
  encodeCompactAddress,
  type InfoHash,
  type MaybePromise,
  parseIp,
  type Turns,
} from '../../util/index.ts';
import type { Access } from '../guard/access/index.ts';
import type { RecordHolder, SwarmStore } from '../swarms/index.ts';
import {
  type Catalog,
  mayBeHandedOut,
  type Page,
  type PageRequest,
  type StoredSeeder,
  type StoredTorrent,
} from './catalog/index.ts';

/** The most calls to a store of swarms that are made in one step, and are under way at once, for one list of torrents. */
const CALLS_AT_ONCE = 256;
/** The number of seeders, or torrents of a seeder, on one page that the catalog is asked for. */
const PAGE = 1000;

/** The fields of a registered seeder that the swarms need. */
type SeederPeer = Pick<StoredSeeder, 'address' | 'peerId' | 'claimedBy'>;

export interface SeederSwarmsOptions {
  readonly swarms: SwarmStore;
  /** Says which torrents are served. */
  readonly access: Access;
  readonly clock: Clock;
  readonly turns: Turns;
}

/**
 * Puts registered seeders into the swarms of their torrents; a hybrid has two swarms, one for each info-hash. Their records
 * belong to the registry, so that no announce changes them. Those of claimed addresses belong to the client that claimed
 * them, as with announces: they change nothing that such an address has announced itself.
 */
export class SeederSwarms {
  readonly #swarms: SwarmStore;
  readonly #access: Access;
  readonly #clock: Clock;
  readonly #turns: Turns;

  constructor({ swarms, access, clock, turns }: SeederSwarmsOptions) {
    this.#swarms = swarms;
    this.#access = access;
    this.#clock = clock;
    this.#turns = turns;
  }

  /** Puts a seeder into the swarms of these torrents, or notes that it is still there. */
  async join(seeder: SeederPeer, torrents: readonly StoredTorrent[]): Promise<void> {
    const { address, peerId } = seeder;
    const peer = {
      address: encodeCompactAddress(address)!,
      peerId,
      role: 'seeder',
      heldBy: holderOf(seeder),
    } as const;
    const now = this.#clock.now();
    // If there is no room for another swarm, the seeder is still in the catalog.
    await this.#forEach(swarmsOf(torrents), (infoHash) =>
      this.#swarms.announce(infoHash, peer, ASKS_NOTHING, false, now),
    );
  }

  /** Takes a seeder out of the swarms of these torrents, except those of the torrents that it keeps. */
  async leave(
    seeder: SeederPeer,
    torrents: readonly StoredTorrent[],
    kept: readonly StoredTorrent[] = [],
  ): Promise<void> {
    const stays = new Set<InfoHash>();
    await this.#turns.forEach(swarmsOf(kept), PAGE, (infoHash) => stays.add(infoHash));
    const compact = encodeCompactAddress(seeder.address)!;
    const holder = holderOf(seeder);
    await this.#forEach(swarmsOf(torrents), (infoHash) =>
      stays.has(infoHash) ? undefined : this.#swarms.leave(infoHash, compact, holder),
    );
  }

  /**
   * Puts every seeder of the catalog that may be handed out into the swarms of its torrents, in steps between which announces
   * are answered. A seeder that is in a swarm already is not counted twice. Torrents that are not served are left out.
   */
  async joinAll(catalog: Catalog): Promise<void> {
    for await (const seeders of pages((page) => catalog.seeders(page))) {
      for (const seeder of seeders) if (mayBeHandedOut(seeder)) await this.joinHeld(seeder, catalog);
    }
  }

  /** Puts a seeder into the swarms of all torrents that it holds and that are served. */
  async joinHeld(seeder: StoredSeeder, catalog: Catalog): Promise<void> {
    for await (const torrents of pages((page) => catalog.torrentsOf(seeder.id, page))) {
      await this.join(
        seeder,
        torrents.filter((torrent) => this.#isServed(torrent)),
      );
    }
  }

  /** Makes a call for each swarm, {@link CALLS_AT_ONCE} in a step. */
  async #forEach(
    infoHashes: Iterable<InfoHash>,
    call: (infoHash: InfoHash) => MaybePromise<unknown>,
  ): Promise<void> {
    let awaited: Promise<unknown>[] = [];
    let calls = 0;
    for (const infoHash of infoHashes) {
      const result = call(infoHash);
      if (result instanceof Promise) awaited.push(result);
      calls += 1;
      if (calls < CALLS_AT_ONCE) continue;
      calls = 0;
      await Promise.all(awaited);
      awaited = [];
      await this.#turns.next();
    }
    await Promise.all(awaited);
  }

  #isServed(torrent: StoredTorrent): boolean {
    for (const infoHash of swarmsOf([torrent])) if (!this.#access.serves(infoHash)) return false;
    return true;
  }
}

function holderOf({ claimedBy }: SeederPeer): RecordHolder {
  return claimedBy === undefined ? 'registry' : parseIp(claimedBy)!;
}

const ASKS_NOTHING = { numWant: 0, withPeerIds: false };

/** Lists the info-hashes of the torrents: two of each hybrid. */
export function* swarmsOf(torrents: readonly StoredTorrent[]): Generator<InfoHash> {
  for (const { infoHash, infoHashV2 } of torrents) {
    yield infoHash;
    if (infoHashV2 !== undefined) yield infoHashV2;
  }
}

/** Asks for one page after the other. @param ask gives `undefined` when the seeder has left */
async function* pages<Item>(
  ask: (page: PageRequest) => Promise<Page<Item> | undefined>,
): AsyncGenerator<readonly Item[]> {
  for (let after: string | undefined; ; ) {
    const page = await ask({ after, limit: PAGE });
    if (page === undefined) return;
    yield page.items;
    after = page.next;
    if (after === undefined) return;
  }
}
