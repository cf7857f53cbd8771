import type { ChokerPeer, SlotCandidate } from './choker-peer.ts';
import { shareOut } from './share-out.ts';
import { mostGenerous } from './tit-for-tat.ts';
import { inTurn } from './turns.ts';

/** The milliseconds between two rounds, in each of which all slots are given anew. @see BEP 3, "Choking" */
export const CHOKE_ROUND_MS = 10_000;

/** The number of times that free slots are given between rounds without a wait; then once every {@link FILL_INTERVAL_MS}. */
export const MAX_FILLS_AT_ONCE = 250;
const FILL_INTERVAL_MS = 20;

/** The milliseconds after which an unchoked peer that requests nothing loses its slot to one that waits: a few round trips. */
export const UNUSED_TURN_MS = 3_000;

/** The options of a {@link Choker}. */
export interface ChokerOptions {
  /** The number of peers that are unchoked at once, at least 1; `Infinity` unchokes all. */
  readonly slots: number;
  /** Whether we have all that we want, so that no peer can earn a slot by sending to us. */
  readonly isSeeding: boolean;
}

/**
 * The decision whom to upload to.
 *
 * At most `slots` peers are unchoked. While there are as many slots as interested peers, all interested peers are
 * unchoked. Otherwise each round gives the slots anew:
 *
 * - While downloading, all slots but one go to the peers that send us most. The last slot, and slots that no peer has
 *   earned, are given by turns (the optimistic unchoke).
 * - While seeding, all slots are given by turns. A rate tells only who has the fastest link, and pieces spread soonest
 *   when every peer holds different ones.
 *
 * A free slot is given away at once, unless that has happened very often lately. So a peer that changes its interest
 * again and again costs little; free slots then wait for {@link tick}.
 */
export class Choker<P extends ChokerPeer> {
  /** Whether we have all that we want. Set it when the last piece has arrived. */
  isSeeding: boolean;
  readonly #slots: number;
  readonly #candidates = new Map<P, SlotCandidate<P>>();
  #roundEndsAt = Number.NEGATIVE_INFINITY;
  /** The time from which {@link MAX_FILLS_AT_ONCE} are allowed again, if slots are not given until then. */
  #fillsFullAt = Number.NEGATIVE_INFINITY;
  /** Whether slots may be free while a peer waits for one. */
  #isFillDue = false;

  constructor({ slots, isSeeding }: ChokerOptions) {
    if (!(slots >= 1)) throw new RangeError(`Cannot upload with ${slots} slots: give at least 1`);
    this.#slots = slots;
    this.isSeeding = isSeeding;
  }

  /** Adds a new peer. @param now milliseconds on a monotonic clock, the same one at every call */
  addPeer(peer: P, now: number): void {
    this.#candidates.set(peer, { peer, changedAt: now, hadSlot: false, uploadedBefore: 0 });
    if (peer.peerInterested) this.#fillSoon(now);
  }

  removePeer(peer: P, now: number): void {
    this.#candidates.delete(peer);
    if (!peer.amChoking) this.#fillSoon(now);
  }

  /**
   * Gives free slots after a peer's `peerInterested` has changed.
   *
   * @returns `false` when slots were given too often lately, so that they wait for {@link tick}
   */
  interestChanged(now: number): boolean {
    return this.#fillSoon(now);
  }

  /** Ends the round when its time is up. Call it now and then, at least every {@link CHOKE_ROUND_MS}. */
  tick(now: number): void {
    if (now < this.#roundEndsAt) {
      if (this.#endUnusedTurns(now) || this.#isFillDue) this.#fill(now);
      return;
    }
    this.#isFillDue = false;
    this.#roundEndsAt = now + CHOKE_ROUND_MS;
    const interested = [...this.#candidates.values()].filter(({ peer }) => peer.peerInterested);
    const earned = this.isSeeding ? [] : mostGenerous(interested, this.#slots - 1);
    const others = interested.filter((candidate) => !earned.includes(candidate));
    this.#give([...earned, ...inTurn(others, this.#slots - earned.length, now)], now);
  }

  /**
   * While seeding, ends the turns of unchoked peers that request nothing, as many as there are peers that wait.
   *
   * @returns whether a turn ended
   */
  #endUnusedTurns(now: number): boolean {
    if (!this.isSeeding) return false;
    const candidates = [...this.#candidates.values()].filter(({ peer }) => peer.peerInterested);
    let waiting = candidates.filter(({ peer }) => peer.amChoking).length;
    let hasEnded = false;
    for (const candidate of candidates) {
      const { peer, changedAt, uploadedBefore } = candidate;
      if (waiting === 0) break;
      if (peer.amChoking || peer.isAsking || peer.uploadedBytes > uploadedBefore) continue;
      if (now - changedAt < UNUSED_TURN_MS) continue;
      candidate.changedAt = now;
      peer.choke();
      waiting -= 1;
      hasEnded = true;
    }
    return hasEnded;
  }

  #fillSoon(now: number): boolean {
    this.#isFillDue = true;
    const fullAt = Math.max(this.#fillsFullAt, now) + FILL_INTERVAL_MS;
    if (fullAt - now > MAX_FILLS_AT_ONCE * FILL_INTERVAL_MS) return false;
    this.#fillsFullAt = fullAt;
    this.#fill(now);
    return true;
  }

  /** Gives the slots that no interested peer has to the peers that wait longest, by {@link shareOut}. */
  #fill(now: number): void {
    this.#isFillDue = false;
    const interested = [...this.#candidates.values()].filter(({ peer }) => peer.peerInterested);
    const holding = interested.filter(({ peer }) => !peer.amChoking);
    if (holding.length === interested.length || holding.length >= this.#slots) return;
    const waiting = interested.filter(({ peer }) => peer.amChoking).sort((a, b) => a.changedAt - b.changedAt);
    this.#give([...holding, ...shareOut(waiting, this.#slots - holding.length, holding)], now);
  }

  /**
   * Unchokes the chosen peers and chokes the others. An unchoked peer that is not interested keeps its slot while there
   * are slots left, since it would have to wait when it becomes interested again.
   */
  #give(chosen: readonly SlotCandidate<P>[], now: number): void {
    const kept = new Set(chosen);
    for (const candidate of this.#candidates.values()) {
      if (kept.size >= this.#slots) break;
      if (!candidate.peer.amChoking && !candidate.peer.peerInterested) kept.add(candidate);
    }
    for (const candidate of this.#candidates.values()) {
      if (candidate.peer.amChoking || kept.has(candidate)) continue;
      candidate.changedAt = now;
      candidate.peer.choke();
    }
    for (const candidate of chosen) {
      if (!candidate.peer.amChoking) continue;
      candidate.changedAt = now;
      candidate.hadSlot = true;
      candidate.uploadedBefore = candidate.peer.uploadedBytes;
      candidate.peer.unchoke();
    }
  }
}
