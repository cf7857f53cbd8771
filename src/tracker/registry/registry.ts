import { randomBytes } from 'node:crypto';
import type { RegistrationResponse } from '../../tracker-protocol/index.ts';
import { type Clock, equalBytes, formatIp, fromHex, type InfoHash, type Turns } from '../../util/index.ts';
import { type ClientAddress, claimantOf, reachableHost } from '../core/index.ts';
import { unknownSeeder } from '../errors/index.ts';
import type { Access } from '../guard/access/index.ts';
import type { SwarmStore } from '../swarms/index.ts';
import {
  addressTaken,
  type Catalog,
  mayBeHandedOut,
  type NewSeeder,
  type StoredSeeder,
  type StoredTorrent,
} from './catalog/index.ts';
import type { CheckedRegistration } from './checked-torrent.ts';
import { GrantedSeeders } from './granted-seeders.ts';
import type { MetainfoChecker } from './metainfo-checker.ts';
import type { ReachabilityChecks } from './reachability/index.ts';
import { refused } from './refused.ts';
import { registeredAddress } from './registered-address.ts';
import { SeederSwarms } from './seeder-swarms.ts';
import { newToken, SeederTokens } from './seeder-tokens.ts';
import { LIST_STEP, TorrentLists } from './torrent-lists.ts';

/** The number of torrents from which on a list is read no more often than its seeder was told to renew. */
const LONG_LIST = 100;

/** The rules for registrations, which can be replaced while the tracker runs. */
export interface RegistrationPolicy {
  /** The seconds after which a seeder should renew. */
  readonly renewIn: number;
  /** The seconds after which a seeder that has not renewed is forgotten. */
  readonly expiresIn: number;
}

export interface RegistryOptions extends RegistrationPolicy {
  readonly catalog: Catalog;
  readonly swarms: SwarmStore;
  readonly clock: Clock;
  /** Says which torrents are served, and which seeders may stay. */
  readonly access: Access;
  readonly metainfos: MetainfoChecker;
  /** The turns of the event loop for long lists. */
  readonly turns: Turns;
  /** Finds out whether seeders can be reached; `undefined`: that is not checked, and claimed addresses are believed. */
  readonly checks?: ReachabilityChecks | undefined;
}

/**
 * The registry of seeders. It lets seeders register, renew and leave, and keeps the swarms in step: a registered seeder is
 * in the swarm of each of its torrents (of both info-hashes of a hybrid) until it leaves or expires. A seeder at a claimed
 * address is handed out only once it has answered there.
 */
export class Registry {
  readonly tokens: SeederTokens;
  readonly #catalog: Catalog;
  readonly #swarms: SeederSwarms;
  readonly #clock: Clock;
  readonly #access: Access;
  readonly #metainfos: MetainfoChecker;
  readonly #lists: TorrentLists;
  readonly #checks: ReachabilityChecks | undefined;
  readonly #granted = new GrantedSeeders();
  /** The times at which long lists were last read, or begun to be read, by the id of the seeder. */
  readonly #listedAt = new Map<string, number>();
  /** The version of the access rules that was noted last. */
  #accessVersion = 0;
  #policy: RegistrationPolicy;

