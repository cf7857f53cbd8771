import { uncleCount } from '../metainfo/index.ts';
import { HASH_BYTES, type HashRequest, keyOf } from './hash-request.ts';
import { MAX_OUTSTANDING_HASH_REQUESTS, MAX_STRAY_ANSWERS } from './limits.ts';
import { encodeHashes, encodeHashReject, encodeHashRequest } from './message-writer.ts';
import type { PeerSessionEvents } from './peer-session-events.ts';
import { WireError } from './wire-error.ts';

/**
 * The hash messages of one connection, in both directions. Each request is answered by hashes or by a reject. An answer
 * without a request of ours is a stray.
 *
 * @see BEP 52
 */
export class HashExchange {
  readonly #events: PeerSessionEvents;
  readonly #send: (bytes: Uint8Array) => void;
  /** Our requests that are not answered yet, by {@link keyOf}. */
  readonly #outstanding = new Map<string, HashRequest>();
  #strays = 0;

  constructor(events: PeerSessionEvents, send: (bytes: Uint8Array) => void) {
    this.#events = events;
    this.#send = send;
  }

  /** Tells whether a request may be sent: the same one is not outstanding, and there are not too many others. */
  canRequest(request: HashRequest): boolean {
    return this.#outstanding.size < MAX_OUTSTANDING_HASH_REQUESTS && !this.#outstanding.has(keyOf(request));
  }

  /** Requests hashes, even while choked. @throws {RangeError} when {@link canRequest} is false */
  request(request: HashRequest): void {
    if (!this.canRequest(request)) {
      throw new RangeError(
        `Cannot request hashes: these are requested already, or too many others (${this.#outstanding.size})`,
      );
    }
    this.#outstanding.set(keyOf(request), request);
    this.#send(encodeHashRequest(request));
  }

  /** Answers a request of the peer. @param hashes 32 bytes each, as `gatherHashes()` returns them */
  answer(request: HashRequest, hashes: Uint8Array): void {
    this.#send(encodeHashes(request, hashes));
  }

  /** Refuses a request of the peer. */
  reject(request: HashRequest): void {
    this.#send(encodeHashReject(request));
  }

  /** Passes a request of the peer on. @param request a view */
  receivedRequest(request: HashRequest): void {
    this.#events.onHashRequest({ ...request, piecesRoot: new Uint8Array(request.piecesRoot) });
  }

  /** Matches hashes with our request. @param hashes a view @throws {WireError} `BAD_HASHES`, `TOO_MANY_STRAYS` */
  receivedHashes(request: HashRequest, hashes: Uint8Array): void {
    const asked = this.#settle(request, 'sent');
    if (asked === undefined) return;
    const expected = (request.length + uncleCount(request)) * HASH_BYTES;
    if (hashes.length !== expected) {
      throw new WireError(
        'BAD_HASHES',
        `The peer sent ${hashes.length} bytes of hashes in answer to a request for ${expected}`,
      );
    }
    this.#events.onHashes(asked, new Uint8Array(hashes));
  }

  /** Matches a reject with our request. @throws {WireError} `TOO_MANY_STRAYS` */
  receivedReject(request: HashRequest): void {
    const asked = this.#settle(request, 'rejected');
    if (asked !== undefined) this.#events.onHashesRejected(asked);
  }

  #settle(request: HashRequest, verb: string): HashRequest | undefined {
    const key = keyOf(request);
    const asked = this.#outstanding.get(key);
    if (asked !== undefined) {
      this.#outstanding.delete(key);
      return asked;
    }
    this.#strays += 1;
    if (this.#strays <= MAX_STRAY_ANSWERS) return undefined;
    throw new WireError(
      'TOO_MANY_STRAYS',
      `The peer ${verb} hashes that were not requested; ${MAX_STRAY_ANSWERS} answers of this kind are the limit`,
    );
  }
}
