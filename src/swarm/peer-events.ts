import { ExtensionError } from '../extension/index.ts';
import type { BlockRequest, HashRequest, PeerSessionEvents } from '../wire/index.ts';
import type { PeerConnection } from './peer-connection.ts';
import type { PeerTakers } from './peer-takers.ts';

/** Hands each event of a peer to the part of the torrent that takes it. A new event of peers gets its method here. */
export class PeerEvents implements PeerSessionEvents {
  readonly #peer: PeerConnection;
  readonly #takers: PeerTakers;
  readonly #blocks: PeerTakers['blocks'];
  readonly #onDebug: (message: string) => void;

  /** @param onDebug is told of extended messages that could not be read */
  constructor(peer: PeerConnection, takers: PeerTakers, onDebug: (message: string) => void) {
    this.#peer = peer;
    this.#takers = takers;
    this.#blocks = takers.blocks;
    this.#onDebug = onDebug;
  }

  send(bytes: Uint8Array): void {
    this.#peer.output.send(bytes);
  }

  /** Does nothing: each request that the peer rejects by choking us comes as {@link onRejected}. */
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

  /** Does nothing: the pieces offered while the peer chokes us are few, and we wait to be unchoked. @see BEP 6 */
  onAllowedFast(): void {}

  /** Does nothing: the picker knows which pieces are rare. @see BEP 6 */
  onSuggestPiece(): void {}

  /** Does nothing: the peer is served once all that came in one go was handled. */
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
      this.#onDebug(`Passed over an extended message of ${this.#peer.name}: ${thrown.message}`);
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
