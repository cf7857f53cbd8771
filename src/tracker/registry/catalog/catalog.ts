import type { ListedTorrent } from '../../../tracker-protocol/index.ts';
import { type Address, type InfoHash, ShoalError } from '../../../util/index.ts';
import type { ProvenContent } from './proven-content.ts';

/** A torrent as one seeder describes it and the catalog stores it. Two seeders may describe one info-hash differently. */
export interface StoredTorrent {
  readonly infoHash: InfoHash;
  /** The second info-hash of a hybrid. */
  readonly infoHashV2?: InfoHash;
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** The SHA-256 of a file, 64 hex digits. A torrent does not have both this and `contentId`. */
  readonly sha256?: string;
  /** The content id of a folder, 64 hex digits. */
  readonly contentId?: string;
  /** The number of files of a folder. */
  readonly files?: number;
}

/** A seeder that registers. Times are those of `Clock`, in milliseconds. */
export interface NewSeeder {
  readonly id: string;
  readonly address: Address;
  /** 20 bytes. */
  readonly peerId: Uint8Array;
  /** SHA-256 of its token. */
  readonly tokenHash: Uint8Array;
  /**
   * The IP address of the client that named the seeder's address, if that is another one: then the address is a claim.
   * `undefined`: the registration came from the seeder's address itself.
   */
  readonly claimedBy?: string | undefined;
  readonly registeredAt: number;
  readonly seenAt: number;
}

/** A registered seeder that brings the metainfo of a torrent. */
export interface Bringer {
  readonly id: string;
  /** Whether it registered with an access token: then the share of its address does not limit it. */
  readonly isTrusted: boolean;
}

export interface StoredSeeder extends NewSeeder {
  /** The number of torrents that it holds. */
  readonly torrents: number;
  /** Whether it answered when the tracker connected to it; `undefined` if that is not known. */
  readonly isReachable?: boolean | undefined;
}

/** A seeder that has left or was replaced, and the torrents that it held. */
export interface Departure {
  readonly seeder: StoredSeeder;
  readonly torrents: readonly StoredTorrent[];
}

/** The fields of a torrent to look for; all that are given must match exactly. */
export interface CatalogQuery {
  readonly name?: string | undefined;
  readonly size?: number | undefined;
  readonly sha256?: string | undefined;
  /** The SHA-256 of a file, or the content id of a folder. */
  readonly id?: string | undefined;
  /** The second info-hash of a hybrid, 40 hex digits. */
  readonly infoHashV2?: string | undefined;
}

export interface PageRequest {
  /** The `next` of the page before; `undefined` for the first page. Any other text finds an arbitrary page. */
  readonly after?: string | undefined;
  /** The most items of the page. */
  readonly limit: number;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  /** The number of items on all pages. */
  readonly total: number;
  /** The text for `after` that finds the next page; `undefined` on the last one. */
  readonly next?: string;
  /** The number of entries that were looked at for the page; `undefined`: not many more than there are items. */
  readonly looked?: number;
}

/** The error of a catalog that has no room. */
export class CatalogFullError extends ShoalError<
  'TOO_MANY_SEEDERS' | 'TOO_MANY_TORRENTS' | 'TOO_MUCH_METAINFO'
> {}

/** The error of a seeder whose address is taken by another one that it may not replace. */
export class AddressTakenError extends ShoalError<'ADDRESS_TAKEN'> {}

/**
 * The catalog, in which the registry stores what seeders have registered: who holds which torrents, found by name, size,
 * SHA-256 and content id, and their metainfo.
 *
 * The contract, which `describeCatalog()` tests:
 *
 * - Changes are made one after the other. A long list may come and go in several steps, between which other calls are
 *   answered and find a part of it; {@link Catalog.find} by two fields or more may take several steps as well.
 * - A seeder holds an info-hash once. Its list is replaced as a whole.
 * - There is one seeder at an address: a seeder that registers there replaces the one before, unless `mayReplace()` says no.
 * - A seeder whose address is a claim is not among the holders of a torrent until it was found to be reachable.
 * - A seeder belongs to the client that named its address, or else to that address; over IPv6 to the /48. All seeders of one
 *   owner have a share, which they cannot exceed unless they have an access token. With a token they count in it as well.
 * - A torrent is listed while a seeder holds it, once for each description (name, size, SHA-256 or
 *   content id, number of files, second info-hash) of it.
 *   The catalog cannot know which description is true: it is a hint, and the client checks what it downloads.
 * - Once there is metainfo of a torrent, all descriptions have the content id and the number of files that came with it,
 *   whatever their seeders said before or say later: a claim that the metainfo contradicts is not listed.
 * - Metainfo is stored once, while a seeder holds the torrent. Its bytes belong to the catalog once given, and must not be
 *   changed.
 * - Pages come in the order of registering; a change between two pages may be missed, but nothing is on both.
 * - Memory is bounded; a call that does not fit is refused with {@link CatalogFullError} and changes nothing. Lowering a
 *   limit removes nobody: a seeder in place of a known one is never too many, nor is a list that is no longer than before.
 */
