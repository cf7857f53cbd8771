import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { Clock, InfoHash } from '../../util/index.ts';
import { RegistryError, unknownSeeder } from '../errors/index.ts';
import { type Access, hashToken } from '../guard/access/index.ts';
import type { Catalog, StoredSeeder } from './catalog/index.ts';
import type { GrantedSeeders } from './granted-seeders.ts';

/** The number of bytes of a token's secret. */
const SECRET_BYTES = 24;

/**
 * Makes the token of a registration: the seeder's id, a secret, and the id of the access token by which it was granted,
 * if there was one. The tracker keeps a hash of all that, so that nobody can leave the last part out.
 */
export function newToken(
  id: string,
  grantedBy: string | undefined,
): { readonly token: string; readonly tokenHash: Uint8Array } {
  const secret = randomBytes(SECRET_BYTES).toString('base64url');
  const token = grantedBy === undefined ? `${id}.${secret}` : `${id}.${secret}.${grantedBy}`;
  return { token, tokenHash: hashToken(token) };
}

export interface SeederTokensOptions {
  readonly catalog: Catalog;
  readonly access: Access;
  /** Is told of each seeder that sends its token. */
  readonly granted: GrantedSeeders;
  readonly clock: Clock;
}

/** Authenticates registered seeders by their tokens. */
export class SeederTokens {
  readonly #catalog: Catalog;
  readonly #access: Access;
  readonly #granted: GrantedSeeders;
  readonly #clock: Clock;

  constructor({ catalog, access, granted, clock }: SeederTokensOptions) {
    this.#catalog = catalog;
    this.#access = access;
    this.#granted = granted;
    this.#clock = clock;
  }

  /**
   * Finds the seeder with an id and checks its token. Callers use it before they read a large body; the methods of the
   * registry call it themselves.
   *
   * @throws {RegistryError} NO_TOKEN, UNKNOWN_SEEDER, WRONG_TOKEN
   */
  async authenticate(id: string, token: string | undefined): Promise<StoredSeeder> {
    if (token === undefined) {
      throw new RegistryError(
        'NO_TOKEN',
        'This call needs the token of the registration: Authorization: Bearer …',
      );
    }
    const seeder = await this.#catalog.seeder(id);
    if (seeder === undefined) throw unknownSeeder(id);
    if (!timingSafeEqual(hashToken(token), seeder.tokenHash)) {
      throw new RegistryError('WRONG_TOKEN', `The token is not that of seeder ${id}`);
    }
    const grantedBy = token.split('.')[2];
    if (grantedBy === undefined) return seeder;
    this.#granted.note(id, grantedBy, this.#clock.now());
    if (this.#access.mayStay(grantedBy)) return seeder;
    throw new RegistryError(
      'WRONG_TOKEN',
      `Seeder ${id} was registered with access token ${grantedBy}, which is revoked or has expired`,
    );
  }

  /**
   * Checks that the token is that of a seeder which holds the torrent, and finds that seeder.
   *
   * @throws {RegistryError} NO_TOKEN, UNKNOWN_SEEDER, WRONG_TOKEN, UNKNOWN_TORRENT
   */
  async authenticateHolder(infoHash: InfoHash, token: string | undefined): Promise<StoredSeeder> {
    // A token starts with the id of its seeder.
    const seeder = await this.authenticate(token?.split('.', 1)[0] ?? '', token);
    if (await this.#catalog.holds(seeder.id, infoHash)) return seeder;
    throw new RegistryError('UNKNOWN_TORRENT', `Seeder ${seeder.id} has not registered torrent ${infoHash}`);
  }
}
