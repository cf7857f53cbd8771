import { type Address, formatAddress, type Random } from '../util/index.ts';
import { type OriginKey, originOf } from './origin.ts';
import type { PeerEnd } from './peer-end.ts';
import type { PeerSourceKind } from './peer-source-kind.ts';

/** The number of addresses that are known of one torrent. Beyond it, one of a network with more than its share is forgotten. */
export const MAX_KNOWN_PEERS = 2000;
/** The number of connections that are opened at once to one IPv4 address or IPv6 /64, for one torrent. */
export const MAX_DIALING_PER_SITE = 8;
/** The number of connections that are opened at once to one IPv4 /24 or IPv6 /48, for one torrent. */
export const MAX_DIALING_PER_NETWORK = 12;
/**
 * The number of failures in a row at one IPv4 address or IPv6 /64 after which there is a pause before each further attempt.
 * Without it, somebody who names 2,000 ports of a machine would make us scan it.
 */
export const MAX_QUICK_FAILURES = 16;
/** The length of that pause, in milliseconds. */
const SITE_PAUSE_MS = 100;
/** The wait before an address is dialed again after a connection that was of use, in milliseconds. Each failure doubles it. */
const RETRY_MS = 2_000;
/** The longest wait before an address is dialed again, in milliseconds. */
const MAX_RETRY_MS = 10 * 60_000;
/** The longest wait while no peer is connected, in milliseconds. */
const MAX_LONELY_RETRY_MS = 60_000;
/** The part of a wait by which it is made shorter or longer at random, at most. */
const SPREAD = 0.25;

/** The numbers of the known peers of one site or one network. */
interface Place {
  /** The number of addresses that are known. */
  known: number;
  /** The number of them that are connected or being dialed. */
  inUse: number;
  /** The number of failures in a row: attempts and connections since the last one that was of use. */
  failures: number;
  /** The number of them that are being dialed. */
  dialing: number;
  /** The time from which one of them may be dialed, in milliseconds on the session's clock. */
  dialAfter: number;
}

/** An address that was heard of. */
interface KnownPeer {
  readonly address: Address;
  /** The kind of the source that named it first. */
  readonly source: PeerSourceKind;
  readonly site: Place;
  readonly network: Place;
  /** The number of attempts and connections in a row that were of no use. */
  failures: number;
  /** The time from which it may be dialed, in milliseconds on the session's clock. */
  dialAfter: number;
  /** The time of the last {@link KnownPeers.release}, in milliseconds on the session's clock. */
  releasedAt: number;
  /** The way in which the last attempt or connection ended; `undefined` before there was one. */
  lastEnd: PeerEnd | undefined;
  isInUse: boolean;
  isDialing: boolean;
  isBanned: boolean;
}

/**
 * Keeps the peers that were heard of, connected or not, and decides which address to dial next and which never again. An
 * address is a known peer; an open connection is a {@link PeerConnection}.
 *
 * Anybody can name any number of ports and addresses. Therefore networks take turns, and so do the sites of a network: the
 * next address to dial is one of the network, and there of the site, with the fewest addresses that are connected, being
 * dialed or have failed. When there is no room for a new address, one of the network with most addresses is forgotten.
 */
export class KnownPeers {
  readonly #random: Random;
  readonly #peers = new Map<string, KnownPeer>();
  readonly #sites = new Map<OriginKey, Place>();
  readonly #networks = new Map<OriginKey, Place>();
  #bannedCount = 0;

  /** @param random spreads the waits, so that two peers that dial each other at the same time do not go on doing so */
  constructor(random: Random) {
    this.#random = random;
  }

  /** The number of known addresses, with those that are never dialed again. */
  get allCount(): number {
    return this.#peers.size;
  }

  /** The ways in which the last attempt or connection ended, one for each address that was tried and is not in use. */
  get lastEnds(): PeerEnd[] {
    return [...this.#peers.values()].flatMap(({ isInUse, lastEnd }) => (isInUse ? [] : (lastEnd ?? [])));
  }

  /** The number of addresses that can be dialed, now or later. */
  get size(): number {
    return this.#peers.size - this.#bannedCount;
  }

  /** The numbers of known addresses by the kind of source that named them first. */
  get countBySource(): Partial<Record<PeerSourceKind, number>> {
    const counts: Partial<Record<PeerSourceKind, number>> = {};
    for (const { source } of this.#peers.values()) counts[source] = (counts[source] ?? 0) + 1;
    return counts;
  }

  /** Adds an address if it is new and there is room for it. @returns whether it was added */
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

  /** Tells whether there is an address to dial now. */
  hasNext(now: number): boolean {
    return this.#next(now) !== undefined;
  }

  /**
   * Picks an address to dial and marks it as in use.
   *
   * @param isLonely whether no peer is connected: then no address waits for more than a minute
   * @returns the address; `undefined` when none may be dialed now
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

  /** Notes that the peer at this address is connected, so that the address is no longer being dialed. */
  reached(address: Address): void {
    const peer = this.#peers.get(formatAddress(address));
    if (peer !== undefined) endDialing(peer);
  }

  /**
   * Notes that the attempt or connection is over, and decides when the address may be dialed again.
   *
   * @param wasUseful whether blocks moved, or the end says nothing about the address
   */
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

  /** Marks an address that is never dialed again: it is this client's own, is of no use, or sent wrong data. */
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
   * Forgets an address to make room for a new one: one of the network, and there of the site, with most known addresses, if
   * that has more than the network or site of the new one will have; otherwise the address with most failures.
   *
   * @returns whether there was one to forget
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

/** Tells whether `one` is to be dialed before `other`, which was heard of earlier. */
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

/** Tells whether `one` is to be forgotten before `other`. Of one site, banned addresses are forgotten last. */
function isGreedier(one: KnownPeer, other: KnownPeer): boolean {
  const networks = one.network.known - other.network.known;
  if (networks !== 0) return networks > 0;
  const sites = one.site.known - other.site.known;
  if (sites !== 0) return sites > 0;
  if (one.isBanned !== other.isBanned) return other.isBanned;
  return one.failures > other.failures;
}
