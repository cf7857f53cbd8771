import { Bitfield } from '../util/index.ts';

/** The number of pieces among which a peer gets one that it has waited for longest, however many others have it. */
const TURNS_BY_AGE = 8;

/** The pieces a peer waits for, those it asked for first before the others. */
export type RequestedPieces = Pick<ReadonlyMap<number, unknown>, 'has' | 'keys'>;

interface Account {
  /** Pieces it was sent blocks of. */
  readonly taken: Bitfield;
  /** The piece it was sent a block of last. */
  current: number;
  /** How many pieces it has begun to get. */
  turns: number;
}

/**
 * Which of the pieces that a peer asked for it is sent first.
 *
 * A leecher picks its pieces itself, and several pick the same ones before they hear of each other. What we decide is
 * the order: first the piece that fewest others got from us, so that each has something to give to the others, and what
 * many asked for is sent to one and passed on by that one, while the others wait for it here in vain. A piece that was
 * begun is finished first. One that others have waits, but not for ever.
 */
export class ServeOrder<P> {
  readonly #pieceCount: number;
  readonly #accounts = new Map<P, Account>();
  /** How many of the peers that are here were sent blocks of each piece; there only while there is a peer. */
  #copies: Uint16Array | undefined;

  constructor(pieceCount: number) {
    this.#pieceCount = pieceCount;
  }

  /** The piece to send blocks of next. @returns nothing when it waits for none */
  next(peer: P, requested: RequestedPieces): number | undefined {
    const account = this.#accounts.get(peer);
    if (account !== undefined && requested.has(account.current)) return account.current;
    return this.following(peer, requested);
  }

  /** The piece to begin with once the one that is being sent is finished: what to read ahead. */
  following(peer: P, requested: RequestedPieces): number | undefined {
    const account = this.#accounts.get(peer);
    const isByAge = account !== undefined && account.turns % TURNS_BY_AGE === TURNS_BY_AGE - 1;
    let best: number | undefined;
    let fewest = Number.POSITIVE_INFINITY;
    for (const index of requested.keys()) {
      if (index === account?.current) continue;
      const copies = (this.#copies?.[index] ?? 0) - Number(account?.taken.has(index) === true);
      if (copies >= fewest) continue;
      best = index;
      fewest = copies;
      if (copies === 0 || isByAge) break;
    }
    return best;
  }

  /** A block of the piece is on its way to the peer. */
  sent(peer: P, index: number): void {
    let account = this.#accounts.get(peer);
    if (account === undefined) {
      account = { taken: new Bitfield(this.#pieceCount), current: -1, turns: 0 };
      this.#accounts.set(peer, account);
    }
    if (account.current === index) return;
    account.current = index;
    account.turns += 1;
    this.#copies ??= new Uint16Array(this.#pieceCount);
    if (account.taken.add(index)) this.#copies[index]! += 1;
  }

  /** The peer is gone, and with it what it could have passed on. */
  removePeer(peer: P): void {
    const taken = this.#accounts.get(peer)?.taken;
    if (taken === undefined) return;
    this.#accounts.delete(peer);
    for (let index = 0; index < taken.length; index += 1) if (taken.has(index)) this.#copies![index]! -= 1;
    if (this.#accounts.size === 0) this.#copies = undefined;
  }
}
