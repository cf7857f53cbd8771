import { Choker } from '../choker/index.ts';
import { ExtensionError } from '../extension/index.ts';
import { dataLengthAt, longestPieceLength, type Metainfo, Pads, pieceLengthAt } from '../metainfo/index.ts';
import type { Connection } from '../net/index.ts';
import {
  type Address,
  Bitfield,
  INFO_HASH_BYTES,
  type InfoHash,
  inBackground,
  parseInfoHash,
} from '../util/index.ts';
import { type Handshake, type HandshakeOpening, type PieceGeometry, WireError } from '../wire/index.ts';
import { dontHave } from './dont-have.ts';
import type { PeerConnection } from './peer-connection.ts';
import { PEER_END_WORDS, type PeerEnd, type PeerSummary } from './peer-end.ts';
import { PeerExtensions } from './peer-extensions.ts';
import type { PeerOwner } from './peer-owner.ts';
import type { SessionResources } from './session-options.ts';
import { TorrentDownload } from './torrent-download.ts';
import { TorrentHashes } from './torrent-hashes.ts';
import type { AddTorrent, TorrentEvents, TorrentStats } from './torrent-options.ts';
import { TorrentPeers } from './torrent-peers.ts';
import { TorrentUpload } from './torrent-upload.ts';

/** Uploads and downloads one torrent. The one owner of its state; sockets and disks answer to it. */
export class Torrent implements PeerOwner {
  readonly metainfo: Metainfo;
  readonly infoHashes: readonly InfoHash[];
  readonly extensions = new PeerExtensions([dontHave((peer, index) => this.#download?.onLost(peer, index))]);
  readonly #resources: SessionResources;
  readonly #events: TorrentEvents;
  readonly #have: Bitfield;
  readonly #geometry: PieceGeometry;
  readonly #pads: Pads | undefined;
  readonly #peers: TorrentPeers;
  readonly #upload: TorrentUpload;
  readonly #download: TorrentDownload | undefined;
  readonly #hashes: TorrentHashes;
  readonly #choker: Choker<PeerConnection>;
  #left: number;
  #isStopped = false;
  /** Of peers that are gone. */
  #pastDownloaded = 0;
  #pastUploaded = 0;
  #pastSources = 0;

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
    this.#peers = new TorrentPeers({
      ...resources,
      geometry: this.#geometry,
      ours: this.#handshakeWith(metainfo.infoHash),
      owner: this,
      infoHashes: this.infoHashes,
      isComplete: () => this.isComplete,
      onDebug: (message) => this.#events.onDebug?.(message),
    });
    const onFailed = (error: Error) => this.#fail(error);
    const shared = { geometry: this.#geometry, have: this.#have, storage, report, onFailed };
    const uploading = { ...shared, limiter: resources.uploadLimiter, limit: limits?.up };
    this.#upload = new TorrentUpload({
      ...uploading,
      owner: metainfo.infoHash,
      cache: resources.readCache,
    });
    const onBadPeer = (peer: PeerConnection, error: Error) => this.#ban(peer, error);
    this.#hashes = new TorrentHashes({
      ...uploading,
      metainfo,
      trees: resources.hashTrees,
      makeTrees: resources.makeTrees,
      now: () => clock.now(),
      peers: () => this.#peers.connected,
      isProven: (peer) => this.#download?.isProven(peer) ?? false,
      onBadPeer,
    });
    this.#choker = new Choker({ slots: resources.uploadSlots, isSeeding: this.isComplete });
    if (completion !== undefined && !this.isComplete) {
      this.#download = new TorrentDownload({
        ...shared,
        longestPieceLength: longestPieceLength(metainfo),
        pads: this.#pads,
        buffers: resources.pieceBuffers,
        random: resources.random,
        now: () => clock.now(),
        limiter: resources.downloadLimiter,
        limit: limits?.down,
        storePiece: completion.storePiece,
        onPiece: (index) => this.#onPiece(index),
        findWrongBlocks: (...piece) => this.#hashes.findWrongBlocks(...piece),
        onBadPeer,
      });
    }
    this.#choker.tick(clock.now());
    if (this.isComplete) this.#events.onComplete?.();
  }

  get blocks(): TorrentDownload | undefined {
    return this.#download;
  }

  get hashes(): TorrentHashes {
    return this.#hashes;
  }

  get isComplete(): boolean {
    return this.#have.isFull;
  }

  /** The pieces that are there: a live view, not to be changed. */
  get have(): Bitfield {
    return this.#have;
  }

  get stats(): TorrentStats {
    const connected = [...this.#peers.connected];
    const sum = (of: (peer: PeerConnection) => number) =>
      connected.reduce((total, peer) => total + of(peer), 0);
    return {
      downloaded: this.#pastDownloaded + sum((peer) => peer.session.downloadedBytes),
      uploaded: this.#pastUploaded + sum((peer) => peer.session.uploadedBytes),
      left: this.#left,
      downloadRate: sum((peer) => peer.download.bytesPerSecond),
      uploadRate: sum((peer) => peer.upload.bytesPerSecond),
      peers: connected.length,
      seeds: sum((peer) => Number(peer.isSeed)),
      sources: this.#pastSources + sum((peer) => Number(peer.session.downloadedBytes > 0)),
      known: this.#peers.knownCount,
      failedPieces: this.#download?.failedCount ?? 0,
    };
  }

  /** What became of the peers so far: why there are no more. */
  get peerSummary(): PeerSummary {
    return this.#peers.summary;
  }

  /** Hears of peers, from trackers or otherwise. Those that are known are passed over. */
  addPeers(addresses: Iterable<Address>): void {
    if (!this.#isStopped) this.#peers.add(addresses);
  }

  /**
   * What we answer a peer that wants this torrent under one of its info-hashes. For a hybrid, one that speaks v2 gets
   * the v2 info-hash: libtorrent takes no other once it has heard of us in the v2 swarm, though it greets with v1.
   *
   * @param host where the peer comes from
   * @returns `undefined` when there is no room for it: one that had our answer would give up another connection for this
   * @see BEP 52, "Upgrade Path"
   */
  answerTo({ infoHash, supports }: HandshakeOpening, host: string): Handshake | undefined {
    if (!this.#peers.hasRoomFor(host)) return undefined;
    return this.#handshakeWith(supports.v2 ? this.infoHashes.at(-1)! : infoHash);
  }

  /** A peer came to us. @returns what handles it; nothing when it is not wanted */
  accept(connection: Connection, theirs: Handshake): PeerConnection | undefined {
    const ours = this.answerTo(theirs, connection.remote.host);
    return ours && this.#peers.accept(connection, theirs, ours);
  }

  /** A second has passed. */
  tick(now: number): void {
    if (this.#isStopped) return;
    for (const peer of this.#peers.connected) {
      if (peer.tick(now)) this.#download?.onSnubbed(peer);
    }
    this.#choker.tick(now);
    this.#upload.tick(this.#peers.connected);
    this.#download?.tick();
    this.#hashes.tick(now);
    this.#peers.tick(now);
  }

  /** Stops, and resolves when nothing of it is on its way to or from the disk any more. The storage stays open. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#peers.close();
    await Promise.all([this.#download?.stop(), this.#upload.settled(), this.#hashes.stop()]);
    this.#resources.readCache.drop(this.metainfo.infoHash);
    this.#resources.hashTrees.drop(this.metainfo.infoHash);
  }

  onConnected(peer: PeerConnection): void {
    peer.together(() => {
      peer.session.sendBitfield(this.#have);
      if (peer.canExtend) this.extensions.greet(peer, this.#resources.listenPort(), this.isComplete);
    });
    this.#choker.addPeer(peer, this.#resources.clock.now());
  }

  onPieces(peer: PeerConnection): void {
    if (this.#closeIfUseless(peer)) return;
    this.#download?.onPieces(peer);
  }

  onHave(peer: PeerConnection, index: number): void {
    if (this.#closeIfUseless(peer)) return;
    this.#download?.onHave(peer, index);
  }

  onInterestChanged(): void {
    const isSeenTo = this.#choker.interestChanged(this.#resources.clock.now());
    if (isSeenTo) this.#upload.divideSendBuffer(this.#peers.connected);
  }

  onExtended(peer: PeerConnection, extendedId: number, payload: Uint8Array): void {
    const listenedAt = peer.listensAt;
    try {
      this.extensions.onMessage(peer, extendedId, payload);
    } catch (thrown) {
      if (!(thrown instanceof ExtensionError)) throw thrown;
      this.#events.onDebug?.(`Passed over an extended message of ${peer.name}: ${thrown.message}`);
    }
    if (peer.listensAt !== listenedAt) this.#peers.onListens(peer);
    this.#closeIfUseless(peer);
  }

  onReceived(peer: PeerConnection): void {
    this.#upload.serve(peer);
    this.#download?.onReceived(peer);
  }

  onDrain(peer: PeerConnection): void {
    this.#upload.serve(peer);
    this.#hashes.serve(peer);
  }

  onClosed(peer: PeerConnection, end: PeerEnd, error: Error | undefined): void {
    const isBad = error instanceof WireError && !/^PEER_/.test(error.code);
    const wasUseful = !isBad && peer.session.downloadedBytes + peer.session.uploadedBytes > 0;
    this.#pastDownloaded += peer.session.downloadedBytes;
    this.#pastUploaded += peer.session.uploadedBytes;
    this.#pastSources += Number(peer.session.downloadedBytes > 0);
    this.#peers.remove(peer, wasUseful, end);
    this.#download?.removePeer(peer);
    this.#upload.removePeer(peer);
    this.#hashes.removePeer(peer);
    this.#choker.removePeer(peer, this.#resources.clock.now());
    if (isBad) this.#tellOfBadPeer(peer, error);
    const why = error === undefined ? '' : `: ${error.message}`;
    if (!this.#isStopped)
      this.#events.onDebug?.(`Disconnected from ${peer.name}, ${PEER_END_WORDS[end]}${why}`);
    this.#peers.dialMore();
  }

  #handshakeWith(infoHash: InfoHash): Handshake {
    const v2 = this.metainfo.version !== 'v1';
    return {
      infoHash,
      peerId: this.#resources.peerId,
      supports: { fast: true, extended: true, dht: false, v2 },
    };
  }

  #onPiece(index: number): void {
    this.#left -= dataLengthAt(this.metainfo, this.#pads, index);
    for (const peer of this.#peers.connected) if (!peer.pieces.has(index)) peer.session.have(index);
    this.#events.onPiece?.(index);
    if (this.isComplete) this.#onComplete();
  }

  #onComplete(): void {
    this.#choker.isSeeding = true;
    for (const peer of this.#peers.connected) this.#closeIfUseless(peer);
    this.#events.onComplete?.();
  }

  #missingBytes(): number {
    let bytes = 0;
    for (let index = 0; index < this.#geometry.pieceCount; index += 1) {
      if (!this.#have.has(index)) bytes += dataLengthAt(this.metainfo, this.#pads, index);
    }
    return bytes;
  }

  /** Two that both want nothing have nothing to say to each other. */
  #closeIfUseless(peer: PeerConnection): boolean {
    const isUseless = this.isComplete && (peer.isSeed || peer.isUploadOnly);
    if (isUseless) this.#peers.dismiss(peer);
    return isUseless;
  }

  #tellOfBadPeer(peer: PeerConnection, error: WireError): void {
    const { badPeers, clock } = this.#resources;
    const told = badPeers.pass(peer.origin, error, clock.now());
    if (told !== undefined) this.#events.onBadPeer?.(peer.name, told);
  }

  #ban(peer: PeerConnection, error: Error): void {
    // Of a wrong v2 piece only the wrong blocks are fetched again.
    if (this.metainfo.version === 'v1') this.#download?.discard(peer);
    if (this.#peers.ban(peer, error)) this.#events.onBadPeer?.(peer.name, error);
  }

  #fail(error: Error): void {
    if (this.#isStopped) return;
    inBackground(this.stop(), `stop ${this.metainfo.name}`, this.#resources.report);
    this.#events.onFailed?.(error);
  }
}

/** What a torrent is called on the wire: a hybrid has two names. @see BEP 52 */
export function infoHashesOf({ infoHash, infoHashV2 }: Metainfo): InfoHash[] {
  const truncated =
    infoHashV2 === undefined ? infoHash : parseInfoHash(infoHashV2.slice(0, 2 * INFO_HASH_BYTES));
  return truncated === infoHash ? [infoHash] : [infoHash, truncated];
}
