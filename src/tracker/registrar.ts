import { randomBytes } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { RegisteredTorrent, Registration, RegistrationAnswer } from '../tracker-protocol/index.ts';
import { type Address, type Clock, fromHex, type InfoHash } from '../util/index.ts';
import type { Access } from './access/index.ts';
import { reachableHost } from './address-policy.ts';
import type { Sender } from './announce.ts';
import {
  type Catalog,
  CatalogFullError,
  type CatalogSeeder,
  type CatalogTorrent,
  type NewSeeder,
} from './catalog/index.ts';
import { GrantedSeeders } from './granted-seeders.ts';
import {
  type CheckedTorrent,
  checkMetainfo,
  checkRegisteredTorrent,
  vouchedMetainfo,
} from './registered-torrent.ts';
import { RegistrarError, unknownSeeder } from './registrar-error.ts';
import { SeederSwarms, swarmsOf } from './seeder-swarms.ts';
import { newToken, SeederTokens } from './seeder-tokens.ts';
import type { SwarmStore } from './swarms/index.ts';

/** Milliseconds of checking metainfo before announces get their turn. */
const CHECKING_SLICE = 10;

/** What can be decided about registrations, and decided again while the tracker runs. */
export interface RegistrationPolicy {
  /** Seconds after which a seeder should renew. */
  readonly renewIn: number;
  /** Seconds after which one that has not is forgotten. */
  readonly expiresIn: number;
}

export interface RegistrarOptions extends RegistrationPolicy {
  readonly catalog: Catalog;
  readonly swarms: SwarmStore;
  readonly clock: Clock;
  /** Says which torrents are served, and whose registration has come to nothing. */
  readonly access: Access;
}

/**
 * Lets seeders register, renew and leave, and keeps the swarms in step: a registered seeder is in the swarm of each of
 * its torrents (of both info-hashes of a hybrid), and leaves them when it leaves or expires.
 */
export class Registrar {
  readonly tokens: SeederTokens;
  readonly #catalog: Catalog;
  readonly #swarms: SeederSwarms;
  readonly #clock: Clock;
  readonly #access: Access;
  readonly #granted = new GrantedSeeders();
  #policy: RegistrationPolicy;

