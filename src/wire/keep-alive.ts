import { KEEP_ALIVE_INTERVAL_MS, PEER_SILENCE_LIMIT_MS } from './limits.ts';

/** When each end was last heard, and what follows from that. Times are those of a `Clock`. @see BEP 3 */
export class KeepAlive {
  #lastSent: number;
  #lastReceived: number;

  constructor(now: number) {
    this.#lastSent = now;
    this.#lastReceived = now;
  }

  /** A time that is a little old is fine: a keep-alive then goes out that much earlier. */
  sent(now: number): void {
    this.#lastSent = now;
  }

  received(now: number): void {
    this.#lastReceived = now;
  }

  /** When something may have to be done. */
  nextTimeout(): number {
    return Math.min(this.#lastSent + KEEP_ALIVE_INTERVAL_MS, this.#lastReceived + PEER_SILENCE_LIMIT_MS);
  }

  isDue(now: number): boolean {
    return now >= this.#lastSent + KEEP_ALIVE_INTERVAL_MS;
  }

  isPeerSilent(now: number): boolean {
    return now >= this.#lastReceived + PEER_SILENCE_LIMIT_MS;
  }
}
