import type { Storage } from '../storage/index.ts';
import { type Bitfield, inBackground, type ReportError } from '../util/index.ts';
import { type BlockRequest, type PieceGeometry, requestableLength } from '../wire/index.ts';
import type { PeerConnection } from './peer-connection.ts';
import type { ReadCache } from './read-cache.ts';

export interface UploadOptions {
  /** Names the torrent in the cache. */
  readonly owner: string;
  readonly geometry: PieceGeometry;
  readonly have: Bitfield;
  readonly storage: Storage;
  readonly cache: ReadCache;
  readonly report: ReportError;
  /** The files could not be read: the torrent cannot go on. */
  onFailed(error: Error): void;
}

/**
 * Answers the requests of unchoked peers: one read from disk under way per peer, as much handed to its socket as fits,
 * the rest left in its queue, so that a peer that does not read costs nothing.
 */
export class TorrentUpload {
  readonly #options: UploadOptions;

  constructor(options: UploadOptions) {
    this.#options = options;
  }

  /** Sends what the peer asked for, until its socket is full or its queue empty. Called whenever either changed. */
  serve(peer: PeerConnection): void {
    while (peer.canSend && !peer.isReading) {
      const request = peer.session.takeRequest();
      if (request === undefined) return;
      const block = this.#read(request);
      if (block instanceof Uint8Array) peer.session.sendBlock(request, block);
      else if (block === undefined) peer.session.reject(request);
      else this.#sendLater(peer, request, block);
    }
  }

  /** `undefined` when we do not have the piece. */
  #read({ index, begin, length }: BlockRequest): Uint8Array | Promise<Uint8Array> | undefined {
    const { owner, geometry, have, storage, cache } = this.#options;
    if (!have.has(index)) return undefined;
    const piece = { offset: index * geometry.pieceLength, length: requestableLength(geometry, index) };
    return cache.read(owner, piece, begin, length, (offset, into) => storage.read(offset, into));
  }

  #sendLater(peer: PeerConnection, request: BlockRequest, block: Promise<Uint8Array>): void {
    peer.isReading = true;
    const answer = block.then(
      (bytes) => {
        peer.isReading = false;
        peer.together(() => {
          peer.session.sendBlock(request, bytes);
          this.serve(peer);
        });
      },
      (error: Error) => {
        peer.isReading = false;
        peer.session.reject(request);
        this.#options.onFailed(error);
      },
    );
    inBackground(answer, `answer ${peer.name}`, this.#options.report);
  }
}
