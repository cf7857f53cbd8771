import { type Address, formatAddress, type Random } from '../util/index.ts';
import type { PeerEnd } from './peer-end.ts';

/** Addresses kept per torrent. */
export const MAX_KNOWN_PEERS = 2000;
/** Wait after a connection that was of use; each failure since then doubles it. */
const RETRY_MS = 2_000;
const MAX_RETRY_MS = 10 * 60_000;
/** The longest wait while no peer is connected. */
const MAX_LONELY_RETRY_MS = 60_000;
/** Share of a wait by which it may be shorter or longer. */
const SPREAD = 0.25;

interface KnownPeer {
  readonly address: Address;
  /** Connections in a row that failed or ended without a byte of use. */
  failures: number;
  /** When it may be dialed, on the session's clock. */
  dialAfter: number;
  /** When it was released last. */
  releasedAt: number;
  /** How the last attempt or connection ended; `undefined` before there was one. */
  lastEnd: PeerEnd | undefined;
  isInUse: boolean;
  isBanned: boolean;
}

/**
 * Peers heard of, connected or not: whom to dial next, and whom never again. An address is a known peer; an open
 * connection is a {@link PeerConnection}.
 */
export class KnownPeers {
  readonly #random: Random;
  readonly #peers = new Map<string, KnownPeer>();
  #bannedCount = 0;

  /** @param random spreads the waits, so that two that dial each other do not get in each other's way again and again */
  constructor(random: Random) {
    this.#random = random;
  }

  /** How many there are, also those that are never dialed again. */
  get allCount(): number {
    return this.#peers.size;
  }

  /** How the last attempt or connection ended for each address that is not in use. */
  get lastEnds(): PeerEnd[] {
    return [...this.#peers.values()].flatMap(({ isInUse, lastEnd }) => (isInUse ? [] : (lastEnd ?? [])));
  }

  /** How many could be dialed, now or later. */
  get size(): number {
    return this.#peers.size - this.#bannedCount;
  }

  /** @returns whether it was new */
  add(address: Address): boolean {
    const key = formatAddress(address);
    if (this.#peers.has(key)) return false;
    if (this.#peers.size >= MAX_KNOWN_PEERS && !this.#forgetWorst()) return false;
    this.#peers.set(key, {
      address,
      failures: 0,
      dialAfter: 0,
      releasedAt: 0,
      lastEnd: undefined,
      isInUse: false,
      isBanned: false,
    });
    return true;
  }

  /** Whether there is an address to dial now. */
  hasNext(now: number): boolean {
    return this.#next(now) !== undefined;
  }

  /**
   * Picks an address to dial, the one that failed least, and marks it as in use.
   *
   * @param isLonely whether no peer is connected: then no address is left alone for more than a minute
   */
  takeNext(now: number, isLonely = false): Address | undefined {
    const next = this.#next(now, isLonely);
    if (next !== undefined) next.isInUse = true;
    return next?.address;
  }

  /** The connection is over. @param wasUseful whether a block came over it, or it was idle in good faith */
  release(address: Address, wasUseful: boolean, now: number, end: PeerEnd): void {
    const peer = this.#peers.get(formatAddress(address));
    if (peer === undefined) return;
    peer.isInUse = false;
    peer.lastEnd = end;
    peer.releasedAt = now;
    peer.failures = wasUseful ? 0 : peer.failures + 1;
    const wait = Math.min(RETRY_MS * 2 ** Math.min(peer.failures, 20), MAX_RETRY_MS);
    peer.dialAfter = now + wait * (1 - SPREAD + 2 * SPREAD * this.#random.next());
  }

  /** Never dials the address again: it is this client itself, has no use for it, or sent wrong data. */
  ban(address: Address): void {
    const peer = this.#peers.get(formatAddress(address));
    if (peer === undefined || peer.isBanned) return;
    peer.isBanned = true;
    this.#bannedCount += 1;
  }

  #next(now: number, isLonely = false): KnownPeer | undefined {
    let best: KnownPeer | undefined;
    for (const peer of this.#peers.values()) {
      if (peer.isInUse || peer.isBanned) continue;
      const latest = isLonely ? peer.releasedAt + MAX_LONELY_RETRY_MS : Number.POSITIVE_INFINITY;
      if (Math.min(peer.dialAfter, latest) > now) continue;
      if (best === undefined || peer.failures < best.failures) best = peer;
    }
    return best;
  }

  /** Makes room for an address that may be better. @returns whether there is any that failed */
  #forgetWorst(): boolean {
    let worst: KnownPeer | undefined;
    for (const peer of this.#peers.values()) {
      if (!peer.isInUse && !peer.isBanned && peer.failures > (worst?.failures ?? 0)) worst = peer;
    }
    return worst !== undefined && this.#peers.delete(formatAddress(worst.address));
  }
}