  constructor({ catalog, swarms, clock, access, ...policy }: RegistrarOptions) {
    this.#catalog = catalog;
    this.#swarms = new SeederSwarms({ swarms, access, clock });
    this.#clock = clock;
    this.#access = access;
    this.tokens = new SeederTokens({ catalog, access, granted: this.#granted, clock });
    this.#policy = policy;
  }

  /** Goes by another policy from now on: a seeder learns of it when it renews. */
  configure(policy: RegistrationPolicy): void {
    this.#policy = policy;
  }

  /**
   * Registers a seeder, in place of one that is registered at the same address: it has crashed and come back.
   *
   * @param grantedBy id of the access token by which it may; the registration ends with that
   * @throws {RegistrarError} BAD_FIELD, FULL
   */
  async register(
    registration: Registration,
    sender: Sender,
    grantedBy?: string,
  ): Promise<RegistrationAnswer> {
    const id = randomBytes(8).toString('hex');
    const { token, tokenHash } = newToken(id, grantedBy);
    const answer = await this.#record({ id, tokenHash }, registration, sender);
    if (grantedBy !== undefined) this.#granted.note(id, grantedBy, this.#clock.now());
    return { ...answer, token };
  }

  /**
   * Notes that a seeder is still there, and takes its new list if there is one.
   *
   * @throws {RegistrarError}
   */
  async renew(
    id: string,
    token: string | undefined,
    registration: Registration | undefined,
    sender: Sender,
  ): Promise<RegistrationAnswer> {
    const seeder = await this.tokens.authenticate(id, token);
    if (registration !== undefined) return this.#record(seeder, registration, sender);
    const torrents = await this.#catalog.renew(id, this.#clock.now());
    if (torrents === undefined) throw unknownSeeder(id);
    const served: CatalogTorrent[] = [];
    const refused: CatalogTorrent[] = [];
    for (const torrent of torrents) (this.#isRefused(torrent) ? refused : served).push(torrent);
    if (refused.length > 0) await this.#drop(seeder, served, refused);
    await this.#swarms.join(seeder, served);
    return this.#answer(seeder, served, refused);
  }

  /** @throws {RegistrarError} */
  async leave(id: string, token: string | undefined): Promise<void> {
    await this.tokens.authenticate(id, token);
    await this.#remove(id);
  }

  /**
   * Takes the metainfo of a torrent from a seeder that registered the torrent without it.
   *
   * @throws {RegistrarError}
   */
  async upload(infoHash: InfoHash, token: string | undefined, metainfo: Uint8Array): Promise<void> {
    await this.tokens.authenticateHolder(infoHash, token);
    const checked = checkMetainfo(metainfo, infoHash, 'body');
    await this.#catalog.addMetainfo(infoHash, vouchedMetainfo(checked)).catch(refuseFull);
  }

  /**
   * Forgets the seeders that did not renew in time, and those whose access token is revoked or has expired. Those that the catalog gave their whole time again, as after a
   * restart, are put into their swarms, which may have forgotten them.
   */
  async expire(): Promise<void> {
    const before = this.#clock.now() - this.#policy.expiresIn * 1000;
    for (const id of this.#granted.takeEnded(this.#access, before)) await this.#remove(id);
    const departures = await this.#catalog.expire(before);
    for (const { seeder, torrents } of departures) await this.#swarms.leave(seeder.address, torrents);
    if (this.#catalog.takeResumed()) await this.#swarms.joinAll(this.#catalog);
  }

  async #remove(id: string): Promise<void> {
    this.#granted.delete(id);
    const departure = await this.#catalog.remove(id);
    if (departure !== undefined) await this.#swarms.leave(departure.seeder.address, departure.torrents);
  }

  async #record(
    known: Pick<NewSeeder, 'id' | 'tokenHash'> & { readonly registeredAt?: number },
    registration: Registration,
    sender: Sender,
  ): Promise<RegistrationAnswer> {
    const address = addressOf(registration, sender);
    const checked = await this.#check(registration.torrents);
    const refused = Array.from(checked.values(), ({ torrent }) => torrent).filter((torrent) =>
      this.#isRefused(torrent),
    );
    for (const { infoHash } of refused) checked.delete(infoHash);
    const torrents = Array.from(checked.values(), ({ torrent }) => torrent);
    const { id, tokenHash } = known;
    const peerId = fromHex(registration.peerId);
    const seenAt = this.#clock.now();
    const seeder = { id, tokenHash, address, peerId, registeredAt: known.registeredAt ?? seenAt, seenAt };
    const departures = await this.#catalog.put(seeder, torrents).catch(refuseFull);
    await this.#swarms.join(seeder, torrents);
    for (const departure of departures) {
      if (departure.seeder.id !== id) this.#granted.delete(departure.seeder.id);
      const isHere =
        departure.seeder.address.host === address.host && departure.seeder.address.port === address.port;
      await this.#swarms.leave(departure.seeder.address, departure.torrents, isHere ? torrents : []);
    }
    await this.#keepMetainfo(checked);
    return this.#answer(seeder, torrents, refused);
  }

  /** Takes torrents off the list of a seeder that are no longer served. */
  async #drop(
    seeder: CatalogSeeder,
    served: readonly CatalogTorrent[],
    refused: readonly CatalogTorrent[],
  ): Promise<void> {
    await this.#catalog.put({ ...seeder, seenAt: this.#clock.now() }, served).catch(refuseFull);
    await this.#swarms.leave(seeder.address, refused);
  }

  /** Whether one of its info-hashes, of which a hybrid has two, is not served. */
  #isRefused(torrent: CatalogTorrent): boolean {
    for (const infoHash of swarmsOf([torrent])) {
      if (this.#access.refuseInfoHash(infoHash) !== undefined) return true;
    }
    return false;
  }

  /** Torrents by info-hash; of several with the same, which are the same torrent, the first. */
  async #check(registered: readonly RegisteredTorrent[]): Promise<Map<InfoHash, CheckedTorrent>> {
    const checked = new Map<InfoHash, CheckedTorrent>();
    let sliceEnd = this.#clock.now() + CHECKING_SLICE;
    for (const [at, torrent] of registered.entries()) {
      const one = checkRegisteredTorrent(torrent, `torrents.${at}`);
      if (!checked.has(one.torrent.infoHash)) checked.set(one.torrent.infoHash, one);
      if (this.#clock.now() < sliceEnd) continue;
      await setImmediate();
      sliceEnd = this.#clock.now() + CHECKING_SLICE;
    }
    return checked;
  }

  /** What does not fit is `missing` in the answer, and whoever sends it again is told why. */
  async #keepMetainfo(checked: ReadonlyMap<InfoHash, CheckedTorrent>): Promise<void> {
    for (const [infoHash, { metainfo }] of checked) {
      if (metainfo === undefined) continue;
      try {
        await this.#catalog.addMetainfo(infoHash, metainfo);
      } catch (thrown) {
        if (!(thrown instanceof CatalogFullError)) throw thrown;
        return;
      }
    }
  }

  async #answer(
    { id, address }: Pick<NewSeeder, 'id' | 'address'>,
    torrents: readonly CatalogTorrent[],
    refused: readonly CatalogTorrent[],
  ): Promise<RegistrationAnswer> {
    return {
      id,
      host: address.host,
      port: address.port,
      renewIn: this.#policy.renewIn,
      expiresIn: this.#policy.expiresIn,
      missing: await this.#catalog.withoutMetainfo(torrents.map(({ infoHash }) => infoHash)),
      ...(refused.length > 0 && { refused: refused.map(({ infoHash }) => infoHash) }),
    };
  }
}

function addressOf({ host: claimed, port }: Registration, sender: Sender): Address {
  const host = reachableHost(sender.host, claimed);
  if (host !== undefined) return { host, port };
  throw new RegistrarError(
    'BAD_FIELD',
    `must be the address the request comes from, ${sender.host}, or both must be private addresses`,
    { field: 'host' },
  );
}

/** What a catalog has no room for is refused to whoever has asked. */
function refuseFull(thrown: unknown): never {
  throw thrown instanceof CatalogFullError
    ? new RegistrarError('FULL', thrown.message, { cause: thrown })
    : thrown;
}
