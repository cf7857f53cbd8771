import { Bitfield } from '../util/index.ts';

/** How many bytes a peer is held back for each copy of the piece it asks for that other peers got from us. */
const COPY_HANDICAP_BYTES = 4 * 1024 * 1024;
/** Copies beyond these hold nobody back: bounds how long a peer waits for what the others have. */
const MAX_COPIES_COUNTED = 4;

/** What the serve order needs of a connection: the requests it sent that were not served yet, oldest first. */
export interface ServePeer {
  readonly queueLength: number;
  /** Whether its socket takes more. */
  readonly canSend: boolean;
  /** The piece that a request is for, `0 <= at < queueLength`. */
  queuedPiece(at: number): number;
}

/** Serve this peer's requests for this piece next, in the order they stand in its queue. */
export interface Run<P extends ServePeer> {
  readonly peer: P;
  readonly index: number;
}

interface Account {
  /** Bytes sent to it; one that waits for nothing earns nothing by it, and is put level with the others afterwards. */
  served: number;
  isIdle: boolean;
  /** Pieces it got blocks of; nothing as long as there are none. */
  taken: Bitfield | undefined;
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
  /** How many of the peers that are here were sent blocks of each piece. */
  readonly #copies: Uint32Array;
  readonly #accounts = new Map<P, Account>();
  /** `served` of the peer that was sent a block last. */
  #lastServed = 0;

  constructor(pieceCount: number) {
    this.#copies = new Uint32Array(pieceCount);
  }

  /**
   * @param peers - all that may request anything, also those that do not at the moment
   * @returns nothing when no request is queued by a peer that can be sent to
   */
  next(peers: Iterable<P>): Run<P> | undefined {
    let best: Run<P> | undefined;
    let bestRank = Number.POSITIVE_INFINITY;
    for (const peer of peers) {
      const served = this.#servedSoFar(peer);
      if (peer.queueLength === 0 || !peer.canSend) continue;
      const index = this.#rarestOf(peer);
      const copies = Math.min(this.#copiesForOthers(peer, index), MAX_COPIES_COUNTED);
      const rank = served + copies * COPY_HANDICAP_BYTES;
      if (rank >= bestRank) continue;
      best = { peer, index };
      bestRank = rank;
    }
    return best;
  }

  /** A block of the piece is on its way to the peer. */
  sent(peer: P, index: number, bytes: number): void {
    const account = this.#accountOf(peer);
    account.served += bytes;
    account.taken ??= new Bitfield(this.#copies.length);
    if (account.taken.add(index)) this.#copies[index]! += 1;
    this.#lastServed = account.served;
  }

  /** The peer is gone, and with it what it could have passed on. */
  removePeer(peer: P): void {
    const taken = this.#accounts.get(peer)?.taken;
    this.#accounts.delete(peer);
    if (taken === undefined) return;
    for (let index = 0; index < taken.length; index += 1) if (taken.has(index)) this.#copies[index]! -= 1;
  }

  #servedSoFar(peer: P): number {
    const account = this.#accountOf(peer);
    if (peer.queueLength > 0 && account.isIdle)
      account.served = Math.max(account.served, this.#leastServed());
    account.isIdle = peer.queueLength === 0;
    return account.served;
  }

  /** Of the peers that wait. */
  #leastServed(): number {
    let least = Number.POSITIVE_INFINITY;
    for (const { served, isIdle } of this.#accounts.values()) if (!isIdle) least = Math.min(least, served);
    return Number.isFinite(least) ? least : this.#lastServed;
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
    const own = this.#accountOf(peer).taken?.has(index) ? 1 : 0;
    return this.#copies[index]! - own;
  }

  #accountOf(peer: P): Account {
    const account = this.#accounts.get(peer) ?? { served: 0, isIdle: true, taken: undefined };
    this.#accounts.set(peer, account);
    return account;
  }
}
