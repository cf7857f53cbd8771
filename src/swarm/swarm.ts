import type { Connection, ConnectionHandler, Network } from '../net/index.ts';
import {
  type Address,
  type Clock,
  equalBytes,
  type InfoHash,
  type Random,
  type ReportError,
} from '../util/index.ts';
import { type Handshake, WireError } from '../wire/index.ts';
import { BannedOrigins } from './banned-origins.ts';
import type { ConnectedPeer, Greeting, PeerKeeper } from './connected-peer.ts';
import type { ConnectionSlots } from './connection-slots.ts';
import { Dialer } from './dialer.ts';
import { KnownPeers } from './known-peers.ts';
import { originOf } from './origin.ts';
import { endOfAttempt, type PeerEnd, type PeerSummary } from './peer-end.ts';
import type { PeerSourceKind } from './peer-source-kind.ts';
import type { WorkBudgets } from './work-budget.ts';

/**
 * The milliseconds without a block after which we no longer believe a peer that came to us where it listens, and dial that
 * address all the same. Any program on its machine, or behind its router, can name the address of another one.
 */
const DOUBT_AFTER_MS = 30_000;

/** The port to the owner of a swarm, which makes the peers and knows what they are wanted for. */
export interface SwarmOwner<P> {
  /** Whether we need no further piece from peers. */
  readonly isComplete: boolean;
  /** Makes the peer of a connection on which both handshakes have passed. */
  connect(greeting: Greeting): P;
  /** Hears that the peer is in the swarm, so that it can be told which pieces we have. */
  onConnected(peer: P): void;
  /** Tells whether neither end can want anything of the other. */
  isUseless(peer: P): boolean;
  /**
   * Hears that the peer has left the swarm.
   *
   * @param error `undefined` when the connection ended in good order
   */
  onClosed(peer: P, end: PeerEnd, error: Error | undefined): void;
  /** Hears of an event that matters only to somebody who looks for a fault. */
  onDebug(message: string): void;
}

/** The options of a {@link Swarm}. */
export interface SwarmOptions<P> {
  readonly network: Network;
  readonly clock: Clock;
  readonly random: Random;
  readonly report: ReportError;
  readonly slots: ConnectionSlots;
  /** The budgets of the work that the messages of peers make. */
  readonly workBudgets: WorkBudgets;
  /** The budgets of the work of accepting connections. */
  readonly connectBudgets: WorkBudgets;
  /** The units of work that a connection to us makes besides accepting it and exchanging handshakes. */
  readonly connectionWork: number;
  /** The handshake that we send on connections that we open. */
  readonly ours: Handshake;
  /** The info-hashes of the torrent on the wire. A hybrid torrent has two, that of v2 last. */
  readonly infoHashes: readonly InfoHash[];
  readonly owner: SwarmOwner<P>;
}

/**
 * Keeps the peers of one info-hash: which are connected, being dialed, to be dialed next, and banned. It knows nothing of
 * pieces.
 *
 * Peers are told apart by their connections, never by their peer ids, which anybody can copy: two connections with one
 * peer id are two peers. There is one exception. Two peers may dial each other at the same time. If a peer that came to us
 * says that it listens at an address that we dialed, and both connections have the same peer id, then the end with the
 * greater peer id closes the one that came to it. It keeps the one that it opened, whose address is proven.
 */
export class Swarm<P extends ConnectedPeer & ConnectionHandler> implements PeerKeeper<P> {
  readonly #options: SwarmOptions<P>;
  readonly #known: KnownPeers;
  readonly #dialer: Dialer;
  readonly #connected = new Set<P>();
  readonly #bannedOrigins = new BannedOrigins();
  /** The peers that were banned. */
  readonly #banned = new WeakSet<P>();
  /** The known addresses at which a peer says that it listens. They are not dialed as long as the peer is believed. */
  readonly #claimed = new Map<P, Address[]>();
  /** The numbers of ends of each kind of connections that came to us, whose addresses are not among the known ones. */
  readonly #otherEnds = new Map<PeerEnd, number>();
  #isClosed = false;

