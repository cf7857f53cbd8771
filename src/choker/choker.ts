import type { ChokerPeer, SlotCandidate } from './choker-peer.ts';
import { shareOut } from './share-out.ts';
import { mostGenerous } from './tit-for-tat.ts';
import { inTurn } from './turns.ts';

/** How often slots are given anew. @see BEP 3, "Choking" */
export const CHOKE_ROUND_MS = 10_000;

/** Times that free slots are given away at once, outside the rounds; beyond, one more each {@link FILL_INTERVAL_MS}. */
export const MAX_FILLS_AT_ONCE = 250;
const FILL_INTERVAL_MS = 20;

/** How long an unchoked peer may ask for nothing at all before its turn goes to one that waits: a few round trips. */
export const UNUSED_TURN_MS = 3_000;

export interface ChokerOptions {
  /** How many peers are unchoked at once, at least 1; `Infinity` unchokes all. */
  readonly slots: number;
  /** Whether we have all we want, so that nobody can give us anything for a slot. */
  readonly isSeeding: boolean;
}

/**
 * Whom to upload to.
 *
 * At most `slots` peers are unchoked, and while there are as many slots as interested peers, all of those are.
 * Otherwise each round gives the slots anew. Downloading: all but one go to the peers that send us most, and the last,
 * with any that nobody earned, by turns (the optimistic unchoke). Seeding: all by turns, because a rate says only who
 * has the fastest link, and a piece is spread soonest when everybody holds different ones.
 *
 * A free slot is given away at once, unless that happened very often of late: a peer that is interested and not, again and
 * again, costs no more than that, and others then wait for {@link tick}.
 */
export class Choker<P extends ChokerPeer> {
  /** Set it when the last piece arrived. */
  isSeeding: boolean;
  readonly #slots: number;
  readonly #candidates = new Map<P, SlotCandidate<P>>();
  #roundEndsAt = Number.NEGATIVE_INFINITY;
  /** When {@link MAX_FILLS_AT_ONCE} would be possible again, were there none until then. */
  #fillsFullAt = Number.NEGATIVE_INFINITY;
  /** Slots may be free that somebody waits for. */
  #isFillDue = false;

  constructor({ slots, isSeeding }: ChokerOptions) {
    if (!(slots >= 1)) throw new RangeError(`Cannot upload through ${slots} slots: give at least 1`);
    this.#slots = slots;
    this.isSeeding = isSeeding;
  }

  /** @param now - milliseconds on a monotonic clock, the same one at every call */
  addPeer(peer: P, now: number): void {
    this.#candidates.set(peer, { peer, changedAt: now, hadSlot: false, uploadedBefore: 0 });
    if (peer.peerInterested) this.#fillSoon(now);
  }

  removePeer(peer: P, now: number): void {
    this.#candidates.delete(peer);
    if (!peer.amChoking) this.#fillSoon(now);
  }

  /** `peer.peerInterested` changed: a free slot is given before the end of the round. @returns whether that was seen to */
  interestChanged(now: number): boolean {
    return this.#fillSoon(now);
  }

  /** To be called now and then, at least once in {@link CHOKE_ROUND_MS}; ends the round when its time is up. */
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

  /** Seeding, ends the turns of those that wanted one and make nothing of it, as far as others wait. @returns whether any did */
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

  /** Gives the slots nobody interested has to those that wait longest, see {@link shareOut}. */
  #fill(now: number): void {
    this.#isFillDue = false;
    const interested = [...this.#candidates.values()].filter(({ peer }) => peer.peerInterested);
    const holding = interested.filter(({ peer }) => !peer.amChoking);
    if (holding.length === interested.length || holding.length >= this.#slots) return;
    const waiting = interested.filter(({ peer }) => peer.amChoking).sort((a, b) => a.changedAt - b.changedAt);
    this.#give([...holding, ...shareOut(waiting, this.#slots - holding.length, holding)], now);
  }

  /**
   * Unchokes these and chokes the others; one that is not interested stays unchoked as long as there is a slot for it,
   * since it may be again at any time and would then have to wait.
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
