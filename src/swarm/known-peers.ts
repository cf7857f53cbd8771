import { type Address, formatAddress, type Random } from '../util/index.ts';
import { originOf } from './origin.ts';
import type { PeerEnd } from './peer-end.ts';
import type { PeerSourceKind } from './peer-source.ts';

/** Addresses kept per torrent. */
export const MAX_KNOWN_PEERS = 2000;
/** Connections being opened at once to one IPv4 address or IPv6 /64, for one torrent. */
export const MAX_DIALING_PER_SITE = 8;
/** Connections being opened at once to one IPv4 /24 or IPv6 /48, for one torrent. */
export const MAX_DIALING_PER_NETWORK = 12;
/**
 * Attempts to one site in a row that come to nothing, after which further ones have a pause between them: with 2,000 ports
 * of somebody's machine we would scan it for whoever names them.
 */
export const MAX_QUICK_FAILURES = 16;
const SITE_PAUSE_MS = 100;
/** Wait after a connection that was of use; each failure since then doubles it. */
const RETRY_MS = 2_000;
const MAX_RETRY_MS = 10 * 60_000;
/** The longest wait while no peer is connected. */
const MAX_LONELY_RETRY_MS = 60_000;
/** Share of a wait by which it may be shorter or longer. */
const SPREAD = 0.25;

/** The peers that were heard of at one place, in numbers. */
interface Place {
  /** How many are known. */
  known: number;
  /** How many of them are connected or being dialed. */
  inUse: number;
  /** How many connections to them came to nothing since one that was of use. */
  failures: number;
  /** How many of them are being dialed. */
  dialing: number;
  /** When one may be dialed, on the session's clock. */
  dialAfter: number;
}

interface KnownPeer {
  readonly address: Address;
  /** The source that told of it first. */
  readonly source: PeerSourceKind;
  readonly site: Place;
  readonly network: Place;
  /** Connections in a row that failed or ended without a byte of use. */
  failures: number;
  /** When it may be dialed, on the session's clock. */
  dialAfter: number;
  /** When it was released last. */
  releasedAt: number;
  /** How the last attempt or connection ended; `undefined` before there was one. */
  lastEnd: PeerEnd | undefined;
  isInUse: boolean;
  isDialing: boolean;
  isBanned: boolean;
}

/**
 * Keeps the peers that were heard of, connected or not, and decides whom to dial next and whom never again. An address is a
 * known peer; an open connection is a {@link PeerConnection}.
 *
 * Anybody can claim any number of ports and addresses, so that networks take turns, and within a network its sites: the
 * next to be dialed is of where the fewest are connected, being dialed or failed so far. When there is no room for an
 * address, one is forgotten of where the most are known.
 */
export class KnownPeers {
  readonly #random: Random;
  readonly #peers = new Map<string, KnownPeer>();
  readonly #sites = new Map<string, Place>();
  readonly #networks = new Map<string, Place>();
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

