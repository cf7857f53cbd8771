import type { BlockRequest, PeerSession } from '../wire/index.ts';
import { pipelineBlocks } from './pipeline.ts';
import type { RateMeter } from './rate-meter.ts';

/** How many requests a peer takes that does not say: the least that any client in use takes. @see BEP 10 `reqq` */
const DEFAULT_REQQ = 250;
/** Milliseconds for which a peer may owe us blocks and send none; after that it is snubbed: others are asked for them. */
export const SNUB_AFTER_MS = 15_000;

/** The requests that we have under way to one peer: how many there should be, and whether the peer still answers them. */
export class RequestPipeline {
  readonly #session: PeerSession;
  readonly #download: RateMeter;
  /** Requests that leave together at {@link flush}. */
  readonly #batch: BlockRequest[] = [];
  /** When the peer sent something last. */
  receivedAt: number;
  #reqq = DEFAULT_REQQ;
  #isSnubbed = false;
  /** Whether the peer rejected requests since the last tick though it does not choke us. */
  #isRefusing = false;
  /** When the last part of a block came, or the first request since then was sent. */
  #lastPayloadAt: number;

  /** @param download measures what comes from the peer */
  constructor(session: PeerSession, download: RateMeter, now: number) {
    this.#session = session;
    this.#download = download;
    this.receivedAt = now;
    this.#lastPayloadAt = now;
  }

  /** Whether the peer owed blocks for too long and sent none. Until it sends one, it is asked for one at a time. */
  get isSnubbed(): boolean {
    return this.#isSnubbed;
  }

  /** The peer says how many requests it lets wait. @see BEP 10 `reqq` */
  setReqq(reqq: number): void {
    this.#reqq = reqq;
  }

  /**
   * Tells how many blocks to ask for now, in a batch worth sending; 0 when enough are under way.
   *
   * @param limit bytes per second that may come from all peers
   */
  wanted(limit?: number): number {
    if (this.#isRefusing) return 0;
    const latestRate = this.#download.latest(this.#session.downloadedBytes, this.receivedAt);
    const rate = Math.max(this.#download.bytesPerSecond, latestRate);
    const target = this.#isSnubbed ? 1 : Math.min(pipelineBlocks(rate, limit), this.#reqq);
    const missing = target - this.#session.outstandingCount;
    return missing * 4 >= target ? missing : 0;
  }

  /** Adds a request; it leaves with {@link flush}. */
  add(request: BlockRequest): void {
    this.#batch.push(request);
  }

  /** Sends the requests that were added. @returns the bytes asked for */
  flush(): number {
    const bytes = this.#batch.reduce((sum, { length }) => sum + length, 0);
    this.#session.request(this.#batch);
    this.#batch.length = 0;
    return bytes;
  }

  /** Starts to count the time that the peer may take: it owes us nothing so far. */
  restartSnubTimer(now: number): void {
    this.#lastPayloadAt = now;
  }

  /** The peer rejected a request: if it does not choke us, it is asked again after the next tick. */
  onRejected(): void {
    if (!this.#session.peerChoking) this.#isRefusing = true;
  }

  /** A block came. */
  onBlock(): void {
    this.#lastPayloadAt = this.receivedAt;
    this.#isSnubbed = false;
  }

  /** A second has passed. @param hasGiven whether payload came in it @returns whether the peer is late with all it owes */
  tick(now: number, hasGiven: boolean): boolean {
    if (hasGiven) this.#lastPayloadAt = now;
    this.#isRefusing = false;
    const isLate = this.#session.outstandingCount > 0 && now - this.#lastPayloadAt > SNUB_AFTER_MS;
    if (isLate) this.#isSnubbed = true;
    return isLate;
  }
}
