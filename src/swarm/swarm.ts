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
import type { ConnectedPeer, Greeting } from './connected-peer.ts';
import type { ConnectionSlots } from './connection-slots.ts';
import { Dialer } from './dialer.ts';
import { KnownPeers } from './known-peers.ts';
import { originOf } from './origin.ts';
import { endOfAttempt, type PeerEnd, type PeerSummary } from './peer-end.ts';
import type { PeerSourceKind } from './peer-source.ts';
import type { PeerKeeper } from './peer-takers.ts';
import type { WorkBudgets } from './work-budget.ts';

/**
 * Milliseconds without a block from a peer that came to us, after which the address that it says it listens at is dialed
 * all the same: anybody on its machine, or behind its router, can say that.
 */
const DOUBT_AFTER_MS = 30_000;

/** The owner of a swarm: it makes the peers, and knows what they are wanted for. */
export interface SwarmOwner<P> {
  /** Whether nothing is to be got from peers any more. */
  readonly isComplete: boolean;
  /** Makes the peer of a connection on which hands were shaken. */
  connect(greeting: Greeting): P;
  /** The peer is in the swarm: time to say what we have. */
  onConnected(peer: P): void;
  /** Tells whether neither end can want anything of the other. */
  isUseless(peer: P): boolean;
  /**
   * The peer has left the swarm.
   *
   * @param error `undefined` when the connection ended in good order
   */
  onClosed(peer: P, end: PeerEnd, error: Error | undefined): void;
  /** Something happened that matters only to somebody who looks for a fault. */
  onDebug(message: string): void;
}

/** The options of a {@link Swarm}. */
export interface SwarmOptions<P> {
  readonly network: Network;
  readonly clock: Clock;
  readonly random: Random;
  readonly report: ReportError;
  readonly slots: ConnectionSlots;
  /** Budgets for the work that the messages of peers make, by origin. */
  readonly workBudgets: WorkBudgets;
  /** Budgets for taking connections, by origin. */
  readonly connectBudgets: WorkBudgets;
  /** Units of work that a connection which comes to us makes, besides taking it and shaking hands. */
  readonly connectionWork: number;
  /** Our handshake on connections that we open. */
  readonly ours: Handshake;
  /** The names of the torrent on the wire: a hybrid has two, that of v2 last. */
  readonly infoHashes: readonly InfoHash[];
  readonly owner: SwarmOwner<P>;
}

/**
 * Keeps the peers of one info-hash: who is connected, who is being dialed, whom to dial next, and who is banned. It knows
 * nothing of pieces.
 *
 * Peers are told apart by where they are, never by their peer id, which anybody can copy: two connections with one id are
 * two peers. Only between a connection that we opened and one that came from the same address, says that it listens where
 * we dialed and has the same id, one is closed, by the end with the greater id: always the one that came, as where the
 * other one leads is proven.
 */
export class Swarm<P extends ConnectedPeer & ConnectionHandler> implements PeerKeeper<P> {
  readonly #options: SwarmOptions<P>;
  readonly #known: KnownPeers;
  readonly #dialer: Dialer;
  readonly #connected = new Set<P>();
  readonly #bannedOrigins = new BannedOrigins();
  /** Peers that sent wrong data. */
  readonly #banned = new WeakSet<P>();
  /** Known addresses that a peer says it listens at: they are not dialed as long as that is believed. */
  readonly #claimed = new Map<P, Address[]>();
  /** How connections ended whose address is not among the known ones: of peers that came to us. */
  readonly #otherEnds = new Map<PeerEnd, number>();
  #isClosed = false;

