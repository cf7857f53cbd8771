import type { Connection, Network } from '../net/index.ts';
import {
  type Address,
  type Clock,
  equalBytes,
  formatAddress,
  type InfoHash,
  inBackground,
  type Random,
  type ReportError,
  toError,
  toHex,
} from '../util/index.ts';
import type { Handshake, PieceGeometry } from '../wire/index.ts';
import type { ConnectionSlots } from './connection-slots.ts';
import { HANDSHAKE_TIMEOUT_MS, shakeHands } from './handshaking.ts';
import { KnownPeers } from './known-peers.ts';
import { PeerConnection } from './peer-connection.ts';
import { endOfAttempt, type PeerEnd, type PeerSummary } from './peer-end.ts';
import type { PeerOwner } from './peer-owner.ts';

/** Connections being opened at once for one torrent. */
export const MAX_DIALING = 16;

export interface TorrentPeersOptions {
  readonly network: Network;
  readonly clock: Clock;
  readonly random: Random;
  readonly report: ReportError;
  readonly slots: ConnectionSlots;
  readonly geometry: PieceGeometry;
  /** What we say on connections we open. */
  readonly ours: Handshake;
  readonly owner: PeerOwner;
  /** Peers that connect with either are of this torrent: a hybrid has two. */
  readonly infoHashes: readonly InfoHash[];
  /** Tells how an attempt to connect to a peer failed. */
  onDebug(message: string): void;
}

/** Who is connected, who is being dialed, and whom to dial next. */
export class TorrentPeers {
  readonly #options: TorrentPeersOptions;
  readonly #known: KnownPeers;
  readonly #connected = new Set<PeerConnection>();
  readonly #bannedPeerIds = new Set<string>();
  readonly #dialing = new Set<AbortController>();
  /** How connections ended whose address is not among the known ones: of peers that came to us. */
  readonly #otherEnds = new Map<PeerEnd, number>();
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

  /** Opens connections to known peers until there are enough. Called when there may be room, and every second. */
  dialMore(): void {
    const { slots, clock } = this.#options;
    while (!this.#isClosed && this.#dialing.size < MAX_DIALING && slots.canOpen) {
      const address = this.#known.takeNext(clock.now(), this.#connected.size === 0);
      if (address === undefined) return;
      const peer = this.#peerAt(address);
      if (peer === undefined) this.#dial(address);
      else {
        this.#known.reached(address);
        peer.addresses.push(address);
      }
    }
  }

