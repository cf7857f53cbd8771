import type { Metainfo } from '../metainfo/index.ts';
import { type Connection, type Listener, RateLimiter } from '../net/index.ts';
import {
  CONNECTION_WORK,
  ConnectionSlots,
  HURRIED_HANDSHAKE_MS,
  MAX_UNVERIFIED_CONNECTIONS,
  originOf,
  PeerConnection,
  peersToCut,
  ReportLimit,
  SendMemory,
  shakeHands,
  UnverifiedConnection,
  WorkBudgets,
} from '../swarm/index.ts';
import { type Address, type CancelTimer, closeAll, handleOrReport, type InfoHash } from '../util/index.ts';
import { HashTreeCache } from './hash-tree-cache.ts';
import { PieceBuffers } from './piece-buffers.ts';
import { ReadCache } from './read-cache.ts';
import { DEFAULT_UPLOAD_SLOTS, type SessionOptions, type SessionResources } from './session-options.ts';
import { infoHashesOf, Torrent } from './torrent.ts';
import type { AddTorrent } from './torrent-options.ts';

const TICK_MS = 1000;

/** The resources that a session uses at the moment. All are 0 once it is closed and its connections have ended. */
export interface SessionUsage {
  /** The number of connections to peers, open or being opened. */
  readonly connections: number;
  /** The number of connections that have not said yet which torrent they want. */
  readonly unverified: number;
  /** The bytes of pieces that are received, checked and written. */
  readonly pieceBytes: number;
  /** The bytes read for uploading that are kept. */
  readonly readCacheBytes: number;
  /** The bytes of memory that wait for peers: messages to be sent, parts of their messages, requests in their queues. */
  readonly waitingBytes: number;
  /** The bytes of merkle trees that are kept for hash requests. */
  readonly hashTreeBytes: number;
}

/**
 * The engine under seeder and client. It listens for peers, finds the torrent of each by its info-hash, and gives all
 * torrents one clock tick, one set of connections and one memory.
 *
 * @example
 * ```ts
 * const session = await Session.open({
 *   network, clock, random, report, makeTrees, peerId: makePeerId(), port: 0,
 * });
 * const torrent = session.add({ metainfo, storage, onComplete: () => console.log('seeding') });
 * torrent.addPeers([{ host: '192.0.2.7', port: 9911 }]);
 * await session.close();
 * ```
 */
