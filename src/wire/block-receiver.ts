import { copyBytes } from '../util/index.ts';
import type { BlockRequest } from './block.ts';
import { MAX_STRAY_ANSWERS } from './limits.ts';
import type { OutstandingRequests } from './outstanding-requests.ts';
import type { PeerSessionEvents } from './peer-session-events.ts';
import { WireError } from './wire-error.ts';

/** The receiver of the blocks and rejects that a peer sends: each is matched with a request of ours, or is a stray. */
export class BlockReceiver {
  readonly #requests: OutstandingRequests;
  readonly #events: PeerSessionEvents;
  #index = 0;
  #begin = 0;
  #length = 0;
  /** Whether the block that is arriving answers an outstanding request. */
  #isWanted = false;
  #destination: Uint8Array | undefined;
  #strays = 0;
  /** The bytes of blocks received so far, wanted or not. */
  receivedBytes = 0;
  /** The bytes of blocks received so far that were thrown away. */
  discardedBytes = 0;

  constructor(requests: OutstandingRequests, events: PeerSessionEvents) {
    this.#requests = requests;
    this.#events = events;
  }

  start(index: number, begin: number, length: number): void {
    this.#index = index;
    this.#begin = begin;
    this.#length = length;
    this.#isWanted = this.#requests.isOutstanding(index, begin, length);
    this.#destination = this.#isWanted ? this.#events.blockDestination(index, begin, length) : undefined;
    if (this.#destination !== undefined && this.#destination.length !== length) {
      const found = this.#destination.length;
      throw new RangeError(`A block of ${length} bytes was given a destination of ${found} bytes`);
    }
  }

  data(bytes: Uint8Array, offset: number): void {
    this.receivedBytes += bytes.length;
    if (this.#destination === undefined) this.discardedBytes += bytes.length;
    else copyBytes(bytes, this.#destination, offset);
  }

  end(): void {
    const destination = this.#destination;
    this.#destination = undefined;
    this.#match();
    if (destination === undefined) this.#events.onBlockDiscarded(this.#index, this.#begin, this.#length);
    else this.#events.onBlock(this.#index, this.#begin, this.#length);
  }

  /** Stops writing to the destination of a request that was just cancelled. */
  forget({ index, begin }: BlockRequest): void {
    if (index !== this.#index || begin !== this.#begin) return;
    this.#isWanted = false;
    this.#destination = undefined;
  }

  /** Matches a reject with our request. @throws {WireError} `TOO_MANY_STRAYS` */
  reject(request: BlockRequest): void {
    const { index, begin, length } = request;
    // When a block was cancelled and requested again, a reject answers the cancelled request.
    if (this.#requests.settleAbandoned(index, begin, length)) return;
    if (this.#requests.settle(index, begin, length)) this.#events.onRejected(request);
    else this.#countStray('rejected', index, begin);
  }

  #match(): void {
    if (this.#isWanted) {
      this.#requests.settle(this.#index, this.#begin, this.#length);
      this.#isWanted = false;
      if (this.#strays > 0) this.#strays -= 1;
    } else if (!this.#requests.settleAbandoned(this.#index, this.#begin, this.#length)) {
      this.#countStray('sent', this.#index, this.#begin);
    }
  }

  #countStray(verb: string, index: number, begin: number): void {
    this.#strays += 1;
    if (this.#strays <= MAX_STRAY_ANSWERS) return;
    throw new WireError(
      'TOO_MANY_STRAYS',
      `The peer ${verb} the block at ${begin} of piece ${index}, which is not outstanding; ` +
        `${MAX_STRAY_ANSWERS} answers of this kind are the limit`,
    );
  }
}
