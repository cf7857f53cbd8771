import type { Access } from '../guard/access/index.ts';

/**
 * The registered seeders that an access token let in, so that they can go when it is revoked or expires. The catalog does not
 * hold that, and the tracker learns it again from each renewal, as after a restart.
 */
export class GrantedSeeders {
  /** By id of the seeder, the one that was heard of last at the end. */
  readonly #seeders = new Map<string, { readonly tokenId: string; readonly heardAt: number }>();

  /** Notes that a seeder was heard of. @param tokenId the id of the access token that it was registered by */
  note(seederId: string, tokenId: string, now: number): void {
    this.#seeders.delete(seederId);
    this.#seeders.set(seederId, { tokenId, heardAt: now });
  }

  /** Says whether an access token let a seeder in, which was heard of since the start. */
  has(seederId: string): boolean {
    return this.#seeders.has(seederId);
  }

  /** Forgets a seeder that has left. */
  delete(seederId: string): void {
    this.#seeders.delete(seederId);
  }

  /**
   * Forgets the seeders that were last heard of before `before`, and those that may not stay.
   *
   * @returns the ids of those that may not stay
   */
  takeEnded(access: Access, before: number): readonly string[] {
    const ended: string[] = [];
    for (const [seederId, { tokenId, heardAt }] of this.#seeders) {
      const mayStay = access.mayStay(tokenId);
      if (!mayStay) ended.push(seederId);
      if (!mayStay || heardAt < before) this.#seeders.delete(seederId);
    }
    return ended;
  }
}
