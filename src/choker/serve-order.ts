import { Bitfield } from '../util/index.ts';

/** The number of pieces of which one is chosen by its age alone: the piece that the peer has waited for longest. */
const TURNS_BY_AGE = 8;

/** The pieces that a peer waits for, in the order in which it has requested them. */
export type RequestedPieces = Pick<ReadonlyMap<number, unknown>, 'has' | 'keys'>;

/** The pieces that one peer was sent. */
interface Account {
  /** The pieces of which it was sent blocks. */
  readonly taken: Bitfield;
  /** The piece of which it was sent the last block. */
  current: number;
  /** The number of pieces that it has begun to get. */
  turns: number;
}

/**
 * The decision which of a peer's requested pieces to send first.
 *
 * Leechers choose their pieces themselves, and several choose the same ones before they hear of each other. We decide the
 * order. A piece that was begun is finished first. Then comes the piece that we have sent to the fewest other peers, so
 * that each peer has something to give to the others: a piece that many have requested goes to one of them, which passes
 * it on. A piece that others got from us waits, but not for ever.
 */
export class ServeOrder<P> {
  readonly #pieceCount: number;
  readonly #accounts = new Map<P, Account>();
  /** For each piece, the number of connected peers that were sent blocks of it; `undefined` while there is none. */
  #copies: Uint16Array | undefined;

  constructor(pieceCount: number) {
    this.#pieceCount = pieceCount;
  }

  /** Chooses the piece to send a block of next. @returns `undefined` when the peer waits for none */
  next(peer: P, requested: RequestedPieces): number | undefined {
    const account = this.#accounts.get(peer);
    if (account !== undefined && requested.has(account.current)) return account.current;
    return this.following(peer, requested);
  }

  /** Chooses the piece that follows the one that is being sent, which may be read ahead. @returns `undefined` for none */
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

  /** Notes that a block of the piece is on its way to the peer. */
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

  /** Forgets a peer that has left, and the pieces that it could have passed on. */
  removePeer(peer: P): void {
    const taken = this.#accounts.get(peer)?.taken;
    if (taken === undefined) return;
    this.#accounts.delete(peer);
    for (let index = 0; index < taken.length; index += 1) if (taken.has(index)) this.#copies![index]! -= 1;
    if (this.#accounts.size === 0) this.#copies = undefined;
  }
}