export interface Catalog {
  /**
   * Records a seeder and its list of torrents. It replaces the seeder with the same id, and the one at the same address.
   *
   * @param torrents the list, with no info-hash twice
   * @param isTrusted whether it has an access token: then the share of its address does not limit it; the default is `false`
   * @returns the seeders that were replaced
   * @throws {CatalogFullError} TOO_MANY_SEEDERS, TOO_MANY_TORRENTS
   * @throws {AddressTakenError}
   */
  put(
    seeder: NewSeeder,
    torrents: readonly StoredTorrent[],
    isTrusted?: boolean,
  ): Promise<readonly Departure[]>;

  /** Notes that a seeder is still there. @returns the torrents that it holds; `undefined` when it is not known */
  renew(id: string, now: number): Promise<readonly StoredTorrent[] | undefined>;

  /** Forgets a seeder. @returns `undefined` when it is not known */
  remove(id: string): Promise<Departure | undefined>;

  /** Forgets all seeders that were not seen since `before`. */
  expire(before: number): Promise<readonly Departure[]>;

  /**
   * Says whether, since the last call, all seeders were given their whole time to renew again: after a restart, or after a
   * time in which no tracker could reach the catalog. Swarms may have forgotten these seeders meanwhile.
   */
  takeResumed(): boolean;

  seeder(id: string): Promise<StoredSeeder | undefined>;

  /** Finds the seeder that is registered at an address. */
  seederAt(address: Address): Promise<StoredSeeder | undefined>;

  /**
   * Notes whether a seeder can be reached, until it is put at another address. Does nothing when the seeder is not known.
   */
  setReachable(id: string, isReachable: boolean): Promise<void>;

  seeders(page: PageRequest): Promise<Page<StoredSeeder>>;

  /** Lists the torrents that a seeder holds; `undefined` when the seeder is not known. */
  torrentsOf(id: string, page: PageRequest): Promise<Page<StoredTorrent> | undefined>;

  find(query: CatalogQuery, page: PageRequest): Promise<Page<ListedTorrent>>;

  /** Finds the description that most seeders give of a torrent; the oldest one if there are several. */
  torrent(infoHash: InfoHash): Promise<ListedTorrent | undefined>;

  /** Says whether a seeder holds a torrent. */
  holds(id: string, infoHash: InfoHash): Promise<boolean>;

  /** Finds up to `limit` seeders that hold a torrent, under any description, and may be handed out: `mayBeHandedOut()`. */
  holders(infoHash: InfoHash, limit: number): Promise<readonly StoredSeeder[]>;

  /**
   * Stores the metainfo of a torrent that a seeder holds, unless there is one already. It counts in the share of the address
   * that brings it; when that seeder does not hold the torrent any more, in the share of another one that does.
   *
   * @param by the seeder that brings it; the default is the first one that holds the torrent
   * @param content the content that the metainfo proves, which replaces that of all descriptions, even if the metainfo is
   *   there already; the default leaves them as they are
   * @returns `false` when no seeder holds the torrent, or not the one that brings it
   * @throws {CatalogFullError} TOO_MUCH_METAINFO
   */
  addMetainfo(
    infoHash: InfoHash,
    metainfo: Uint8Array,
    by?: Bringer,
    content?: ProvenContent,
  ): Promise<boolean>;

  metainfo(infoHash: InfoHash): Promise<Uint8Array | undefined>;

  /** Finds the info-hashes for which there is no metainfo. */
  withoutMetainfo(infoHashes: readonly InfoHash[]): Promise<InfoHash[]>;
}
