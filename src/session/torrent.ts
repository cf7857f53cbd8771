import { dataLengthAt, longestPieceLength, type Metainfo, Pads, pieceLengthAt } from '../metainfo/index.ts';
import type { Connection } from '../net/index.ts';
import {
  CONNECTION_PIECES_PER_UNIT,
  dontHave,
  type Greeting,
  isFault,
  originOf,
  PEER_END_WORDS,
  PeerConnection,
  type PeerEnd,
  PeerExtensions,
  type PeerSourceKind,
  type PeerSummary,
  type PeerTakers,
  Swarm,
  type SwarmOwner,
} from '../swarm/index.ts';
import {
  type Address,
  Bitfield,
  INFO_HASH_BYTES,
  type InfoHash,
  inBackground,
  parseInfoHash,
} from '../util/index.ts';
import type { Handshake, HandshakeOpening, PieceGeometry, WireError } from '../wire/index.ts';
import type { BlockSource } from './block-source.ts';
import type { SessionResources } from './session-options.ts';
import { TorrentDownload } from './torrent-download.ts';
import { TorrentHashes } from './torrent-hashes.ts';
import type { AddTorrent, TorrentEvents, TorrentStats } from './torrent-options.ts';
import { TorrentTotals } from './torrent-totals.ts';
import { TorrentUpload } from './torrent-upload.ts';

/** Uploads and downloads one torrent. The one owner of its state; sockets and disks answer to it. */
export class Torrent implements SwarmOwner<PeerConnection> {
  readonly metainfo: Metainfo;
  readonly infoHashes: readonly InfoHash[];
  readonly #resources: SessionResources;
  readonly #events: TorrentEvents;
  readonly #have: Bitfield;
  readonly #geometry: PieceGeometry;
  readonly #pads: Pads | undefined;
  readonly #swarm: Swarm<PeerConnection>;
  readonly #takers: PeerTakers;
  readonly #upload: TorrentUpload;
  readonly #download: TorrentDownload | undefined;
  readonly #hashes: TorrentHashes;
  readonly #totals = new TorrentTotals();
  #left: number;
  #isStopped = false;

