import { Bitfield } from '../util/index.ts';

/**
 * How many bytes a peer is held back for each copy of the piece it asks for that other peers got from us already.
 * Also bounds the wait: it is served, copies or not, when everybody else is ahead of it by that much.
 */
const COPY_HANDICAP_BYTES = 4 * 1024 * 1024;

/** What the serve order needs of a connection: the requests it sent that were not served yet, oldest first. */
export interface ServePeer {
  readonly queueLength: number;
  /** The piece that a request is for, `0 <= at < queueLength`. */
  queuedPiece(at: number): number;
}

/** Serve this peer's requests for this piece next, in the order they stand in its queue. */
export interface Run<P extends ServePeer> {
  readonly peer: P;
  readonly index: number;
}

interface Account {
  /** Bytes sent to it, as if it had been there from the start. */
  served: number;
  /** Pieces it got blocks of. */
  readonly taken: Bitfield;
}

/**
 * Which queued request to serve next.
 *
 * A leecher picks its pieces itself; what a seeder decides is whose request comes first. Of a peer's requests those for
 * the piece come first that fewest others got from us, so that each peer gets pieces to trade. Of the peers that one
 * comes first that was sent least, each copy others got of the piece it wants counted as {@link COPY_HANDICAP_BYTES}
 * sent: nothing is sent twice while somebody waits for what was never sent, and nobody waits for ever.
 */
export class ServeOrder<P extends ServePeer> {
  readonly #pieceCount: number;
  /** How many peers were sent blocks of each piece. */
  readonly #copies: Uint16Array;
  readonly #accounts = new Map<P, Account>();

  constructor(pieceCount: number) {
    this.#pieceCount = pieceCount;
    this.#copies = new Uint16Array(pieceCount);
  }

  /**
   * @param peers - those whose sockets take more; a peer with an empty queue is passed over
   * @returns nothing when no request is queued
   */
  next(peers: Iterable<P>): Run<P> | undefined {
    let best: Run<P> | undefined;
    let bestRank = Number.POSITIVE_INFINITY;
    for (const peer of peers) {
      if (peer.queueLength === 0) continue;
      const index = this.#rarestOf(peer);
      const rank = this.#account(peer).served + this.#copiesForOthers(peer, index) * COPY_HANDICAP_BYTES;
      if (rank >= bestRank) continue;
      best = { peer, index };
      bestRank = rank;
    }
    return best;
  }

  /** A block of the piece is on its way to the peer. */
  sent(peer: P, index: number, bytes: number): void {
    const account = this.#account(peer);
    account.served += bytes;
    if (account.taken.add(index)) this.#copies[index]! += 1;
  }

  removePeer(peer: P): void {
    this.#accounts.delete(peer);
  }

  #rarestOf(peer: P): number {
    let best = peer.queuedPiece(0);
    let fewest = this.#copiesForOthers(peer, best);
    for (let at = 1; at < peer.queueLength && fewest > 0; at += 1) {
      const index = peer.queuedPiece(at);
      const copies = this.#copiesForOthers(peer, index);
      if (copies >= fewest) continue;
      best = index;
      fewest = copies;
    }
    return best;
  }

  #copiesForOthers(peer: P, index: number): number {
    const own = this.#accounts.get(peer)?.taken.has(index) ? 1 : 0;
    return this.#copies[index]! - own;
  }

  #account(peer: P): Account {
    let account = this.#accounts.get(peer);
    if (account === undefined) {
      let served = Number.POSITIVE_INFINITY;
      for (const other of this.#accounts.values()) served = Math.min(served, other.served);
      account = { served: Number.isFinite(served) ? served : 0, taken: new Bitfield(this.#pieceCount) };
      this.#accounts.set(peer, account);
    }
    return account;
  }
}
