import { createHash, timingSafeEqual } from 'node:crypto';
import { accessTokenId } from '../../../tracker-protocol/index.ts';
import { type AccessToken, isInForce } from './access-token.ts';

/** The table of all tokens, revoked ones included. */
export class TokenTable {
  readonly #tokens: ReadonlyMap<string, AccessToken>;

  /** @param tokens by id */
  constructor(tokens: ReadonlyMap<string, AccessToken> = new Map()) {
    this.#tokens = tokens;
  }

  /** Gives all tokens in the order in which they were made. */
  get all(): readonly AccessToken[] {
    return [...this.#tokens.values()];
  }

  get size(): number {
    return this.#tokens.size;
  }

  get(id: string): AccessToken | undefined {
    return this.#tokens.get(id);
  }

  /**
   * Finds the token with this text, if it is in force. It is found by its id, which is no secret; then hashes are compared
   * in constant time, so that the time tells nothing of the secret.
   *
   * @param now milliseconds since 1970
   */
  find(text: string, now: number): AccessToken | undefined {
    const token = this.#tokens.get(accessTokenId(text) ?? '');
    if (token === undefined || !isInForce(token, now)) return undefined;
    return timingSafeEqual(hashToken(text), token.hash) ? token : undefined;
  }
}

export function hashToken(text: string): Uint8Array {
  return createHash('sha256').update(text).digest();
}