  constructor(add: AddTorrent, resources: SessionResources) {
    const { metainfo, storage, limits, completion } = add;
    this.metainfo = metainfo;
    this.infoHashes = infoHashesOf(metainfo);
    this.#resources = resources;
    this.#events = add;
    this.#have = completion?.have ?? Bitfield.full(metainfo.pieceCount);
    this.#geometry = {
      pieceCount: metainfo.pieceCount,
      pieceLength: metainfo.pieceLength,
      pieceLengthAt: (index) => pieceLengthAt(metainfo, index),
      isPadded: metainfo.version === 'v2',
    };
    this.#pads = Pads.of(metainfo);
    for (const index of this.#pads?.wholePieces() ?? []) {
      if (!this.#have.has(index))
        throw new RangeError(`Cannot download piece ${index}: it is pad bytes alone`);
    }
    this.#left = this.#missingBytes();
    const { clock, report } = resources;
    this.#swarm = new Swarm({
      ...resources,
      connectionWork: metainfo.pieceCount / CONNECTION_PIECES_PER_UNIT,
      ours: this.#handshakeWith(metainfo.infoHash),
      infoHashes: this.infoHashes,
      owner: this,
    });
    const now = () => clock.now();
    const peers = () => this.#swarm.connected;
    const onFailed = (error: Error) => this.#fail(error);
    const shared = { geometry: this.#geometry, have: this.#have, storage, report, now, onFailed };
    const uploading = { ...shared, peers, limiter: resources.uploadLimiter, limit: limits?.up };
    this.#upload = new TorrentUpload({
      ...uploading,
      owner: metainfo.infoHash,
      cache: resources.readCache,
      slots: resources.uploadSlots,
      isSeeding: this.isComplete,
    });
    this.#hashes = new TorrentHashes({
      ...uploading,
      metainfo,
      trees: resources.hashTrees,
      makeTrees: resources.makeTrees,
      isProven: (peer) => this.#download?.isProven(peer) ?? false,
      onBadPeer: (peer, error) => this.#ban(peer, error),
    });
    if (completion !== undefined && !this.isComplete) {
      this.#download = new TorrentDownload({
        ...shared,
        longestPieceLength: longestPieceLength(metainfo),
        pads: this.#pads,
        buffers: resources.pieceBuffers,
        random: resources.random,
        limiter: resources.downloadLimiter,
        limit: limits?.down,
        storePiece: completion.storePiece,
        onPieceVerified: (index) => this.#onPieceVerified(index),
        wanted: completion.wanted,
        findWrongBlocks: (...piece) => this.#hashes.findWrongBlocks(...piece),
        onBadSource: (source, error) => this.#ban(source, error),
      });
    }
    this.#takers = {
      blocks: this.#download,
      requests: this.#upload,
      hashes: this.#hashes,
      extensions: new PeerExtensions([dontHave((peer, index) => this.#download?.onLost(peer, index))]),
    };
    if (this.isComplete) this.#events.onComplete?.();
  }

  get isComplete(): boolean {
    return this.#have.isFull;
  }

  /** Tells whether all wanted pieces are there. */
  get isFinished(): boolean {
    return this.#download?.isFinished ?? true;
  }

  /** The pieces that are there: a live view, not to be changed. */
  get have(): Bitfield {
    return this.#have;
  }

  get stats(): TorrentStats {
    return {
      ...this.#totals.with(this.#swarm.connected),
      left: this.#left,
      known: this.#swarm.knownCount,
      failedPieces: this.#download?.failedCount ?? 0,
    };
  }

  /** What became of the peers so far: the reason why there are no more. */
  get peerSummary(): PeerSummary {
    return this.#swarm.summary;
  }

  /** Hears of peers. Those that are known are passed over. */
  addPeers(addresses: Iterable<Address>, source: PeerSourceKind = 'user'): void {
    this.#swarm.add(addresses, source);
  }

  /** Fetches these pieces from now on, as far as they are not there, and no others. Pieces that were started are finished. */
  setWanted(wanted: Bitfield): void {
    this.#download?.setWanted(wanted);
  }

  /**
   * Finds our answer to a peer that wants this torrent under one of its info-hashes. For a hybrid, one that speaks v2 gets
   * the v2 info-hash: libtorrent takes no other once it has heard of us in the v2 swarm, though it greets with v1.
   *
   * @param host where the peer comes from
   * @returns `undefined` when there is no room for it: one that had our answer would give up another connection for this
   * @see BEP 52, "Upgrade Path"
   */
  handshakeFor({ infoHash, supports }: HandshakeOpening, host: string): Handshake | undefined {
    if (!this.#swarm.hasRoomFor(host)) return undefined;
    return this.#handshakeWith(supports.v2 ? this.infoHashes.at(-1)! : infoHash);
  }

  /** Takes a peer that came to us. @returns its handler; `undefined` when it is not wanted */
  accept(connection: Connection, theirs: Handshake): PeerConnection | undefined {
    const ours = this.handshakeFor(theirs, connection.remote.host);
    return ours && this.#swarm.accept(connection, theirs, ours);
  }

  /** Counts a second. */
  tick(now: number): void {
    if (this.#isStopped) return;
    for (const peer of this.#swarm.connected) {
      if (peer.tick(now)) this.#download?.onSnubbed(peer);
    }
    this.#upload.tick(now);
    this.#download?.tick();
    this.#hashes.tick(now);
    this.#swarm.tick(now);
  }

  /** Stops, and resolves when nothing of it is on its way to or from the disk any more. The storage stays open. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#swarm.close();
    await Promise.all([this.#download?.stop(), this.#upload.settled(), this.#hashes.stop()]);
    this.#resources.readCache.drop(this.metainfo.infoHash);
    this.#resources.hashTrees.drop(this.metainfo.infoHash);
  }

  connect(greeting: Greeting): PeerConnection {
    const { clock, report, sending, workBudgets } = this.#resources;
    return new PeerConnection({
      ...greeting,
      geometry: this.#geometry,
      takers: this.#takers,
      keeper: this.#swarm,
      workBudget: workBudgets.join(originOf(greeting.connection.remote.host).budgetKey),
      onDebug: (message) => this.onDebug(message),
      clock,
      report,
      sending,
    });
  }

  onConnected(peer: PeerConnection): void {
    peer.output.together(() => {
      peer.session.sendBitfield(this.#have);
      if (peer.canExtend) this.#takers.extensions.greet(peer, this.#resources.listenPort(), this.isComplete);
    });
    this.#upload.addPeer(peer, this.#resources.clock.now());
  }

  isUseless(peer: PeerConnection): boolean {
    return this.isComplete && (peer.isSeed || peer.isUploadOnly);
  }

  onClosed(peer: PeerConnection, end: PeerEnd, error: Error | undefined): void {
    this.#totals.left(peer);
    this.#download?.removePeer(peer);
    this.#upload.removePeer(peer, this.#resources.clock.now());
    this.#hashes.removePeer(peer);
    if (isFault(error)) this.#tellOfBadPeer(peer, error);
    const why = error === undefined ? '' : `: ${error.message}`;
    if (!this.#isStopped) this.onDebug(`Disconnected from ${peer.name}, ${PEER_END_WORDS[end]}${why}`);
  }

  onDebug(message: string): void {
    this.#events.onDebug?.(message);
  }

  #handshakeWith(infoHash: InfoHash): Handshake {
    const v2 = this.metainfo.version !== 'v1';
    return {
      infoHash,
      peerId: this.#resources.peerId,
      supports: { fast: true, extended: true, dht: false, v2 },
    };
  }

  #onPieceVerified(index: number): void {
    this.#left -= dataLengthAt(this.metainfo, this.#pads, index);
    for (const peer of this.#swarm.connected) if (!peer.pieces.has(index)) peer.session.have(index);
    this.#events.onPieceVerified?.(index);
    if (this.isComplete) this.#onComplete();
  }

  #onComplete(): void {
    this.#upload.startSeeding();
    this.#swarm.dismissUseless();
    this.#events.onComplete?.();
  }

  #missingBytes(): number {
    let bytes = 0;
    for (let index = 0; index < this.#geometry.pieceCount; index += 1) {
      if (!this.#have.has(index)) bytes += dataLengthAt(this.metainfo, this.#pads, index);
    }
    return bytes;
  }

  #tellOfBadPeer(peer: PeerConnection, error: WireError): void {
    const { badPeers, clock } = this.#resources;
    const told = badPeers.pass(peer.origin, error, clock.now());
    if (told !== undefined) this.#events.onBadPeer?.(peer.name, told);
  }

  #ban(source: BlockSource, error: Error): void {
    // Of a wrong v2 piece only the wrong blocks are fetched again.
    if (this.metainfo.version === 'v1') this.#download?.discard(source);
    if (!(source instanceof PeerConnection)) return;
    if (this.#swarm.ban(source, error)) this.#events.onBadPeer?.(source.name, error);
  }

  #fail(error: Error): void {
    if (this.#isStopped) return;
    inBackground(this.stop(), `stop ${this.metainfo.name}`, this.#resources.report);
    this.#events.onFailed?.(error);
  }
}

/** Returns the names of a torrent on the wire: a hybrid has two, that of v1 and that of v2. @see BEP 52 */
export function infoHashesOf({ infoHash, infoHashV2 }: Metainfo): InfoHash[] {
  const truncated =
    infoHashV2 === undefined ? infoHash : parseInfoHash(infoHashV2.slice(0, 2 * INFO_HASH_BYTES));
  return truncated === infoHash ? [infoHash] : [infoHash, truncated];
}
