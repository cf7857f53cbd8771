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

/** What a session holds at the moment: zeros once it is closed and its connections have ended. */
export interface SessionUsage {
  /** Connections to peers, open or being opened. */
  readonly connections: number;
  /** Connections that have not said yet which torrent they want. */
  readonly unverified: number;
  /** Bytes of pieces being received, checked and written. */
  readonly pieceBytes: number;
  /** Bytes kept of what was read for uploading. */
  readonly readCacheBytes: number;
  /** Bytes that wait for peers: to be sent to them, to become whole messages, to be answered. */
  readonly waitingBytes: number;
  /** Bytes of merkle trees kept to answer hash requests. */
  readonly hashTreeBytes: number;
}

/**
 * The engine under seeder and client: listens for peers, knows the torrents by info-hash, and gives all of them one
 * clock tick, one set of connections and one memory.
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

  /** Starts to listen. @throws {NetworkError} PORT_IN_USE, … */
  static async open(options: SessionOptions): Promise<Session> {
    const session = new Session(options);
    session.#listener = await options.network.listen(options, (connection) =>
      session.#onConnection(connection),
    );
    session.#tickLater();
    return session;
  }

  /** Where it listens. */
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

  /** Whether a torrent with one of these info-hashes is there. */
  has(metainfo: Metainfo): boolean {
    return infoHashesOf(metainfo).some((infoHash) => this.#byInfoHash.has(infoHash));
  }

  /**
   * Takes a torrent on: uploads what is there of it, downloads the rest.
   *
   * @throws {Error} when it is there already, or the session is closed
   */
  add(torrent: AddTorrent): Torrent {
    const { metainfo } = torrent;
    if (this.#closing !== undefined)
      throw new Error(`Cannot add torrent ${metainfo.name}: the session is closed`);
    const known = infoHashesOf(metainfo).find((infoHash) => this.#byInfoHash.has(infoHash));
    if (known !== undefined) throw new Error(`Cannot add torrent ${known}: it is there already`);
    const added = new Torrent(torrent, this.#resources);
    this.#torrents.add(added);
    for (const infoHash of added.infoHashes) this.#byInfoHash.set(infoHash, added);
    return added;
  }

  /** Drops a torrent; resolves when its storage can be closed. */
  async remove(torrent: Torrent): Promise<void> {
    if (!this.#torrents.delete(torrent)) return;
    for (const infoHash of torrent.infoHashes) this.#byInfoHash.delete(infoHash);
    await torrent.stop();
  }

  /** Stops everything; resolves when all storages can be closed. @throws {AggregateError} of all that failed */
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

  /** A stranger came: it has to say which torrent it wants. */
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
      // A stranger that says nothing sensible is no error of ours.
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

  /** The peers that hold a slot: few, whatever the number of torrents. */
  *#peers(): Generator<PeerConnection> {
    for (const holder of this.#resources.slots.holders) if (holder instanceof PeerConnection) yield holder;
  }
}
