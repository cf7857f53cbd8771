import { ExtensionError } from '../extension/index.ts';
import type { BlockRequest, HashRequest, PeerSessionEvents } from '../wire/index.ts';
import type { PeerConnection } from './peer-connection.ts';
import type { PeerTakers } from './peer-takers.ts';

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