  constructor({ catalog, swarms, clock, access, metainfos, turns, checks, ...policy }: RegistryOptions) {
    this.#catalog = catalog;
    this.#swarms = new SeederSwarms({ swarms, access, clock, turns });
    this.#clock = clock;
    this.#access = access;
    this.#metainfos = metainfos;
    this.#lists = new TorrentLists({ catalog, access, turns });
    this.#checks = checks;
    this.tokens = new SeederTokens({ catalog, access, granted: this.#granted, clock });
    this.#policy = policy;
  }

  /** Replaces the policy; a seeder learns of it when it renews. */
  configure(policy: RegistrationPolicy): void {
    this.#policy = policy;
  }

  /**
   * Registers a seeder. It replaces the one at the same address, which may have crashed and come back, unless that one still
   * answers there or another client has registered it.
   *
   * @param grantedBy the id of the access token that grants it; the registration ends with the token
   * @throws {RegistryError} BAD_FIELD, FULL, ADDRESS_TAKEN
   */
  async register(
    registration: CheckedRegistration,
    clientAddress: ClientAddress,
    grantedBy?: string,
  ): Promise<RegistrationResponse> {
    const id = randomBytes(8).toString('hex');
    const { token, tokenHash } = newToken(id, grantedBy);
    const answer = await this.#record(
      { id, tokenHash },
      registration,
      clientAddress,
      grantedBy !== undefined,
    );
    if (grantedBy !== undefined) this.#granted.note(id, grantedBy, this.#clock.now());
    return { ...answer, token };
  }

  /**
   * Notes that a seeder is still there, and takes its new list if it sends one. A client that could not register the address
   * any more has moved and has to register again.
   *
   * @throws {RegistryError}
   */
  async renew(
    id: string,
    token: string | undefined,
    registration: CheckedRegistration | undefined,
    clientAddress: ClientAddress,
  ): Promise<RegistrationResponse> {
    const seeder = await this.tokens.authenticate(id, token);
    if (registration !== undefined)
      return this.#record(seeder, registration, clientAddress, this.#granted.has(id));
    if (reachableHost(clientAddress.host, seeder.address.host) === undefined) {
      await this.#remove(id);
      throw unknownSeeder(id);
    }
    if (this.#isSoon(seeder)) return this.#answer(seeder, [], [], clientAddress);
    // The time is noted before reading: if many renewals come at once, the list is read for one of them.
    if (seeder.torrents > LONG_LIST) this.#listedAt.set(id, this.#clock.now());
    try {
      return await this.#goThrough(seeder, clientAddress);
    } catch (thrown) {
      this.#listedAt.delete(id);
      throw thrown;
    }
  }

  /** Notes that a seeder is still there, in the catalog and in the swarm of each of its torrents. */
  async #goThrough(seeder: StoredSeeder, clientAddress: ClientAddress): Promise<RegistrationResponse> {
    const torrents = await this.#catalog.renew(seeder.id, this.#clock.now());
    if (torrents === undefined) throw unknownSeeder(seeder.id);
    const { served, refused } = await this.#lists.divide(torrents);
    if (refused.length > 0) await this.#drop(seeder, served, refused);
    await this.#join(seeder, served);
    return this.#answer(seeder, served, refused, clientAddress);
  }

  /** @throws {RegistryError} */
  async leave(id: string, token: string | undefined): Promise<void> {
    await this.tokens.authenticate(id, token);
    await this.#remove(id);
  }

  /**
   * Takes the metainfo of a torrent from a seeder that registered the torrent without it.
   *
   * @throws {RegistryError}
   */
  async upload(
    infoHash: InfoHash,
    token: string | undefined,
    metainfo: Uint8Array,
    clientAddress: ClientAddress,
  ): Promise<void> {
    const seeder = await this.tokens.authenticateHolder(infoHash, token);
    const { vouched, content } = await this.#metainfos.check(metainfo, infoHash, 'body');
    const by = { id: seeder.id, isTrusted: this.#granted.has(seeder.id) };
    await this.#catalog.addMetainfo(infoHash, vouched, by, content).catch(refused);
    this.#check(seeder, infoHash, clientAddress);
  }

  /**
   * Forgets the seeders that did not renew in time, and those whose access token is revoked or has expired. When the catalog
   * gave all seeders their whole time again, as after a restart, they are put into their swarms, which may have forgotten
   * them.
   */
  async expire(): Promise<void> {
    const before = this.#clock.now() - this.#policy.expiresIn * 1000;
    for (const id of this.#granted.takeEnded(this.#access, before)) await this.#remove(id);
    for (const [id, at] of this.#listedAt) if (at < before) this.#listedAt.delete(id);
    const departures = await this.#catalog.expire(before);
    for (const { seeder, torrents } of departures) await this.#swarms.leave(seeder, torrents);
    if (this.#catalog.takeResumed()) await this.#swarms.joinAll(this.#catalog);
  }

  /**
   * Puts a seeder into its swarms, if it may be handed out. A long list takes several turns, in which the seeder may leave.
   */
  async #join(seeder: StoredSeeder, torrents: readonly StoredTorrent[]): Promise<void> {
    if (!mayBeHandedOut(seeder)) return;
    await this.#swarms.join(seeder, torrents);
    if (torrents.length <= LONG_LIST) return;
    if ((await this.#catalog.seeder(seeder.id)) === undefined) await this.#swarms.leave(seeder, torrents);
    else this.#listedAt.set(seeder.id, this.#clock.now());
  }

  /**
   * Says whether a seeder with a long list renews much sooner than it was told to: then its list is not read again, and no
   * metainfo counts as missing.
   */
  #isSoon({ id }: StoredSeeder): boolean {
    const { version } = this.#access;
    if (version !== this.#accessVersion) this.#listedAt.clear();
    this.#accessVersion = version;
    const at = this.#listedAt.get(id);
    return at !== undefined && this.#clock.now() - at < (this.#policy.renewIn * 1000) / 2;
  }

  async #remove(id: string): Promise<void> {
    this.#granted.delete(id);
    this.#listedAt.delete(id);
    const departure = await this.#catalog.remove(id);
    if (departure !== undefined) await this.#swarms.leave(departure.seeder, departure.torrents);
  }

  async #record(
    known: Pick<NewSeeder, 'id' | 'tokenHash'> & { readonly registeredAt?: number },
    registration: CheckedRegistration,
    clientAddress: ClientAddress,
    isTrusted: boolean,
  ): Promise<RegistrationResponse> {
    const address = registeredAddress(registration, clientAddress);
    const claimedBy = address.host === clientAddress.host ? undefined : formatIp(claimantOf(clientAddress));
    const all = Array.from(registration.torrents.values(), ({ torrent }) => torrent);
    const { served: torrents, refused: notServed } = await this.#lists.divide(all);
    const { id, tokenHash } = known;
    const peerId = fromHex(registration.peerId);
    const seenAt = this.#clock.now();
    const registeredAt = known.registeredAt ?? seenAt;
    const newSeeder = { id, tokenHash, address, peerId, claimedBy, registeredAt, seenAt };
    await this.#clearAddress(newSeeder, clientAddress);
    const departures = await this.#catalog.put(newSeeder, torrents, isTrusted).catch(refused);
    if (this.#checks === undefined && claimedBy !== undefined) await this.#catalog.setReachable(id, true);
    const seeder = (await this.#catalog.seeder(id)) ?? { ...newSeeder, torrents: torrents.length };
    await this.#join(seeder, torrents);
    for (const departure of departures) {
      if (departure.seeder.id !== id) this.#granted.delete(departure.seeder.id);
      const isHere =
        departure.seeder.address.host === address.host && departure.seeder.address.port === address.port;
      await this.#swarms.leave(departure.seeder, departure.torrents, isHere ? torrents : []);
    }
    await this.#lists.keepMetainfo(torrents, registration.torrents, { id, isTrusted });
    return this.#answer(seeder, torrents, notServed, clientAddress);
  }

  /**
   * Removes the seeder at an address if another one may take its place. A seeder of the same client has crashed unless it
   * still answers; then it is another seeder behind the same address. A seeder whose address another client has claimed is
   * gone if it does not answer. The catalog decides all other cases.
   *
   * @throws {RegistryError} ADDRESS_TAKEN
   */
  async #clearAddress(
    { id, address, peerId, claimedBy }: NewSeeder,
    clientAddress: ClientAddress,
  ): Promise<void> {
    const there = await this.#catalog.seederAt(address);
    if (there === undefined || there.id === id) return;
    const isSameClient = there.claimedBy === claimedBy;
    const isRivalClaim = !isSameClient && claimedBy !== undefined && there.claimedBy !== undefined;
    if (isRivalClaim) {
      if ((await this.#answers(there, clientAddress)) === false) await this.#remove(there.id);
    } else if (isSameClient && there.isReachable === true && !equalBytes(there.peerId, peerId)) {
      if ((await this.#answers(there, clientAddress)) !== false) refused(addressTaken(address));
    }
  }

  /** Checks whether a seeder answers now; `undefined` when that cannot be checked. */
  async #answers(seeder: StoredSeeder, clientAddress: ClientAddress): Promise<boolean | undefined> {
    const held = await this.#catalog.torrentsOf(seeder.id, { limit: LIST_STEP });
    const infoHash = await this.#lists.firstWithMetainfo(held?.items ?? []);
    return infoHash === undefined ? undefined : this.#checks?.answers(seeder, infoHash, clientAddress.host);
  }

  /** Asks for a check of a seeder. @param infoHash a torrent that it holds and that has metainfo */
  #check(seeder: StoredSeeder, infoHash: InfoHash, clientAddress: ClientAddress): void {
    const { id } = seeder;
    this.#checks?.check(seeder, infoHash, clientAddress.host, async (isReachable) => {
      await this.#catalog.setReachable(id, isReachable);
      const checked = await this.#catalog.seeder(id);
      // A seeder with an address of its own is in its swarms already.
      if (isReachable && checked?.claimedBy !== undefined)
        await this.#swarms.joinHeld(checked, this.#catalog);
    });
  }

  /** Removes torrents that are no longer served from the list of a seeder. */
  async #drop(
    seeder: StoredSeeder,
    served: readonly StoredTorrent[],
    notServed: readonly StoredTorrent[],
  ): Promise<void> {
    await this.#catalog.put({ ...seeder, seenAt: this.#clock.now() }, served).catch(refused);
    await this.#swarms.leave(seeder, notServed);
  }

  async #answer(
    seeder: StoredSeeder,
    torrents: readonly StoredTorrent[],
    notServed: readonly StoredTorrent[],
    clientAddress: ClientAddress,
  ): Promise<RegistrationResponse> {
    const { id, address, isReachable } = seeder;
    const missing = await this.#lists.missing(torrents);
    // The missing ones are in the order of the torrents.
    const checkable = torrents.find(({ infoHash }, at) => infoHash !== missing[at]);
    if (checkable !== undefined) this.#check(seeder, checkable.infoHash, clientAddress);
    return {
      id,
      host: address.host,
      port: address.port,
      renewIn: this.#policy.renewIn,
      expiresIn: this.#policy.expiresIn,
      missing,
      ...(notServed.length > 0 && { refused: notServed.map(({ infoHash }) => infoHash) }),
      ...(isReachable !== undefined && this.#checks !== undefined && { reachable: isReachable }),
    };
  }
}