  constructor(options: SwarmOptions<P>) {
    this.#options = options;
    this.#known = new KnownPeers(options.random);
    const { network, clock, report, slots, ours, infoHashes } = options;
    // A seeder may have many thousands of swarms, and copies of whole options take long.
    this.#dialer = new Dialer({
      network,
      clock,
      report,
      slots,
      ours,
      infoHashes,
      onConnected: (greeted) => this.#onDialed(greeted),
      onFailed: (address, error, isOurFault) => {
        if (!this.#isClosed) options.owner.onDebug(error.message);
        this.#known.release(address, isOurFault, options.clock.now(), endOfAttempt(error));
        this.dialMore();
      },
    });
  }

  get connected(): ReadonlySet<P> {
    return this.#connected;
  }

  /** The number of known addresses that can be dialed, now or later. */
  get knownCount(): number {
    return this.#known.size;
  }

  /** A summary of what became of the peers so far. */
  get summary(): PeerSummary {
    const ended = Object.fromEntries(this.#otherEnds) as Partial<Record<PeerEnd, number>>;
    for (const end of this.#known.lastEnds) ended[end] = (ended[end] ?? 0) + 1;
    const { allCount: known, countBySource: sources } = this.#known;
    return { known, sources, connected: this.#connected.size, dialing: this.#dialer.size, ended };
  }

  /** Whether there is no peer, and no address at which there may be one, so that there is nothing to do each second. */
  get isEmpty(): boolean {
    return this.#connected.size === 0 && this.#known.allCount === 0;
  }

  /** Adds addresses of peers and dials them as far as there is room. Known addresses are passed over. */
  add(addresses: Iterable<Address>, source: PeerSourceKind): void {
    if (this.#isClosed) return;
    for (const address of addresses) this.#known.add(address, source);
    this.dialMore();
  }

  /** Dials known addresses as far as there is room. Called when there may be more room. */
  dialMore(): void {
    const now = this.#options.clock.now();
    while (!this.#isClosed && this.#dialer.canDial(now)) {
      const address = this.#known.takeNext(now, this.#connected.size === 0);
      if (address === undefined) return;
      const peer = this.#believedAt(address, now);
      if (peer === undefined) this.#dialer.dial(address);
      else {
        this.#known.reached(address);
        this.#claim(peer, address);
      }
    }
  }

  /**
   * Counts a second: lets addresses be dialed again that a peer claimed and is not believed to have, and dials. When there is
   * no room to dial, it closes one connection that is of no use. Otherwise leechers that have taken all slots of each other,
   * or somebody who has taken all of ours, would keep us from the seed.
   */
  tick(now: number): void {
    for (const peer of this.#connected) if (!this.#isBelieved(peer, now)) this.#releaseClaims(peer, now);
    this.dialMore();
    const { slots } = this.#options;
    if (!slots.canOpen && this.#known.hasNext(now)) slots.makeRoomToDial(this.#connected, now);
  }

  /** Tells whether a peer that comes to us from this host would be accepted. */
  hasRoomFor(host: string): boolean {
    const { slots, clock, connectBudgets } = this.#options;
    const now = clock.now();
    if (this.#isClosed || this.#bannedOrigins.has(host)) return false;
    return !connectBudgets.isUsedUp(originOf(host).budgetKey, now) && slots.hasRoomFor(host, now);
  }

  /** Accepts a peer that came to us with an info-hash of this torrent. @returns the peer; `undefined` to refuse it */
  accept(connection: Connection, theirs: Handshake, ours: Handshake): P | undefined {
    const { slots, clock, connectBudgets, connectionWork } = this.#options;
    const { host } = connection.remote;
    connectBudgets.spend(originOf(host).budgetKey, connectionWork, clock.now());
    if (this.#isClosed || this.#bannedOrigins.has(host) || equalBytes(theirs.peerId, ours.peerId)) {
      return undefined;
    }
    return slots.makeRoomFor(host, clock.now()) ? this.#admit({ connection, theirs, ours }) : undefined;
  }

  /**
   * Bans a peer: closes its connection and never dials its address again. An address with several banned peers is banned as
   * a whole.
   *
   * @returns whether the peer was not banned before
   */
  ban(peer: P, why: Error): boolean {
    if (this.#banned.has(peer)) return false;
    this.#banned.add(peer);
    if (peer.dialed !== undefined) this.#known.ban(peer.dialed);
    this.#bannedOrigins.add(peer.remote.host);
    peer.close('sentWrongData', why);
    return true;
  }

  /** Closes the connections to all peers that are of no use any more. */
  dismissUseless(): void {
    for (const peer of this.#connected) this.onReceived(peer);
  }

  /** Closes the connection to a peer if neither end can be of use to the other. The peer may come to us again. */
  onReceived(peer: P): void {
    if (!this.#options.owner.isUseless(peer)) return;
    if (peer.dialed !== undefined) this.#known.ban(peer.dialed);
    peer.close('dismissed');
  }

  /** Finds out whether a peer that came to us, and has now said where it listens, is one that we dialed at the same time. */
  onListens(peer: P): void {
    if (peer.isIncoming) this.#settle(peer, this.#dialedAt(peer.listensAt!, peer));
  }

  onClosed(peer: P, end: PeerEnd, error: Error | undefined): void {
    const { slots, clock, workBudgets, owner } = this.#options;
    if (!this.#connected.delete(peer)) return;
    slots.release(peer);
    workBudgets.leave(peer.origin);
    this.#forget(peer, end, isFault(error), clock.now());
    owner.onClosed(peer, end, error);
    this.dialMore();
  }

  /** Closes all connections and opens none any more. */
  close(): void {
    this.#isClosed = true;
    this.#dialer.close();
    for (const peer of this.#connected) peer.close('dismissed');
  }

  /** Takes a peer that we dialed and that sent its handshake. @returns `undefined` to refuse it */
  #onDialed(greeted: Omit<Greeting, 'speaksV2'> & { readonly dialed: Address }): P | undefined {
    const { dialed, theirs, ours } = greeted;
    if (this.#isClosed) return undefined;
    if (equalBytes(theirs.peerId, ours.peerId)) {
      this.#known.ban(dialed);
      return undefined;
    }
    this.#known.reached(dialed);
    const peer = this.#admit(greeted);
    for (const other of this.#connected) if (claims(other, dialed)) this.#settle(other, peer);
    this.dialMore();
    return peer;
  }

  #admit(greeted: Omit<Greeting, 'speaksV2'>): P {
    const { slots, owner } = this.#options;
    const peer = owner.connect({ ...greeted, speaksV2: this.#speaksV2(greeted) });
    slots.take(peer);
    this.#connected.add(peer);
    owner.onConnected(peer);
    return peer;
  }

  /** Lets the address of a peer that is gone be dialed again, if we dialed it. @param isBad whether it broke the protocol */
  #forget(peer: P, end: PeerEnd, isBad: boolean, now: number): void {
    this.#releaseClaims(peer, now);
    if (peer.dialed === undefined) {
      this.#otherEnds.set(end, (this.#otherEnds.get(end) ?? 0) + 1);
      return;
    }
    // The other end may have closed this connection in favour of the one that it opened itself.
    const other = this.#believedAt(peer.dialed, now);
    if (other !== undefined && equalBytes(other.peerId, peer.peerId)) this.#claim(other, peer.dialed);
    else this.#known.release(peer.dialed, !isBad && peer.movedBytes > 0, now, end);
  }

  /** Closes the connection that came to us if it and another one lead to the same peer, and it is for us to close it. */
  #settle(incoming: P, dialed: P | undefined): void {
    if (dialed === undefined || !equalBytes(incoming.peerId, dialed.peerId)) return;
    if (Buffer.compare(this.#options.ours.peerId, dialed.peerId) > 0) incoming.close('unwanted');
  }

  /** Tells whether the peer says that it speaks v2, or has sent the info-hash of v2. */
  #speaksV2({ theirs, ours }: Omit<Greeting, 'speaksV2'>): boolean {
    return ours.supports.v2 && (theirs.supports.v2 || theirs.infoHash === this.#options.infoHashes.at(-1));
  }

  /** Finds the peer that came to us, says that it listens at this address, and is believed. */
  #believedAt(address: Address, now: number): P | undefined {
    return this.#find((peer) => claims(peer, address) && this.#isBelieved(peer, now));
  }

  /** Tells whether we believe the peer where it listens: it has sent blocks of late, or we need none. */
  #isBelieved(peer: P, now: number): boolean {
    return this.#options.owner.isComplete || now - peer.gaveAt <= DOUBT_AFTER_MS;
  }

  #dialedAt(address: Address, incoming: P): P | undefined {
    return this.#find(
      (peer) => peer !== incoming && peer.dialed !== undefined && isSame(peer.dialed, address),
    );
  }

  #claim(peer: P, address: Address): void {
    const claimed = this.#claimed.get(peer);
    if (claimed === undefined) this.#claimed.set(peer, [address]);
    else claimed.push(address);
  }

  #releaseClaims(peer: P, now: number): void {
    const claimed = this.#claimed.get(peer) ?? [];
    this.#claimed.delete(peer);
    for (const address of claimed) this.#known.release(address, true, now, 'closed');
  }

  #find(isWanted: (peer: P) => boolean): P | undefined {
    for (const peer of this.#connected) if (peer.isOpen && isWanted(peer)) return peer;
    return undefined;
  }
}

/** Tells whether a connection ended because the peer broke the protocol. */
export function isFault(error: Error | undefined): error is WireError {
  return error instanceof WireError && !/^PEER_/.test(error.code);
}

/** Tells whether this is an open connection of a peer that came to us and says that it listens at this address. */
function claims({ isIncoming, isOpen, listensAt }: ConnectedPeer, address: Address): boolean {
  return isIncoming && isOpen && listensAt !== undefined && isSame(listensAt, address);
}

function isSame(one: Address, other: Address): boolean {
  return one.host === other.host && one.port === other.port;
}
