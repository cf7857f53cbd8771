import type { ListedTorrent } from '../../../../tracker-protocol/index.ts';
import { type Address, type Clock, formatAddress, type InfoHash } from '../../../../util/index.ts';
import type { RedisArgument, RedisConnection, Script } from '../../../redis/index.ts';
import type {
  Bringer,
  Catalog,
  CatalogQuery,
  Departure,
  NewSeeder,
  Page,
  PageRequest,
  StoredSeeder,
  StoredTorrent,
} from '../catalog.ts';
import {
  type CatalogLimits,
  tooManySeeders,
  tooManySeedersOfAddress,
  tooManyTorrents,
  tooManyTorrentsOfAddress,
  tooMuchMetainfo,
  withDefaults,
} from '../catalog-limits.ts';
import { addressTaken, ownerOf } from '../claims.ts';
import type { ProvenContent } from '../proven-content.ts';
import {
  type DepartureReply,
  describeSeeder,
  type ListingReply,
  type PageReply,
  readDeparture,
  readListing,
  readPage,
  readSeeder,
  readTorrent,
  type SeederReply,
  type TorrentReply,
  torrentFields,
} from './catalog-replies.ts';
import * as scripts from './catalog-scripts.ts';
import * as lookUps from './look-up-scripts.ts';

/** The number of info-hashes that one call asks about. */
const HASHES_AT_ONCE = 1000;

export interface RedisCatalogOptions extends CatalogLimits {
  readonly connection: RedisConnection;
  /** The clock of the times in calls. */
  readonly clock: Clock;
  /** The start of all keys, the same as that of the swarms. */
  readonly prefix: string;
  /** The clock that counts, as with the swarms; by default the server's. */
  readonly times?: 'server' | 'caller';
}

/**
 * A catalog on Redis or Valkey, shared by any number of trackers. Each call is one script on one server of a cluster, so
 * nobody sees half of a list. A list of a seeder is written and read as a whole, while that server does nothing else: some
 * 10 microseconds for each new torrent.
 *
 * Where the contract leaves a choice: {@link RedisCatalog.expire} forgets no seeder until some tracker has called it about
 * every second for the time that a seeder has to renew. After a time in which no tracker could reach the server, or none
 * ran, each seeder has that time again.
 */
export class RedisCatalog implements Catalog {
  readonly #connection: RedisConnection;
  readonly #clock: Clock;
  readonly #key: string;
  readonly #takesTimes: boolean;
  #limits: Required<CatalogLimits>;
  #hasResumed = false;

  constructor({ connection, clock, prefix, times, ...limits }: RedisCatalogOptions) {
    this.#connection = connection;
    this.#clock = clock;
    this.#key = `${prefix}{catalog}`;
    this.#takesTimes = times === 'caller';
    this.#limits = withDefaults(limits);
  }

  /** Replaces the limits. All trackers of one Redis should have the same. */
  configure(limits: CatalogLimits): void {
    this.#limits = withDefaults(limits);
  }

