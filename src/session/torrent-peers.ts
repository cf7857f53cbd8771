import type { Connection, Network } from '../net/index.ts';
import {
  type Address,
  type Clock,
  DESCRIPTOR_RETRY_MS,
  equalBytes,
  formatAddress,
  type InfoHash,
  inBackground,
  lacksDescriptors,
  type Random,
  type ReportError,
  toError,
} from '../util/index.ts';
import type { Handshake, PieceGeometry } from '../wire/index.ts';
import type { ConnectionSlots, SlotHolder } from './connection-slots.ts';
import { HANDSHAKE_TIMEOUT_MS, shakeHands } from './handshaking.ts';
import { KnownPeers } from './known-peers.ts';
import { originOf } from './origin.ts';
import { PeerConnection } from './peer-connection.ts';
import { endOfAttempt, type PeerEnd, type PeerSummary } from './peer-end.ts';
import type { PeerOwner } from './peer-owner.ts';
import type { SendMemory } from './send-memory.ts';
import { CONNECTION_PIECES_PER_UNIT, type WorkBudgets } from './work-budget.ts';

/** Connections being opened at once for one torrent. */
export const MAX_DIALING = 16;
/** Peers of one address (over IPv6 of one /48) that were banned, after which none that comes from there is taken. */
export const MAX_BANS_PER_ADDRESS = 3;
/** Addresses with banned peers that are remembered; beyond, the oldest are forgotten. */
export const MAX_BANNED_ADDRESSES = 2000;
/**
 * Milliseconds without a block from a peer that came to us, after which the address that it says it listens at is dialed
 * all the same: anybody on its machine, or behind its router, can say that.
 */
const DOUBT_AFTER_MS = 30_000;

export interface TorrentPeersOptions {
  readonly network: Network;
  readonly clock: Clock;
  readonly random: Random;
  readonly report: ReportError;
  readonly slots: ConnectionSlots;
  readonly workBudgets: WorkBudgets;
  readonly connectBudgets: WorkBudgets;
  readonly sending: SendMemory;
  readonly geometry: PieceGeometry;
  /** What we say on connections we open. */
  readonly ours: Handshake;
  readonly owner: PeerOwner;
  /** Peers that connect with either are of this torrent: a hybrid has two. */
  readonly infoHashes: readonly InfoHash[];
  /** Whether all pieces are there. */
  isComplete(): boolean;
  /** Tells how an attempt to connect to a peer failed. */
  onDebug(message: string): void;
}

/** A connection being opened: it holds a slot. */
class Dialing implements SlotHolder {
  readonly host: string;
  readonly movedBytes = 0;
  readonly cameAt: number;
  readonly #abort = new AbortController();

  constructor({ host }: Address, now: number) {
    this.host = host;
    this.cameAt = now;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  idleMs(): number {
    return 0;
  }

  giveWay(): void {
    this.#abort.abort();
  }
}

/**
 * Keeps who is connected, who is being dialed, and whom to dial next.
 *
 * Peers are told apart by where they are, never by their peer id, which anybody can copy: two connections with one id are
 * two peers. Only between a connection that we opened and one that came from the same address, says that it listens where
 * we dialed and has the same id, one is closed, by the end with the greater id: always the one that came, as where the
 * other one leads is proven.
 */
export class TorrentPeers {
  readonly #options: TorrentPeersOptions;
  readonly #known: KnownPeers;
  readonly #connected = new Set<PeerConnection>();
  /** How many peers of each {@link Origin.stranger} were banned. */
  readonly #bans = new Map<string, number>();
  /** Peers that sent wrong data. */
  readonly #banned = new WeakSet<PeerConnection>();
  /** Known addresses that a peer says it listens at: they are not dialed as long as that is believed. */
  readonly #claimed = new Map<PeerConnection, Address[]>();
  readonly #dialing = new Set<Dialing>();
  /** How connections ended whose address is not among the known ones: of peers that came to us. */
  readonly #otherEnds = new Map<PeerEnd, number>();
  /** When there may be file descriptors for connections again. */
  #dialAfter = Number.NEGATIVE_INFINITY;
  #isClosed = false;

  constructor(options: TorrentPeersOptions) {
    this.#options = options;
    this.#known = new KnownPeers(options.random);
  }

  get connected(): ReadonlySet<PeerConnection> {
    return this.#connected;
  }

  /** How many addresses are known. */
  get knownCount(): number {
    return this.#known.size;
  }

