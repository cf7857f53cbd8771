import { ExtensionError } from '../extension/index.ts';
import type { BlockRequest, HashRequest, PeerSessionEvents } from '../wire/index.ts';
import type { PeerConnection } from './peer-connection.ts';
import type { PeerExtensions } from './peer-extensions.ts';

/** The port to the download of a torrent. It takes the blocks that peers send, and hears which pieces they have. */
export interface BlockTaker {
  /** Hears that the peer has told all its pieces at once. */
  onBitfield(peer: PeerConnection): void;
  /** Hears that the peer has one more piece. */
  onHave(peer: PeerConnection, index: number): void;
  /** Hears that the peer chokes us no longer, so that blocks may be requested from it. */
  onUnchoked(peer: PeerConnection): void;
  /** Hears that the peer will not send the block of this request. */
  onRejected(peer: PeerConnection, request: BlockRequest): void;
  /** Hears that we have cancelled the request for this block. */
  onCancelled(peer: PeerConnection, index: number, begin: number): void;
  /** Returns the memory for the bytes of a block, see `PeerSessionEvents.blockDestination()`. */
  blockDestination(
    peer: PeerConnection,
    index: number,
    begin: number,
    length: number,
  ): Uint8Array | undefined;
  /** Hears that all bytes of a block are in its memory. */
  onBlock(peer: PeerConnection, index: number, begin: number, length: number): void;
  /** Hears that a whole block came and was thrown away. */
  onBlockDiscarded(peer: PeerConnection, index: number, begin: number, length: number): void;
  /** Hears that all bytes of one read were handled, so that further blocks may be requested. */
  onReceived(peer: PeerConnection): void;
}

/** The port to the upload of a torrent. It sends the blocks that peers request. */
export interface RequestTaker {
  /** Hears that a peer became interested in our pieces, or is no longer. */
  onInterestChanged(): void;
  /** Sends blocks that the peer has requested, as far as there is room. Called when either may have changed. */
  serve(peer: PeerConnection): void;
}

/** The port to the hashes of a torrent. It sends the hashes that peers request, and takes those that they send. @see BEP 52 */
export interface HashTaker {
  onHashRequest(peer: PeerConnection, request: HashRequest): void;
  onHashes(peer: PeerConnection, request: HashRequest, hashes: Uint8Array): void;
  onHashesRejected(peer: PeerConnection, request: HashRequest): void;
  /** Sends hashes that the peer has requested. Called when its socket has room again. */
  serve(peer: PeerConnection): void;
}

/** The parts of a torrent that handle what its peers send. They are read once for each peer, when it connects. */
export interface PeerTakers {
  /** The download; `undefined` when all pieces were there from the start. */
  readonly blocks: BlockTaker | undefined;
  readonly requests: RequestTaker;
  readonly hashes: HashTaker;
  /** The extensions that are offered to peers. */
  readonly extensions: PeerExtensions;
}

/** Hands each event of a peer to the part of the torrent that takes it. A new event of peers gets a method here. */
export class PeerEvents implements PeerSessionEvents {
  readonly #peer: PeerConnection;
  readonly #takers: PeerTakers;
  readonly #blocks: PeerTakers['blocks'];
  readonly #onDebug: (message: string) => void;

  /** @param onDebug hears of extended messages that cannot be read */
  constructor(peer: PeerConnection, takers: PeerTakers, onDebug: (message: string) => void) {
    this.#peer = peer;
    this.#takers = takers;
    this.#blocks = takers.blocks;
    this.#onDebug = onDebug;
  }

  send(bytes: Uint8Array): void {
    this.#peer.output.send(bytes);
  }

  /** Does nothing, because each request that the peer rejects by choking us is told by {@link onRejected}. */
  onChoked(): void {}

  onUnchoked(): void {
    this.#blocks?.onUnchoked(this.#peer);
  }

  onInterested(): void {
    this.#takers.requests.onInterestChanged();
  }

  onNotInterested(): void {
    this.#takers.requests.onInterestChanged();
  }

  onBitfield(): void {
    this.#blocks?.onBitfield(this.#peer);
  }

  onHave(index: number): void {
    this.#blocks?.onHave(this.#peer, index);
  }

  /** Does nothing, because few pieces may be requested while the peer chokes us. We wait to be unchoked. @see BEP 6 */
  onAllowedFast(): void {}

  /** Does nothing, because the picker itself knows which pieces are rare. @see BEP 6 */
  onSuggestPiece(): void {}

  /** Does nothing, because the peer is served after all bytes of one read were handled. */
  onRequestQueued(): void {}

  onRejected(request: BlockRequest): void {
    this.#peer.requests.onRejected();
    this.#blocks?.onRejected(this.#peer, request);
  }

  blockDestination(index: number, begin: number, length: number): Uint8Array | undefined {
    return this.#blocks?.blockDestination(this.#peer, index, begin, length);
  }

  onBlock(index: number, begin: number, length: number): void {
    this.#peer.requests.onBlock();
    this.#blocks?.onBlock(this.#peer, index, begin, length);
  }

  onBlockDiscarded(index: number, begin: number, length: number): void {
    this.#blocks?.onBlockDiscarded(this.#peer, index, begin, length);
  }

  onExtended(extendedId: number, payload: Uint8Array): void {
    try {
      this.#takers.extensions.onMessage(this.#peer, extendedId, payload);
    } catch (thrown) {
      if (!(thrown instanceof ExtensionError)) throw thrown;
      this.#onDebug(`Ignored an extended message of ${this.#peer.name}: ${thrown.message}`);
    }
  }

  onHashRequest(request: HashRequest): void {
    this.#takers.hashes.onHashRequest(this.#peer, request);
  }

  onHashes(request: HashRequest, hashes: Uint8Array): void {
    this.#takers.hashes.onHashes(this.#peer, request, hashes);
  }

  onHashesRejected(request: HashRequest): void {
    this.#takers.hashes.onHashesRejected(this.#peer, request);
  }
}
