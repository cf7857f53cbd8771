import type { Access } from '../guard/access/index.ts';

/**
 * The seeders that registered with an access token, so that they can be removed when it is revoked or expires. The catalog
 * does not store that; the tracker learns it again from each renewal, as after a restart.
 */
export class GrantedSeeders {
  /** The seeders by id; the one that was heard of last is at the end. */
  readonly #seeders = new Map<string, { readonly tokenId: string; readonly heardAt: number }>();

  /** Notes that a seeder was heard of. @param tokenId the id of the access token that it was registered by */
  note(seederId: string, tokenId: string, now: number): void {
    this.#seeders.delete(seederId);
    this.#seeders.set(seederId, { tokenId, heardAt: now });
  }

  /** Says whether a seeder that was heard of since the start registered with an access token. */
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
