import { KEEP_ALIVE_INTERVAL_MS, PEER_SILENCE_LIMIT_MS } from './limits.ts';

/** The times at which each end last sent something, and what is due because of them. Times are those of a `Clock`. @see BEP 3 */
export class KeepAlive {
  #lastSent: number;
  #lastReceived: number;

  constructor(now: number) {
    this.#lastSent = now;
    this.#lastReceived = now;
  }

  /** Notes that we have sent something. A time that is a little old only makes the next keep-alive earlier. */
  sent(now: number): void {
    this.#lastSent = now;
  }

  received(now: number): void {
    this.#lastReceived = now;
  }

  /** Tells the time of the next keep-alive, or the time at which the peer counts as dead, if that is earlier. */
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