export class Session implements AsyncDisposable {
  readonly #resources: SessionResources;
  readonly #torrents = new Set<Torrent>();
  readonly #byInfoHash = new Map<InfoHash, Torrent>();
  readonly #unverified = new ConnectionSlots<UnverifiedConnection>(
    MAX_UNVERIFIED_CONNECTIONS,
    HURRIED_HANDSHAKE_MS,
  );
  #listener: Listener | undefined;
  #cancelTick: CancelTimer | undefined;
  #closing: Promise<void> | undefined;

  private constructor(options: SessionOptions) {
    const { clock, limits } = options;
    this.#resources = {
      ...options,
      uploadLimiter: new RateLimiter(clock, limits?.up),
      downloadLimiter: new RateLimiter(clock, limits?.down),
      slots: new ConnectionSlots(options.maxConnections),
      workBudgets: new WorkBudgets(),
      connectBudgets: new WorkBudgets(),
      sending: new SendMemory(),
      badPeers: new ReportLimit(),
      pieceBuffers: new PieceBuffers(options.pieceMemoryBytes),
      readCache: new ReadCache(options.readCacheBytes),
      hashTrees: new HashTreeCache(),
      uploadSlots: options.uploadSlots ?? DEFAULT_UPLOAD_SLOTS,
      listenPort: () => this.#listener?.address.port,
    };
  }

  /** Opens a session that listens for peers. @throws {NetworkError} when it cannot listen: PORT_IN_USE, … */
  static async open(options: SessionOptions): Promise<Session> {
    const session = new Session(options);
    session.#listener = await options.network.listen(options, (connection) =>
      session.#onConnection(connection),
    );
    session.#tickLater();
    return session;
  }

  /** The address at which the session listens. */
  get address(): Address {
    return this.#listener!.address;
  }

  get usage(): SessionUsage {
    const { slots, pieceBuffers, readCache, hashTrees } = this.#resources;
    return {
      connections: slots.taken,
      unverified: this.#unverified.taken,
      pieceBytes: pieceBuffers.takenBytes,
      readCacheBytes: readCache.size,
      waitingBytes: [...this.#peers()].reduce((bytes, peer) => bytes + peer.waitingBytes, 0),
      hashTreeBytes: hashTrees.size,
    };
  }

  /** Tells whether the session has a torrent with an info-hash of this metainfo. */
  has(metainfo: Metainfo): boolean {
    return infoHashesOf(metainfo).some((infoHash) => this.#byInfoHash.has(infoHash));
  }

  /**
   * Adds a torrent, uploads its pieces that are there, and downloads the others.
   *
   * @throws {Error} when the session has the torrent already, or is closed
   */
  add(torrent: AddTorrent): Torrent {
    const { metainfo } = torrent;
    if (this.#closing !== undefined)
      throw new Error(`Cannot add torrent ${metainfo.name}: the session is closed`);
    const known = infoHashesOf(metainfo).find((infoHash) => this.#byInfoHash.has(infoHash));
    if (known !== undefined) throw new Error(`Cannot add torrent ${known}: the session has it already`);
    const added = new Torrent(torrent, this.#resources);
    this.#torrents.add(added);
    for (const infoHash of added.infoHashes) this.#byInfoHash.set(infoHash, added);
    return added;
  }

  /** Stops and removes a torrent. Resolves when its storage can be closed. */
  async remove(torrent: Torrent): Promise<void> {
    if (!this.#torrents.delete(torrent)) return;
    for (const infoHash of torrent.infoHashes) this.#byInfoHash.delete(infoHash);
    await torrent.stop();
  }

  /**
   * Stops all torrents and closes all connections. Resolves when all storages can be closed.
   *
   * @throws {AggregateError} with the errors of all parts that could not be closed
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    this.#cancelTick?.();
    for (const unverified of this.#unverified.holders) unverified.giveWay();
    await closeAll([
      ...[...this.#torrents].map((torrent) => ({
        name: `torrent ${torrent.metainfo.name}`,
        close: () => this.remove(torrent),
      })),
      { name: 'the listener for peers', close: () => this.#listener?.close() },
    ]);
  }

  /** Takes a connection of an unverified peer, which has to say which torrent it wants. */
  #onConnection(connection: Connection): void {
    const { clock, connectBudgets } = this.#resources;
    const { host } = connection.remote;
    const now = clock.now();
    const { budgetKey } = originOf(host);
    const unverified = new UnverifiedConnection(connection, now);
    connectBudgets.spend(budgetKey, CONNECTION_WORK, now);
    const isWelcome =
      this.#closing === undefined &&
      !connectBudgets.isUsedUp(budgetKey, now) &&
      this.#unverified.makeRoomFor(host, now);
    this.#unverified.take(unverified);
    shakeHands(connection, {
      clock,
      ours: (opening) => this.#byInfoHash.get(opening.infoHash)?.handshakeFor(opening, host),
      onDone: (theirs) => {
        this.#unverified.release(unverified);
        return this.#byInfoHash.get(theirs.infoHash)?.accept(connection, theirs);
      },
      // Nothing is reported: anybody can open a connection and send nonsense.
      onFailed: () => this.#unverified.release(unverified),
    });
    if (!isWelcome) unverified.giveWay();
  }

  #tickLater(): void {
    this.#cancelTick = this.#resources.clock.setTimer(TICK_MS, () => {
      const { clock, report, workBudgets, connectBudgets } = this.#resources;
      this.#tickLater();
      for (const budgets of [workBudgets, connectBudgets]) budgets.tick(clock.now());
      for (const torrent of this.#torrents) {
        handleOrReport(() => torrent.tick(clock.now()), `keep ${torrent.metainfo.name} going`, report);
      }
      for (const peer of peersToCut(this.#peers(), clock.now())) peer.cut();
    });
  }

  /** Finds the connected peers of all torrents among the holders of slots, of which there are few. */
  *#peers(): Generator<PeerConnection> {
    for (const holder of this.#resources.slots.holders) if (holder instanceof PeerConnection) yield holder;
  }
}