  /**
   * When there is no room to dial anybody, one connection that serves nobody is given up: without this, leechers that
   * took all the slots of each other would never find the seed.
   */
  makeRoom(): void {
    const { slots, clock } = this.#options;
    const now = clock.now();
    if (slots.canOpen || !this.#known.hasNext(now)) return;
    this.#find((peer) => peer.isIdle(now))?.close('dismissed');
  }

  /** Whether a peer that comes to us is taken. */
  get hasRoom(): boolean {
    return !this.#isClosed && this.#options.slots.canOpen;
  }

  /** A peer came to us with this torrent's info-hash. @returns what handles the connection; nothing when unwanted */
  accept(connection: Connection, theirs: Handshake, ours: Handshake): PeerConnection | undefined {
    return this.#admit(connection, theirs, ours, undefined);
  }

  /** Never talks to the peer again. @returns whether that is new */
  ban(peer: PeerConnection, why: Error): boolean {
    const peerId = toHex(peer.peerId);
    if (this.#bannedPeerIds.has(peerId)) return false;
    this.#bannedPeerIds.add(peerId);
    if (peer.listensAt !== undefined) this.#known.ban(peer.listensAt);
    for (const address of peer.addresses) this.#known.ban(address);
    peer.close('sentWrongData', why);
    return true;
  }

  /** Closes the connection to a peer that has no use for us, nor we for it: it may come again, but is not dialed. */
  dismiss(peer: PeerConnection): void {
    for (const address of peer.addresses) this.#known.ban(address);
    peer.close('dismissed');
  }

  /** The connection is over. @param wasUseful whether it is worth dialing again soon */
  remove(peer: PeerConnection, wasUseful: boolean, end: PeerEnd): void {
    if (!this.#connected.delete(peer)) return;
    this.#options.slots.release();
    const now = this.#options.clock.now();
    for (const address of peer.addresses) this.#known.release(address, wasUseful, now, end);
    if (peer.addresses.length === 0) this.#otherEnds.set(end, (this.#otherEnds.get(end) ?? 0) + 1);
  }

  /** Closes all connections and opens none any more. */
  close(): void {
    this.#isClosed = true;
    for (const dialing of this.#dialing) dialing.abort();
    for (const peer of this.#connected) peer.close('dismissed');
  }

  #dial(address: Address): void {
    const { network, clock, slots, report } = this.#options;
    const abort = new AbortController();
    const cancelTimer = clock.setTimer(HANDSHAKE_TIMEOUT_MS, () => abort.abort());
    this.#dialing.add(abort);
    slots.take();
    const end = () => {
      cancelTimer();
      this.#dialing.delete(abort);
    };
    const failed = (thrown: unknown) => {
      const error = toError(thrown);
      end();
      slots.release();
      if (!this.#isClosed) this.#options.onDebug(error.message);
      // Otherwise there is another connection to the same peer.
      const isFree = this.#find((peer) => peer.addresses.includes(address)) === undefined;
      if (isFree) this.#known.release(address, false, clock.now(), endOfAttempt(error));
      this.dialMore();
    };
    // That a peer cannot be reached is no error of ours: it is tried again later, ever more rarely.
    const dialed = network.dial(address, { signal: abort.signal }).then((connection) => {
      cancelTimer();
      this.#greet(connection, address, { end, failed });
      // Closing ends it also while hands are being shaken.
      if (abort.signal.aborted) connection.destroy();
      else abort.signal.addEventListener('abort', () => connection.destroy(), { once: true });
    }, failed);
    inBackground(dialed, `connect to ${formatAddress(address)}`, report);
  }

  #greet(
    connection: Connection,
    address: Address,
    outcome: { end: () => void; failed: (error: Error) => void },
  ): void {
    const { clock, ours, infoHashes, slots } = this.#options;
    shakeHands(connection, {
      clock,
      ours,
      onFailed: (error) => outcome.failed(error),
      onDone: (theirs) => {
        if (this.#isClosed || !infoHashes.includes(theirs.infoHash)) return undefined;
        // The slot taken for dialing goes over to the connection.
        slots.release();
        const peer = this.#admit(connection, theirs, ours, address);
        if (peer === undefined) slots.take();
        else {
          outcome.end();
          this.#known.reached(address);
          this.dialMore();
        }
        return peer;
      },
    });
  }

  #admit(connection: Connection, theirs: Handshake, ours: Handshake, dialed: Address | undefined) {
    const { slots, clock, geometry, owner, report } = this.#options;
    if (this.#isClosed) return undefined;
    if (equalBytes(theirs.peerId, ours.peerId) || this.#bannedPeerIds.has(toHex(theirs.peerId))) {
      if (dialed !== undefined) this.#known.ban(dialed);
      return undefined;
    }
    const other = this.#find((peer) => equalBytes(peer.peerId, theirs.peerId));
    if (other !== undefined) {
      if (!this.#isPreferred(connection, theirs, ours, other)) {
        if (dialed !== undefined) other.addresses.push(dialed);
        return undefined;
      }
      other.close('unwanted');
    }
    slots.take();
    const greeted = { connection, theirs, ours, speaksV2: this.#speaksV2(theirs, ours), dialed };
    const peer = new PeerConnection({ ...greeted, geometry, clock, owner, report });
    if (other !== undefined) peer.addresses.push(...other.addresses.splice(0));
    this.#connected.add(peer);
    owner.onConnected(peer);
    return peer;
  }

  /** It says so, or calls the torrent by the name that it has in v2. */
  #speaksV2(theirs: Handshake, ours: Handshake): boolean {
    return ours.supports.v2 && (theirs.supports.v2 || theirs.infoHash === this.#options.infoHashes.at(-1));
  }

  /** The peer that came to us and says that it listens there. */
  #peerAt({ host, port }: Address): PeerConnection | undefined {
    return this.#find(({ listensAt }) => listensAt?.host === host && listensAt.port === port);
  }

  #find(isWanted: (peer: PeerConnection) => boolean): PeerConnection | undefined {
    for (const peer of this.#connected) if (peer.isOpen && isWanted(peer)) return peer;
    return undefined;
  }

  /**
   * Two connections to one peer, as when both dialed at once: both ends keep the one that was opened by the peer with
   * the greater peer id. Between two opened by the same end the older stays.
   */
  #isPreferred(connection: Connection, theirs: Handshake, ours: Handshake, other: PeerConnection): boolean {
    if (connection.isIncoming === other.isIncoming) return false;
    const isOursGreater = Buffer.compare(ours.peerId, theirs.peerId) > 0;
    return connection.isIncoming !== isOursGreater;
  }
}
