import type { HashTaker, PeerConnection } from '../swarm/index.ts';
import type { HashRequest } from '../wire/index.ts';
import { HashQueries, type HashQueriesOptions } from './hash-queries.ts';
import { HashResponses, type HashResponsesOptions } from './hash-responses.ts';
import type { PieceBytes } from './piece-buffers.ts';
import { type PieceSender, WrongBlocks } from './wrong-blocks.ts';

/** Sends the hashes of a torrent that its peers request, and requests hashes from them. @see BEP 52 */
export class TorrentHashes implements HashTaker {
  readonly #responses: HashResponses;
  readonly #queries: HashQueries;
  readonly #wrongBlocks: WrongBlocks;

  constructor(options: HashResponsesOptions & HashQueriesOptions) {
    this.#responses = new HashResponses(options);
    this.#queries = new HashQueries(options);
    this.#wrongBlocks = new WrongBlocks({ ...options, queries: this.#queries });
  }

  /** Finds the wrong blocks of a wrong piece, see {@link WrongBlocks.find}. */
  findWrongBlocks(
    index: number,
    bytes: PieceBytes,
    sender: PieceSender,
  ): Promise<readonly number[] | undefined> {
    return this.#wrongBlocks.find(index, bytes, sender);
  }

  onHashRequest(peer: PeerConnection, request: HashRequest): void {
    this.#responses.onRequest(peer, request);
  }

  onHashes(peer: PeerConnection, request: HashRequest, hashes: Uint8Array): void {
    this.#queries.onHashes(peer, request, hashes);
  }

  onHashesRejected(peer: PeerConnection, request: HashRequest): void {
    this.#queries.onRejected(peer, request);
  }

  /** Sends hashes that the peer has requested. Called when there is room to send again. */
  serve(peer: PeerConnection): void {
    this.#responses.serve(peer);
  }

  removePeer(peer: PeerConnection): void {
    this.#responses.removePeer(peer);
    this.#queries.removePeer(peer);
  }

  /** Counts a second. */
  tick(now: number): void {
    this.#responses.tick();
    this.#queries.tick(now);
  }

  /** Stops. Resolves when nothing is being read or hashed for a peer any more. */
  async stop(): Promise<void> {
    this.#queries.close();
    await this.#responses.stop();
  }
}
