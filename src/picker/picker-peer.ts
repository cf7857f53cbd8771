import type { Bitfield } from '../util/index.ts';
import type { ActivePiece } from './active-piece.ts';
import { FIRST_PAUSE_MS, LONGEST_PAUSE_MS, OVERDUE_MS, type Trust } from './trust.ts';

/** The part of a connection that the picker needs. It is called while the picker works: neither method may call the picker. */
export interface PickerPeer {
  /** The pieces the peer has; one bit for each piece of the torrent. Only the connection changes it. */
  readonly pieces: Bitfield;
  /** Whether the peer may be asked for the wanted bytes of a block alone, and not only for whole blocks. It never changes. */
  readonly takesPartBlocks: boolean;
  /** Asks the peer for a block. */
  request(index: number, begin: number, length: number): void;
  /** Takes a request back: the block came from another peer. */
  cancel(index: number, begin: number, length: number): void;
}

/** The number of blocks that a peer is asked for a second time in endgame before it has shown that it is the faster one. */
export const MIN_ENDGAME_WINDOW = 4;

/** The milliseconds that blocks which come in one burst are taken to have needed. */
const LEAST_SPAN_MS = 250;

/** The record that the picker keeps of a peer. */
export class PeerRecord<P extends PickerPeer> {
  readonly peer: P;
  /** The number that stands for the peer in the block states of active pieces: at least 1, free again when the peer is gone. */
  readonly number: number;
  /** Whether it had every piece when it was added, and lost none since: it is counted as a seed, and in no piece's availability. */
  isSeed: boolean;
  trust: Trust;
  /** The number of right blocks that it has sent since it became fresh or suspect, as far as they count. */
  rightBlocks = 0;
  /** The piece that it was asked for last while it was not proven: it has one at a time. */
  trial: ActivePiece<P> | undefined;
  /** The time, in milliseconds, until which no overdue blocks are looked for on its behalf: there were none lately. */
  rescueAfter = 0;
  /** The time at which a block came from it last, or began to, in milliseconds. */
  heardAt = Number.NEGATIVE_INFINITY;
  /** The time, in milliseconds, until which it is asked for nothing new: it owed blocks for too long. */
  pausedUntil = Number.NEGATIVE_INFINITY;
  #pauseMs = FIRST_PAUSE_MS;
  /** The number of blocks asked of it that have neither arrived nor been given back. */
  outstanding = 0;
  /** The time at which it was asked for a block last while it owed none, in milliseconds. */
  #busySince = 0;
  /** The number of blocks that have come from it since `#busySince`. */
  #came = 0;
  /** Its pace until `#busySince`, in blocks a second. */
  #paceBefore = 0;
  /** The most blocks it may owe in endgame when it is asked for blocks that are on their way from others. */
  endgameWindow = MIN_ENDGAME_WINDOW;
  /** The number of pieces that it has and we want; not kept for a seed, which has them all. */
  wanted = 0;
  /** The lowest availability that a queued piece of it can have. */
  level = 0;
  /** The queued pieces it has, and some that are queued no longer; kept only when they are few. */
  few: number[] | undefined;

  constructor(peer: P, number: number, trust: Trust) {
    this.peer = peer;
    this.number = number;
    this.trust = trust;
    this.isSeed = peer.pieces.isFull;
  }

  /** Tells whether it has never sent a block. */
  get isUnheard(): boolean {
    return this.heardAt === Number.NEGATIVE_INFINITY;
  }

  /** The blocks a second that it may be expected to send: as many as it sent when it was asked for any last. */
  get pace(): number {
    if (this.#came === 0) return this.#paceBefore;
    return (this.#came * 1000) / Math.max(this.heardAt - this.#busySince, LEAST_SPAN_MS);
  }

  /** Notes that it was asked for a block. */
  asked(now: number): void {
    if (this.outstanding === 0) {
      this.#paceBefore = this.pace;
      this.#busySince = now;
      this.#came = 0;
    }
    this.outstanding += 1;
  }

  /** Lowers its pace: a piece was taken from it because it sent only so much of it. @param pace blocks a second */
  wasOutpaced(pace: number): void {
    this.#paceBefore = pace;
    this.#came = 0;
  }

  /** Tells whether it has sent nothing for so long that what it was asked for before is overdue. */
  isSilent(now: number): boolean {
    return now - this.heardAt >= OVERDUE_MS;
  }

  /** Tells whether others had to be asked at some time for what it owed. */
  get wasLate(): boolean {
    return this.#pauseMs > FIRST_PAUSE_MS;
  }

  /** Notes that a block came from it. @param wasAsked whether it was still asked for that block, which ends a pause */
  heard(now: number, wasAsked: boolean): void {
    this.heardAt = now;
    this.#came += 1;
    if (wasAsked && (this.trust === 'proven' || this.outstanding === 0)) this.pausedUntil = now;
  }

  /** Asks it for nothing new for a while, longer each time: others had to be asked for what it owes. */
  pause(now: number): void {
    if (now < this.pausedUntil) return;
    this.pausedUntil = now + this.#pauseMs;
    this.#pauseMs = Math.min(2 * this.#pauseMs, LONGEST_PAUSE_MS);
  }
}

/** Returns the indices of the pieces that the peer has, in ascending order. */
export function piecesOf(peer: PickerPeer): number[] {
  const indices: number[] = [];
  const { bytes } = peer.pieces;
  for (let at = 0; at < bytes.length; at += 1) {
    for (let bits = bytes[at]!; bits !== 0; ) {
      const bit = Math.clz32(bits) - 24;
      indices.push(at * 8 + bit);
      bits &= ~(0x80 >> bit);
    }
  }
  return indices;
}
