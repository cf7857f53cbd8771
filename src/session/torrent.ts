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
import { PieceNews } from './piece-news.ts';
import type { SessionResources } from './session-options.ts';
import { TorrentDownload } from './torrent-download.ts';
import { TorrentHashes } from './torrent-hashes.ts';
import type { AddTorrent, TorrentEvents, TorrentStats } from './torrent-options.ts';
import { TorrentTotals } from './torrent-totals.ts';
import { TorrentUpload } from './torrent-upload.ts';

/** A torrent that is uploaded and downloaded. It alone changes its state; sockets and disks send it events. */
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
  readonly #news: PieceNews;
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
        throw new RangeError(
          `Cannot download piece ${index}: it has pad bytes only, so it must be in "have"`,
        );
    }
    this.#left = this.#missingBytes();
    const { clock, report, network, random, slots, workBudgets, connectBudgets } = resources;
    this.#swarm = new Swarm({
      network,
      clock,
      random,
      report,
      slots,
      workBudgets,
      connectBudgets,
      connectionWork: metainfo.pieceCount / CONNECTION_PIECES_PER_UNIT,
      ours: this.#handshakeWith(metainfo.infoHash),
      infoHashes: this.infoHashes,
      owner: this,
    });
    const now = () => clock.now();
    const peers = () => this.#swarm.connected;
    this.#news = new PieceNews({ clock, peers });
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

  /** The pieces that are there. It is a live view and must not be changed. */
  get have(): Bitfield {
    return this.#have;
  }

  get stats(): TorrentStats {
    return {
      ...this.#totals.with(this.#swarm.connected),
      left: this.#left,
      known: this.#swarm.knownCount,
      failedPieces: this.#download?.failedCount ?? 0,
      storing: this.#download?.storingCount ?? 0,
    };
  }

  /** A summary of what became of the peers so far, and so of why there are no more. */
  get peerSummary(): PeerSummary {
    return this.#swarm.summary;
  }

  /** Adds addresses of peers. Known addresses are passed over. */
  addPeers(addresses: Iterable<Address>, source: PeerSourceKind = 'user'): void {
    this.#swarm.add(addresses, source);
  }

  /** Sets the pieces to fetch. No others are, but pieces that were started are finished. */
  setWanted(wanted: Bitfield): void {
    this.#download?.setWanted(wanted);
  }

  /**
   * Makes our handshake for a peer that wants this torrent. A peer of a hybrid torrent that speaks v2 gets the v2 info-hash,
   * because libtorrent, which sends that of v1 first, takes no other one if it knows us from the v2 swarm.
   *
   * @param host the IP address of the peer
   * @returns `undefined` when there is no room for the peer. With our handshake it would give up another connection for us
   * @see BEP 52, "Upgrade Path"
   */
  handshakeFor({ infoHash, supports }: HandshakeOpening, host: string): Handshake | undefined {
    if (!this.#swarm.hasRoomFor(host)) return undefined;
    return this.#handshakeWith(supports.v2 ? this.infoHashes.at(-1)! : infoHash);
  }

  /** Accepts a peer that came to us. @returns the peer; `undefined` to refuse it */
  accept(connection: Connection, theirs: Handshake): PeerConnection | undefined {
    const ours = this.handshakeFor(theirs, connection.remote.host);
    return ours && this.#swarm.accept(connection, theirs, ours);
  }

  /** Counts a second. A seed without peers has nothing to do, which matters when there are many thousands of them. */
  tick(now: number): void {
    if (this.#isStopped || (this.#download === undefined && this.#swarm.isEmpty)) return;
    for (const peer of this.#swarm.connected) {
      if (peer.tick(now)) this.#download?.onSnubbed(peer);
    }
    this.#upload.tick(now);
    this.#download?.tick();
    this.#hashes.tick(now);
    this.#swarm.tick(now);
  }

  /** Stops. Resolves when nothing is being read or written any more. The storage stays open. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#news.close();
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
    this.#news.add(index);
    this.#events.onPieceVerified?.(index);
    if (this.isComplete) this.#onComplete();
  }

  #onComplete(): void {
    this.#news.flush();
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
    // Without hashes of blocks, all blocks of the source may be wrong. With v2, only the blocks found wrong are fetched again.
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

/** Returns the info-hashes of a torrent on the wire. A hybrid torrent has two, that of v1 and then that of v2. @see BEP 52 */
export function infoHashesOf({ infoHash, infoHashV2 }: Metainfo): InfoHash[] {
  const truncated =
    infoHashV2 === undefined ? infoHash : parseInfoHash(infoHashV2.slice(0, 2 * INFO_HASH_BYTES));
  return truncated === infoHash ? [infoHash] : [infoHash, truncated];
}
