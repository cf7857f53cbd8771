import type { ListedTorrent } from '../../../tracker-protocol/index.ts';
import { type Address, type InfoHash, ShoalError } from '../../../util/index.ts';

/** What one seeder says a torrent is. Two seeders may say different things of one info-hash. */
export interface StoredTorrent {
  readonly infoHash: InfoHash;
  /** The second info-hash of a hybrid. */
  readonly infoHashV2?: InfoHash;
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** 64 hex digits. */
  readonly sha256?: string;
}

/** A seeder as it registers. Times are those of `Clock`: milliseconds. */
export interface NewSeeder {
  readonly id: string;
  readonly address: Address;
  /** 20 bytes. */
  readonly peerId: Uint8Array;
  /** SHA-256 of its token. */
  readonly tokenHash: Uint8Array;
  /**
   * The IP address of the client that named the seeder's address, which is not its own: the address is a claim. `undefined`:
   * the registration came from the address itself.
   */
  readonly claimedBy?: string | undefined;
  readonly registeredAt: number;
  readonly seenAt: number;
}

/** A registered seeder that brings the metainfo of a torrent. */
export interface Bringer {
  readonly id: string;
  /** Whether a token let it in: then the share of its address does not bound it. */
  readonly isTrusted: boolean;
}

export interface StoredSeeder extends NewSeeder {
  /** How many torrents it holds. */
  readonly torrents: number;
  /** Whether it answered when the tracker connected to it; `undefined`: that is not known. */
  readonly isReachable?: boolean | undefined;
}

/** A seeder that is no longer there, or was replaced, and what it held. */
export interface Departure {
  readonly seeder: StoredSeeder;
  readonly torrents: readonly StoredTorrent[];
}

/** What to look for; all that is given must match exactly. */
export interface CatalogQuery {
  readonly name?: string | undefined;
  readonly size?: number | undefined;
  readonly sha256?: string | undefined;
}

export interface PageRequest {
  /** `next` of the page before; absent for the first. Anything that was not given out finds an arbitrary page. */
  readonly after?: string | undefined;
  /** Items at most. */
  readonly limit: number;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  /** Items on all pages. */
  readonly total: number;
  /** Absent on the last page. */
  readonly next?: string;
  /** How many things were looked at for it; absent: not many more than there are items. */
  readonly looked?: number;
}

/** The catalog has no room. */
export class CatalogFullError extends ShoalError<
  'TOO_MANY_SEEDERS' | 'TOO_MANY_TORRENTS' | 'TOO_MUCH_METAINFO'
> {}

/** Another seeder is registered at the address, which the one that names it cannot replace. */
export class AddressTakenError extends ShoalError<'ADDRESS_TAKEN'> {}

/**
 * What seeders have registered: who holds which torrents, found by name, size and SHA-256, and their metainfo.
 *
 * The contract, which `describeCatalog()` tests:
 *
 * - A change is one after the other. A long list may come and go in several steps, between which others are answered, and
 *   find a part of it; {@link Catalog.find} by two things or more may be several steps, too.
 * - A seeder holds an info-hash once. Its list is replaced as a whole.
 * - There is one seeder at an address: one that registers there replaces the one before, unless `mayReplace()` says no.
 * - A seeder whose address is a claim is not among the holders of a torrent until it was found to be reachable.
 * - A seeder belongs to the client that named its address, or else to that address; over IPv6 to the /48. All seeders of one
 *   have a share, of which they take no more unless a token lets them in. They count in it also with a token.
 * - A torrent is listed while someone holds it, once for each description (name, size, SHA-256, second info-hash) given
 *   of it. Which of them is true cannot be known here: the catalog is a hint, and who asks checks what it gets.
 * - Metainfo is kept while someone holds the torrent, once, whoever brought it. Its bytes are the catalog's own once
 *   given, and are not to be written to.
 * - Pages come in the order of registering; what changes between two pages may be missed, nothing stands on both.
 * - Memory is bounded; what does not fit is refused with {@link CatalogFullError} and changes nothing. A limit that is
 *   lowered throws nobody out: a seeder in place of a known one is never too many, nor is a list no longer than before.
 */
export interface Catalog {
  /**
   * Records a seeder and what it holds, in place of what was known of its id and of its address.
   *
   * @param torrents no info-hash twice
   * @param isTrusted whether a token let it in: then the share of its address does not bound it; `false` unless given
   * @returns what was replaced
   * @throws {CatalogFullError} TOO_MANY_SEEDERS, TOO_MANY_TORRENTS
   * @throws {AddressTakenError}
   */
  put(
    seeder: NewSeeder,
    torrents: readonly StoredTorrent[],
    isTrusted?: boolean,
  ): Promise<readonly Departure[]>;

  /** Notes that a seeder is still there. @returns what it holds; `undefined` when it is not known */
  renew(id: string, now: number): Promise<readonly StoredTorrent[] | undefined>;

  /** Forgets a seeder. @returns `undefined` when it is not known */
  remove(id: string): Promise<Departure | undefined>;

  /** Forgets all seeders that were not seen since `before`. */
  expire(before: number): Promise<readonly Departure[]>;

  /**
   * Says whether all seeders were given their whole time to renew again since the last call: after a restart, or after a
   * time in which no tracker could ask the catalog. Swarms may have forgotten these seeders meanwhile.
   */
  takeResumed(): boolean;

  seeder(id: string): Promise<StoredSeeder | undefined>;

  /** The seeder that is registered at an address. */
  seederAt(address: Address): Promise<StoredSeeder | undefined>;

  /** Notes whether a seeder can be reached, until it is put at another address; harmless when it is not known. */
  setReachable(id: string, isReachable: boolean): Promise<void>;

  seeders(page: PageRequest): Promise<Page<StoredSeeder>>;

  /** What a seeder holds; `undefined` when it is not known. */
  torrentsOf(id: string, page: PageRequest): Promise<Page<StoredTorrent> | undefined>;

  find(query: CatalogQuery, page: PageRequest): Promise<Page<ListedTorrent>>;

  /** The description that most seeders give of a torrent, the oldest of several. */
  torrent(infoHash: InfoHash): Promise<ListedTorrent | undefined>;

  /** Whether the seeder holds the torrent. */
  holds(id: string, infoHash: InfoHash): Promise<boolean>;

  /** Up to `limit` of those who hold a torrent, under any description, and may be handed out: `mayBeHandedOut()`. */
  holders(infoHash: InfoHash, limit: number): Promise<readonly StoredSeeder[]>;

  /**
   * Keeps the metainfo of a torrent that someone holds; one that is there already stays. It counts in the share of the
   * address that brings it, and of another one that holds the torrent when that one does no more.
   *
   * @param by who holds the torrent; the first one that does unless given
   * @returns `false` when nobody holds the torrent, or not the one that brings it
   * @throws {CatalogFullError} TOO_MUCH_METAINFO
   */
  addMetainfo(infoHash: InfoHash, metainfo: Uint8Array, by?: Bringer): Promise<boolean>;

  metainfo(infoHash: InfoHash): Promise<Uint8Array | undefined>;

  /** Those of the info-hashes for which there is no metainfo. */
  withoutMetainfo(infoHashes: readonly InfoHash[]): Promise<InfoHash[]>;
}
