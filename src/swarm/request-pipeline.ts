import type { BlockRequest, PeerSession } from '../wire/index.ts';
import { pipelineBlocks } from './pipeline.ts';
import type { RateMeter } from './rate-meter.ts';

/** The number of requests that a peer takes if it does not say: the least that any program in use takes. @see BEP 10 `reqq` */
const DEFAULT_REQQ = 250;
/** The milliseconds for which a peer may owe us blocks and send none. After them it is snubbed: others are asked for them. */
export const SNUB_AFTER_MS = 15_000;

/** The requests that we have under way to one peer. It knows how many there should be, and whether the peer still responds. */
export class RequestPipeline {
  readonly #session: PeerSession;
  readonly #download: RateMeter;
  /** The requests that leave together at {@link flush}. */
  readonly #batch: BlockRequest[] = [];
  /** The time at which the peer last sent anything, in milliseconds. The owner sets it. */
  receivedAt: number;
  #reqq = DEFAULT_REQQ;
  #isSnubbed = false;
  /** Whether the peer rejected requests since the last tick though it does not choke us. */
  #isRefusing = false;
  /** The time at which the last part of a block came, or at which requests began after a pause, in milliseconds. */
  #lastPayloadAt: number;

  /** @param download measures the blocks that the peer sends */
  constructor(session: PeerSession, download: RateMeter, now: number) {
    this.#session = session;
    this.#download = download;
    this.receivedAt = now;
    this.#lastPayloadAt = now;
  }

  /** Whether the peer has owed blocks for too long and sent none. Until it sends one, it is asked for one at a time. */
  get isSnubbed(): boolean {
    return this.#isSnubbed;
  }

  /** Sets the number of requests that the peer queues. @see BEP 10 `reqq` */
  setReqq(reqq: number): void {
    this.#reqq = reqq;
  }

  /**
   * Returns the number of blocks to request now, a batch that is worth a message; 0 when enough are under way.
   *
   * @param limit the bytes per second that all peers may send; `undefined` when there is no limit
   */
  wanted(limit?: number): number {
    if (this.#isRefusing) return 0;
    const latestRate = this.#download.latest(this.#session.downloadedBytes, this.receivedAt);
    const rate = Math.max(this.#download.bytesPerSecond, latestRate);
    const target = this.#isSnubbed ? 1 : Math.min(pipelineBlocks(rate, limit), this.#reqq);
    const missing = target - this.#session.outstandingCount;
    return missing * 4 >= target ? missing : 0;
  }

  /** Adds a request, which leaves at {@link flush}. */
  add(request: BlockRequest): void {
    this.#batch.push(request);
  }

  /** Sends the requests that were added. @returns the bytes that they request */
  flush(): number {
    const bytes = this.#batch.reduce((sum, { length }) => sum + length, 0);
    this.#session.request(this.#batch);
    this.#batch.length = 0;
    return bytes;
  }

  /** Starts anew to count the time that the peer may take. Called before the first request to a peer that owes no block. */
  restartSnubTimer(now: number): void {
    this.#lastPayloadAt = now;
  }

  /** Notes that the peer rejected a request. If it does not choke us, no block is requested until the next tick. */
  onRejected(): void {
    if (!this.#session.peerChoking) this.#isRefusing = true;
  }

  /** Notes that a block came. */
  onBlock(): void {
    this.#lastPayloadAt = this.receivedAt;
    this.#isSnubbed = false;
  }

  /**
   * Counts a second.
   *
   * @param hasGiven whether a part of a block came since the last call
   * @returns whether the peer owes blocks and has sent no part of one for too long
   */
  tick(now: number, hasGiven: boolean): boolean {
    if (hasGiven) this.#lastPayloadAt = now;
    this.#isRefusing = false;
    const isLate = this.#session.outstandingCount > 0 && now - this.#lastPayloadAt > SNUB_AFTER_MS;
    if (isLate) this.#isSnubbed = true;
    return isLate;
  }
}