  /** How many of all were heard of from each source first. */
  get countBySource(): Partial<Record<PeerSourceKind, number>> {
    const counts: Partial<Record<PeerSourceKind, number>> = {};
    for (const { source } of this.#peers.values()) counts[source] = (counts[source] ?? 0) + 1;
    return counts;
  }

  /** @returns whether it was new, and there is room for it */
  add(address: Address, source: PeerSourceKind): boolean {
    const key = formatAddress(address);
    if (this.#peers.has(key)) return false;
    const origin = originOf(address.host);
    const site = this.#sites.get(origin.site) ?? newPlace();
    const network = this.#networks.get(origin.network) ?? newPlace();
    if (this.#peers.size >= MAX_KNOWN_PEERS && !this.#makeRoom(site, network)) return false;
    this.#sites.set(origin.site, site);
    this.#networks.set(origin.network, network);
    site.known += 1;
    network.known += 1;
    this.#peers.set(key, {
      address,
      source,
      site,
      network,
      failures: 0,
      dialAfter: 0,
      releasedAt: 0,
      lastEnd: undefined,
      isInUse: false,
      isDialing: false,
      isBanned: false,
    });
    return true;
  }

  /** Whether there is an address to dial now. */
  hasNext(now: number): boolean {
    return this.#next(now) !== undefined;
  }

  /**
   * Picks an address to dial and marks it as in use.
   *
   * @param isLonely whether no peer is connected: then no address is left alone for more than a minute
   */
  takeNext(now: number, isLonely = false): Address | undefined {
    const next = this.#next(now, isLonely);
    if (next === undefined) return undefined;
    next.isInUse = true;
    next.isDialing = true;
    for (const place of [next.site, next.network]) {
      place.inUse += 1;
      place.dialing += 1;
    }
    return next.address;
  }

  /** The address is not being dialed any more: a peer is connected there. */
  reached(address: Address): void {
    const peer = this.#peers.get(formatAddress(address));
    if (peer !== undefined) endDialing(peer);
  }

  /** The connection is over. @param wasUseful whether a block came over it, or it was idle in good faith */
  release(address: Address, wasUseful: boolean, now: number, end: PeerEnd): void {
    const peer = this.#peers.get(formatAddress(address));
    if (peer === undefined) return;
    endDialing(peer);
    for (const place of [peer.site, peer.network]) {
      if (peer.isInUse) place.inUse -= 1;
      place.failures = wasUseful ? 0 : place.failures + 1;
    }
    peer.isInUse = false;
    peer.lastEnd = end;
    peer.releasedAt = now;
    peer.failures = wasUseful ? 0 : peer.failures + 1;
    if (peer.site.failures >= MAX_QUICK_FAILURES) peer.site.dialAfter = now + SITE_PAUSE_MS;
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
      if (peer.site.dialing >= MAX_DIALING_PER_SITE || peer.site.dialAfter > now) continue;
      if (peer.network.dialing >= MAX_DIALING_PER_NETWORK) continue;
      const latest = isLonely ? peer.releasedAt + MAX_LONELY_RETRY_MS : Number.POSITIVE_INFINITY;
      if (Math.min(peer.dialAfter, latest) > now) continue;
      if (best === undefined || goesBefore(peer, best)) best = peer;
    }
    return best;
  }

  /**
   * Forgets an address for one that is to be added: one of the network of which most are known, there of the site of which
   * most are known, if these have more than those of the newcomer will have; otherwise one that failed.
   *
   * @returns whether there was any
   */
  #makeRoom(site: Place, network: Place): boolean {
    let greediest: KnownPeer | undefined;
    let worst: KnownPeer | undefined;
    for (const peer of this.#peers.values()) {
      if (peer.isInUse) continue;
      if (greediest === undefined || isGreedier(peer, greediest)) greediest = peer;
      if (!peer.isBanned && peer.failures > (worst?.failures ?? 0)) worst = peer;
    }
    const isFair =
      greediest !== undefined &&
      (greediest.network === network
        ? greediest.site.known > site.known + 1
        : greediest.network.known > network.known + 1);
    const forgotten = isFair ? greediest : worst;
    if (forgotten !== undefined) this.#forget(forgotten);
    return forgotten !== undefined;
  }

  #forget({ address, site, network, isBanned }: KnownPeer): void {
    this.#peers.delete(formatAddress(address));
    if (isBanned) this.#bannedCount -= 1;
    const origin = originOf(address.host);
    site.known -= 1;
    network.known -= 1;
    if (site.known === 0) this.#sites.delete(origin.site);
    if (network.known === 0) this.#networks.delete(origin.network);
  }
}

function newPlace(): Place {
  return { known: 0, inUse: 0, failures: 0, dialing: 0, dialAfter: 0 };
}

function endDialing(peer: KnownPeer): void {
  if (!peer.isDialing) return;
  peer.isDialing = false;
  peer.site.dialing -= 1;
  peer.network.dialing -= 1;
}

/** Whether `one` is to be dialed before `other`, which was heard of before. */
function goesBefore(one: KnownPeer, other: KnownPeer): boolean {
  const networks = loadOf(one.network) - loadOf(other.network);
  if (networks !== 0) return networks < 0;
  const sites = loadOf(one.site) - loadOf(other.site);
  if (sites !== 0) return sites < 0;
  return one.failures < other.failures;
}

function loadOf({ inUse, failures }: Place): number {
  return inUse + failures;
}

/** Whether `one` is to be forgotten before `other`. Among those of one site bans are remembered longest. */
function isGreedier(one: KnownPeer, other: KnownPeer): boolean {
  const networks = one.network.known - other.network.known;
  if (networks !== 0) return networks > 0;
  const sites = one.site.known - other.site.known;
  if (sites !== 0) return sites > 0;
  if (one.isBanned !== other.isBanned) return other.isBanned;
  return one.failures > other.failures;
}