  constructor(options: SwarmOptions<P>) {
    this.#options = options;
    this.#known = new KnownPeers(options.random);
    this.#dialer = new Dialer({
      ...options,
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

  /** The number of addresses that are known and could be dialed, now or later. */
  get knownCount(): number {
    return this.#known.size;
  }

  /** What became of the peers so far. */
  get summary(): PeerSummary {
    const ended = Object.fromEntries(this.#otherEnds) as Partial<Record<PeerEnd, number>>;
    for (const end of this.#known.lastEnds) ended[end] = (ended[end] ?? 0) + 1;
    const { allCount: known, countBySource: sources } = this.#known;
    return { known, sources, connected: this.#connected.size, dialing: this.#dialer.size, ended };
  }

  /** Hears of peers and dials them as far as there is room. Those that are known are passed over. */
  add(addresses: Iterable<Address>, source: PeerSourceKind): void {
    if (this.#isClosed) return;
    for (const address of addresses) this.#known.add(address, source);
    this.dialMore();
  }

  /** Opens connections to known peers until there are enough. Called when there may be room. */
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
   * Counts a second: dials addresses that a peer says are its own no longer only because it says so. When there is no room
   * to dial anybody, one connection that serves nobody is given up: without this, leechers that took all the slots of each
   * other, or somebody who took all of ours, would keep us from the seed.
   */
  tick(now: number): void {
    for (const peer of this.#connected) if (!this.#isBelieved(peer, now)) this.#releaseClaims(peer, now);
    this.dialMore();
    const { slots } = this.#options;
    if (!slots.canOpen && this.#known.hasNext(now)) slots.makeRoomToDial(this.#connected, now);
  }

  /** Tells whether a peer that comes to us from this host is taken. */
  hasRoomFor(host: string): boolean {
    const { slots, clock, connectBudgets } = this.#options;
    const now = clock.now();
    if (this.#isClosed || this.#bannedOrigins.has(host)) return false;
    return !connectBudgets.isUsedUp(originOf(host).budgetKey, now) && slots.hasRoomFor(host, now);
  }

  /** Takes a peer that came to us with this torrent's info-hash. @returns its handler; `undefined` when it is not wanted */
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
   * Never talks to the peer again: the address that was dialed is dialed no more, and from an address with several such
   * peers nobody is taken any more.
   *
   * @returns whether that is new
   */
  ban(peer: P, why: Error): boolean {
    if (this.#banned.has(peer)) return false;
    this.#banned.add(peer);
    if (peer.dialed !== undefined) this.#known.ban(peer.dialed);
    this.#bannedOrigins.add(peer.remote.host);
    peer.close('sentWrongData', why);
    return true;
  }

  /** Closes the connections to all peers that have become useless. */
  dismissUseless(): void {
    for (const peer of this.#connected) this.onReceived(peer);
  }

  /** Closes the connection to a peer that has no use for us, nor we for it: it may come again, but is not dialed. */
  onReceived(peer: P): void {
    if (!this.#options.owner.isUseless(peer)) return;
    if (peer.dialed !== undefined) this.#known.ban(peer.dialed);
    peer.close('dismissed');
  }

  /** Finds out whether a peer that came to us is one that we dialed at the same time: it has said where it listens. */
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

  /** Lets the address of a peer that is gone be dialed again, if we dialed it. @param isBad whether the peer is to blame */
  #forget(peer: P, end: PeerEnd, isBad: boolean, now: number): void {
    this.#releaseClaims(peer, now);
    if (peer.dialed === undefined) {
      this.#otherEnds.set(end, (this.#otherEnds.get(end) ?? 0) + 1);
      return;
    }
    // The other end may have closed it for the connection that it opened itself.
    const other = this.#believedAt(peer.dialed, now);
    if (other !== undefined && equalBytes(other.peerId, peer.peerId)) this.#claim(other, peer.dialed);
    else this.#known.release(peer.dialed, !isBad && peer.movedBytes > 0, now, end);
  }

  /** Closes the one of two connections to one peer that it opened, if it is for us to do that. */
  #settle(incoming: P, dialed: P | undefined): void {
    if (dialed === undefined || !equalBytes(incoming.peerId, dialed.peerId)) return;
    if (Buffer.compare(this.#options.ours.peerId, dialed.peerId) > 0) incoming.close('unwanted');
  }

  /** Tells whether the peer says that it speaks v2, or calls the torrent by the name that it has in v2. */
  #speaksV2({ theirs, ours }: Omit<Greeting, 'speaksV2'>): boolean {
    return ours.supports.v2 && (theirs.supports.v2 || theirs.infoHash === this.#options.infoHashes.at(-1));
  }

  /** Finds the peer that came to us and may well listen there, as it says. */
  #believedAt(address: Address, now: number): P | undefined {
    return this.#find((peer) => claims(peer, address) && this.#isBelieved(peer, now));
  }

  /** Tells whether the peer is believed where it says it listens: it gives us something, or nobody has to. */
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

/** Tells whether a peer that came to us says that it listens there. */
function claims({ isIncoming, isOpen, listensAt }: ConnectedPeer, address: Address): boolean {
  return isIncoming && isOpen && listensAt !== undefined && isSame(listensAt, address);
}

function isSame(one: Address, other: Address): boolean {
  return one.host === other.host && one.port === other.port;
}
