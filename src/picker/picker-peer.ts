import type { Bitfield } from '../util/index.ts';
import type { ActivePiece } from './active-piece.ts';
import { FIRST_PAUSE_MS, LONGEST_PAUSE_MS, OVERDUE_MS, type Trust } from './trust.ts';

/** What the picker needs of a connection. It calls back while it works: neither method may call the picker. */
export interface PickerPeer {
  /** The pieces the peer has; one bit for each piece of the torrent. Only the connection changes it. */
  readonly pieces: Bitfield;
  /** Whether the peer may be asked for the wanted bytes of a block alone, and not only for whole blocks. It never changes. */
  readonly takesPartBlocks: boolean;
  /** Ask the peer for a block. */
  request(index: number, begin: number, length: number): void;
  /** Take a request back: the block came from another peer. */
  cancel(index: number, begin: number, length: number): void;
}

/** How many blocks a peer is asked again for in endgame before it has shown that it is the faster one. */
export const MIN_ENDGAME_WINDOW = 4;

/** Blocks that come in one burst count as if they had taken so long, in milliseconds. */
const LEAST_SPAN_MS = 250;

/** What the picker keeps of a peer. */
export class PeerRecord<P extends PickerPeer> {
  readonly peer: P;
  /** Stands for the peer in the block states of active pieces; at least 1, free again when the peer is gone. */
  readonly number: number;
  /** It had every piece when it was added, and lost none since then: it is counted as a seed and in no piece's availability. */
  isSeed: boolean;
  trust: Trust;
  /** Right blocks it has sent since it became fresh or suspect, as far as they count. */
  rightBlocks = 0;
  /** The piece that it was asked for last while it was not proven: it has one at a time. */
  trial: ActivePiece<P> | undefined;
  /** Until then no overdue blocks are looked for on its behalf: there were none lately. In milliseconds. */
  rescueAfter = 0;
  /** When a block came from it last, or began to, in milliseconds. */
  heardAt = Number.NEGATIVE_INFINITY;
  /** Until then it is asked for nothing new: it owed blocks for too long. In milliseconds. */
  pausedUntil = Number.NEGATIVE_INFINITY;
  #pauseMs = FIRST_PAUSE_MS;
  /** Blocks asked of it that have neither arrived nor been given back. */
  outstanding = 0;
  /** When it was asked for a block last while it owed none, in milliseconds. */
  #busySince = 0;
  /** How many blocks have come from it since then. */
  #came = 0;
  /** Its pace until then, in blocks a second. */
  #paceBefore = 0;
  /** In endgame it is asked again for blocks on the way from others up to this many outstanding. */
  endgameWindow = MIN_ENDGAME_WINDOW;
  /** Pieces it has and we want; not kept for a seed, which has them all. */
  wanted = 0;
  /** It has no queued piece whose availability is below this. */
  level = 0;
  /** The queued pieces it has, and some that are queued no longer; kept only when they are few. */
  few: number[] | undefined;

  constructor(peer: P, number: number, trust: Trust) {
    this.peer = peer;
    this.number = number;
    this.trust = trust;
    this.isSeed = peer.pieces.isFull;
  }

  /** Says that it has never sent a block. */
  get isUnheard(): boolean {
    return this.heardAt === Number.NEGATIVE_INFINITY;
  }

  /** Blocks a second that it may be expected to send: what it sent when it was asked for any last. */
  get pace(): number {
    if (this.#came === 0) return this.#paceBefore;
    return (this.#came * 1000) / Math.max(this.heardAt - this.#busySince, LEAST_SPAN_MS);
  }

  /** It was asked for a block. */
  asked(now: number): void {
    if (this.outstanding === 0) {
      this.#paceBefore = this.pace;
      this.#busySince = now;
      this.#came = 0;
    }
    this.outstanding += 1;
  }

  /** A piece was taken from it: it is not believed to be faster than it was with that. @param pace blocks a second */
  wasOutpaced(pace: number): void {
    this.#paceBefore = pace;
    this.#came = 0;
  }

  /** Whether it has sent nothing for so long that what it was asked for before is overdue. */
  isSilent(now: number): boolean {
    return now - this.heardAt >= OVERDUE_MS;
  }

  /** Whether others had to be asked at some time for what it owed. */
  get wasLate(): boolean {
    return this.#pauseMs > FIRST_PAUSE_MS;
  }

  /** A block came from it. @param wasAsked whether it was still asked for it: an answer that ends a pause */
  heard(now: number, wasAsked: boolean): void {
    this.heardAt = now;
    this.#came += 1;
    if (wasAsked && (this.trust === 'proven' || this.outstanding === 0)) this.pausedUntil = now;
  }

  /** Others had to be asked for what it owes. */
  pause(now: number): void {
    if (now < this.pausedUntil) return;
    this.pausedUntil = now + this.#pauseMs;
    this.#pauseMs = Math.min(2 * this.#pauseMs, LONGEST_PAUSE_MS);
  }
}

/** The indices of the pieces the peer has, in ascending order. */
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