  async put(
    seeder: NewSeeder,
    torrents: readonly StoredTorrent[],
    isTrusted = false,
  ): Promise<readonly Departure[]> {
    const { maxSeeders, maxHoldings, maxSeedersPerAddress, maxHoldingsPerAddress } = this.#limits;
    const [result, found] = await this.#run<[Buffer, number | readonly DepartureReply[]]>(scripts.PUT, [
      seeder.id,
      formatAddress(seeder.address),
      describeSeeder(seeder),
      this.#ageOf(seeder.registeredAt),
      this.#ageOf(seeder.seenAt),
      maxSeeders,
      maxHoldings,
      seeder.claimedBy ?? '',
      ownerOf(seeder),
      isTrusted ? '' : maxSeedersPerAddress,
      isTrusted ? '' : maxHoldingsPerAddress,
      ...torrents.flatMap(torrentFields),
    ]);
    switch (result.toString()) {
      case 'ADDRESS_TAKEN':
        throw addressTaken(seeder.address);
      case 'TOO_MANY_SEEDERS':
        throw tooManySeeders(maxSeeders);
      case 'TOO_MANY_TORRENTS':
        throw tooManyTorrents(torrents.length, found as number, maxHoldings);
      case 'TOO_MANY_SEEDERS_OF_ADDRESS':
        throw tooManySeedersOfAddress(maxSeedersPerAddress);
      case 'TOO_MANY_TORRENTS_OF_ADDRESS':
        throw tooManyTorrentsOfAddress(torrents.length, found as number, maxHoldingsPerAddress);
    }
    return this.#departures(found as readonly DepartureReply[]);
  }

  async renew(id: string, now: number): Promise<readonly StoredTorrent[] | undefined> {
    const held = await this.#run<readonly TorrentReply[] | null>(scripts.RENEW, [id, this.#ageOf(now)]);
    return held?.map(readTorrent);
  }

  async remove(id: string): Promise<Departure | undefined> {
    const departure = await this.#run<DepartureReply | null>(scripts.REMOVE, [id]);
    return departure === null ? undefined : readDeparture(departure, this.#clock.now());
  }

  async expire(before: number): Promise<readonly Departure[]> {
    const all: Departure[] = [];
    for (;;) {
      const [wasBreak, gone] = await this.#run<[number, DepartureReply | null]>(scripts.EXPIRE, [
        this.#ageOf(before),
      ]);
      this.#hasResumed ||= wasBreak === 1;
      if (gone === null) return all;
      const departure = readDeparture(gone, this.#clock.now());
      if (departure !== undefined) all.push(departure);
    }
  }

  /**
   * Returns `true` to only one of several trackers, the one that ended the break: it puts the seeders into their swarms for
   * all.
   */
  takeResumed(): boolean {
    const hasResumed = this.#hasResumed;
    this.#hasResumed = false;
    return hasResumed;
  }

  async seeder(id: string): Promise<StoredSeeder | undefined> {
    const seeder = await this.#run<SeederReply | null>(lookUps.SEEDER, [id]);
    return seeder === null ? undefined : readSeeder(seeder, this.#clock.now());
  }

  async seederAt(address: Address): Promise<StoredSeeder | undefined> {
    const seeder = await this.#run<SeederReply | null>(lookUps.SEEDER_AT, [formatAddress(address)]);
    return seeder === null ? undefined : readSeeder(seeder, this.#clock.now());
  }

  async setReachable(id: string, isReachable: boolean): Promise<void> {
    await this.#run(scripts.SET_REACHABLE, [id, isReachable ? 1 : 0]);
  }

  async seeders(page: PageRequest): Promise<Page<StoredSeeder>> {
    const found = await this.#run<PageReply<SeederReply>>(lookUps.SEEDERS, pageFields(page));
    const now = this.#clock.now();
    return readPage(found, (seeder) => readSeeder(seeder, now));
  }

  async torrentsOf(id: string, page: PageRequest): Promise<Page<StoredTorrent> | undefined> {
    const found = await this.#run<PageReply<TorrentReply> | null>(lookUps.TORRENTS_OF, [
      ...pageFields(page),
      id,
    ]);
    return found === null ? undefined : readPage(found, readTorrent);
  }

  async find(query: CatalogQuery, page: PageRequest): Promise<Page<ListedTorrent>> {
    const { name, size, sha256, id, infoHashV2 } = query;
    const found = await this.#run<PageReply<ListingReply>>(lookUps.FIND, [
      ...pageFields(page),
      ...(id === undefined ? [] : ['id', id]),
      ...(infoHashV2 === undefined ? [] : ['v2', infoHashV2]),
      ...(sha256 === undefined ? [] : ['sha256', sha256]),
      ...(name === undefined ? [] : ['name', name]),
      ...(size === undefined ? [] : ['size', String(size)]),
    ]);
    return readPage(found, readListing);
  }

  async torrent(infoHash: InfoHash): Promise<ListedTorrent | undefined> {
    const found = await this.#run<ListingReply | null>(lookUps.TORRENT, [infoHash]);
    return found === null ? undefined : readListing(found);
  }

  async holds(id: string, infoHash: InfoHash): Promise<boolean> {
    return (await this.#run<number>(lookUps.HOLDS, [infoHash, id])) === 1;
  }

  async holders(infoHash: InfoHash, limit: number): Promise<readonly StoredSeeder[]> {
    const found = await this.#run<readonly SeederReply[]>(lookUps.HOLDERS, [infoHash, limit]);
    const now = this.#clock.now();
    return found.map((seeder) => readSeeder(seeder, now));
  }

  async addMetainfo(
    infoHash: InfoHash,
    metainfo: Uint8Array,
    _by?: Bringer,
    content?: ProvenContent,
  ): Promise<boolean> {
    const { maxCatalogBytes } = this.#limits;
    const bytes = Buffer.from(metainfo);
    const [result, taken] = await this.#run<[number, number]>(scripts.ADD_METAINFO, [
      infoHash,
      bytes,
      maxCatalogBytes,
      content === undefined ? '' : 1,
      content?.contentId ?? '',
      content?.files ?? '',
    ]);
    if (result >= 0) return result === 1;
    throw tooMuchMetainfo(bytes.length, taken, maxCatalogBytes);
  }

  async metainfo(infoHash: InfoHash): Promise<Uint8Array | undefined> {
    const found = await this.#run<Buffer | null>(scripts.GET_METAINFO, [infoHash]);
    return found === null ? undefined : new Uint8Array(found);
  }

  async withoutMetainfo(infoHashes: readonly InfoHash[]): Promise<InfoHash[]> {
    const missing: InfoHash[] = [];
    for (let at = 0; at < infoHashes.length; at += HASHES_AT_ONCE) {
      const some = infoHashes.slice(at, at + HASHES_AT_ONCE);
      const found = await this.#run<readonly Buffer[]>(scripts.WITHOUT_METAINFO, some);
      missing.push(...found.map((infoHash) => infoHash.toString() as InfoHash));
    }
    return missing;
  }

  /** Runs a script. The type of the reply is not checked, since the script is our own. */
  async #run<Reply>(script: Script, values: readonly RedisArgument[]): Promise<Reply> {
    const now = this.#takesTimes ? this.#clock.now() : '';
    return (await this.#connection.run(script, this.#key, [now, ...values])) as Reply;
  }

  #departures(replies: readonly DepartureReply[]): Departure[] {
    const now = this.#clock.now();
    return replies.flatMap((reply) => readDeparture(reply, now) ?? []);
  }

  #ageOf(time: number): number {
    return Math.round(this.#clock.now() - time);
  }
}

function pageFields({ after, limit }: PageRequest): [after: number, limit: number] {
  const last = Number(after ?? 0);
  return [Number.isFinite(last) ? last : 0, limit];
}