  get summary(): PeerSummary {
    const ended = Object.fromEntries(this.#otherEnds) as Partial<Record<PeerEnd, number>>;
    for (const end of this.#known.lastEnds) ended[end] = (ended[end] ?? 0) + 1;
    const { size: dialing } = this.#dialing;
    return { known: this.#known.allCount, connected: this.#connected.size, dialing, ended };
  }

  /** Hears of peers and dials them as far as there is room. */
  add(addresses: Iterable<Address>): void {
    for (const address of addresses) this.#known.add(address);
    this.dialMore();
  }

  /** Opens connections to known peers until there are enough. Called when there may be room. */
  dialMore(): void {
    const { slots, clock } = this.#options;
    const now = clock.now();
    if (now < this.#dialAfter) return;
    while (!this.#isClosed && this.#dialing.size < MAX_DIALING && slots.canOpen) {
      const address = this.#known.takeNext(now, this.#connected.size === 0);
      if (address === undefined) return;
      const peer = this.#believedAt(address, now);
      if (peer === undefined) this.#dial(address);
      else {
        this.#known.reached(address);
        this.#claim(peer, address);
      }
    }
  }

  /**
   * A second has passed: dials addresses that a peer says are its own no longer only because it says so. When there is no
   * room to dial anybody, one connection that serves nobody is given up: without this, leechers that took all the slots of
   * each other, or somebody who took all of ours, would keep us from the seed.
   */
  tick(now: number): void {
    for (const peer of this.#connected) if (!this.#isBelieved(peer, now)) this.#releaseClaims(peer, now);
    this.dialMore();
    const { slots } = this.#options;
    if (!slots.canOpen && this.#known.hasNext(now)) slots.makeRoomToDial(this.#connected, now);
  }

  /** Whether a peer that comes to us from this host is taken. */
  hasRoomFor(host: string): boolean {
    const { slots, clock, connectBudgets } = this.#options;
    const now = clock.now();
    if (this.#isClosed || this.#isBanned(host)) return false;
    return !connectBudgets.isUsedUp(originOf(host).stranger, now) && slots.hasRoomFor(host, now);
  }

  /** A peer came to us with this torrent's info-hash. @returns what handles the connection; `undefined` when unwanted */
  accept(connection: Connection, theirs: Handshake, ours: Handshake): PeerConnection | undefined {
    const { slots, clock, geometry, connectBudgets } = this.#options;
    const { host } = connection.remote;
    const work = geometry.pieceCount / CONNECTION_PIECES_PER_UNIT;
    connectBudgets.spend(originOf(host).stranger, work, clock.now());
    if (this.#isClosed || this.#isBanned(host) || equalBytes(theirs.peerId, ours.peerId)) return undefined;
    return slots.makeRoomFor(host, clock.now()) ? this.#admit(connection, theirs, ours) : undefined;
  }

  /**
   * Never talks to the peer again: the address that was dialed is dialed no more, and from an address with several such
   * peers nobody is taken any more.
   *
   * @returns whether that is new
   */
  ban(peer: PeerConnection, why: Error): boolean {
    if (this.#banned.has(peer)) return false;
    this.#banned.add(peer);
    if (peer.dialed !== undefined) this.#known.ban(peer.dialed);
    const { stranger } = originOf(peer.remote.host);
    const bans = this.#bans.get(stranger) ?? 0;
    this.#bans.delete(stranger);
    this.#bans.set(stranger, bans + 1);
    const [oldest] = this.#bans.keys();
    if (this.#bans.size > MAX_BANNED_ADDRESSES) this.#bans.delete(oldest!);
    peer.close('sentWrongData', why);
    return true;
  }

  /** Closes the connection to a peer that has no use for us, nor we for it: it may come again, but is not dialed. */
  dismiss(peer: PeerConnection): void {
    if (peer.dialed !== undefined) this.#known.ban(peer.dialed);
    peer.close('dismissed');
  }

  /** The peer has said where it listens: it may be one that we dialed there at the same time. */
  onListens(peer: PeerConnection): void {
    if (peer.isIncoming) this.#settle(peer, this.#dialedAt(peer.listensAt!, peer));
  }

  /** The connection is over. @param wasUseful whether it is worth dialing again soon */
  remove(peer: PeerConnection, wasUseful: boolean, end: PeerEnd): void {
    const { slots, clock, workBudgets } = this.#options;
    if (!this.#connected.delete(peer)) return;
    slots.release(peer);
    workBudgets.leave(peer.origin);
    const now = clock.now();
    this.#releaseClaims(peer, now);
    if (peer.dialed === undefined) {
      this.#otherEnds.set(end, (this.#otherEnds.get(end) ?? 0) + 1);
      return;
    }
    // The other end closed it for the connection that it opened itself.
    const other = this.#believedAt(peer.dialed, now);
    if (other !== undefined && equalBytes(other.peerId, peer.peerId)) this.#claim(other, peer.dialed);
    else this.#known.release(peer.dialed, wasUseful, now, end);
  }

  /** Closes all connections and opens none any more. */
  close(): void {
    this.#isClosed = true;
    for (const dialing of this.#dialing) dialing.giveWay();
    for (const peer of this.#connected) peer.close('dismissed');
  }

  #dial(address: Address): void {
    const { network, clock, slots, report } = this.#options;
    const dialing = new Dialing(address, clock.now());
    const { signal } = dialing;
    const cancelTimer = clock.setTimer(HANDSHAKE_TIMEOUT_MS, () => dialing.giveWay());
    this.#dialing.add(dialing);
    slots.take(dialing);
    const end = () => {
      cancelTimer();
      this.#dialing.delete(dialing);
      slots.release(dialing);
    };
    const failed = (thrown: unknown) => {
      const error = toError(thrown);
      end();
      if (!this.#isClosed) this.#options.onDebug(error.message);
      // That we could not try says nothing about the peer.
      const isOurs = lacksDescriptors(error);
      if (isOurs) this.#dialAfter = clock.now() + DESCRIPTOR_RETRY_MS;
      this.#known.release(address, isOurs, clock.now(), endOfAttempt(error));
      this.dialMore();
    };
    // That a peer cannot be reached is no error of ours: it is tried again later, ever more rarely.
    const dialed = network.dial(address, { signal }).then((connection) => {
      cancelTimer();
      this.#greet(connection, address, { end, failed });
      // Closing ends it also while hands are being shaken.
      if (signal.aborted) connection.destroy();
      else signal.addEventListener('abort', () => connection.destroy(), { once: true });
    }, failed);
    inBackground(dialed, `connect to ${formatAddress(address)}`, report);
  }

  #greet(
    connection: Connection,
    address: Address,
    outcome: { end: () => void; failed: (error: Error) => void },
  ): void {
    const { clock, ours, infoHashes } = this.#options;
    shakeHands(connection, {
      clock,
      ours,
      onFailed: (error) => outcome.failed(error),
      onDone: (theirs) => {
        if (this.#isClosed || !infoHashes.includes(theirs.infoHash)) return undefined;
        if (equalBytes(theirs.peerId, ours.peerId)) {
          this.#known.ban(address);
          return undefined;
        }
        // The slot taken for dialing goes over to the connection.
        outcome.end();
        this.#known.reached(address);
        const peer = this.#admit(connection, theirs, ours, address);
        this.dialMore();
        return peer;
      },
    });
  }

  #admit(connection: Connection, theirs: Handshake, ours: Handshake, dialed?: Address): PeerConnection {
    const { slots, clock, geometry, owner, report, workBudgets, sending } = this.#options;
    const workBudget = workBudgets.join(originOf(connection.remote.host).stranger);
    const greeted = { connection, theirs, ours, speaksV2: this.#speaksV2(theirs, ours), dialed };
    const peer = new PeerConnection({ ...greeted, geometry, clock, owner, report, workBudget, sending });
    slots.take(peer);
    this.#connected.add(peer);
    owner.onConnected(peer);
    if (dialed !== undefined) {
      for (const other of this.#connected) if (claims(other, dialed)) this.#settle(other, peer);
    }
    return peer;
  }

  /** Closes the one of two connections to one peer that it opened, if it is for us to do that. */
  #settle(incoming: PeerConnection, dialed: PeerConnection | undefined): void {
    if (dialed === undefined || !equalBytes(incoming.peerId, dialed.peerId)) return;
    if (Buffer.compare(this.#options.ours.peerId, dialed.peerId) > 0) incoming.close('unwanted');
  }

  /** It says so, or calls the torrent by the name that it has in v2. */
  #speaksV2(theirs: Handshake, ours: Handshake): boolean {
    return ours.supports.v2 && (theirs.supports.v2 || theirs.infoHash === this.#options.infoHashes.at(-1));
  }

  /** Finds the peer that came to us and may well listen there, as it says. */
  #believedAt(address: Address, now: number): PeerConnection | undefined {
    return this.#find((peer) => claims(peer, address) && this.#isBelieved(peer, now));
  }

  /** Whether what the peer says of where it listens is taken for true: it gives us something, or nobody has to. */
  #isBelieved(peer: PeerConnection, now: number): boolean {
    return this.#options.isComplete() || now - peer.gaveAt <= DOUBT_AFTER_MS;
  }

  #dialedAt(address: Address, incoming: PeerConnection): PeerConnection | undefined {
    return this.#find(
      (peer) => peer !== incoming && peer.dialed !== undefined && isSame(peer.dialed, address),
    );
  }

  #claim(peer: PeerConnection, address: Address): void {
    const claimed = this.#claimed.get(peer);
    if (claimed === undefined) this.#claimed.set(peer, [address]);
    else claimed.push(address);
  }

  #releaseClaims(peer: PeerConnection, now: number): void {
    const claimed = this.#claimed.get(peer) ?? [];
    this.#claimed.delete(peer);
    for (const address of claimed) this.#known.release(address, true, now, 'closed');
  }

  #isBanned(host: string): boolean {
    return (this.#bans.get(originOf(host).stranger) ?? 0) >= MAX_BANS_PER_ADDRESS;
  }

  #find(isWanted: (peer: PeerConnection) => boolean): PeerConnection | undefined {
    for (const peer of this.#connected) if (peer.isOpen && isWanted(peer)) return peer;
    return undefined;
  }
}

/** Whether a peer that came to us says that it listens there. */
function claims({ isIncoming, isOpen, listensAt }: PeerConnection, address: Address): boolean {
  return isIncoming && isOpen && listensAt !== undefined && isSame(listensAt, address);
}

function isSame(one: Address, other: Address): boolean {
  return one.host === other.host && one.port === other.port;
}
