import { randomFillSync } from 'node:crypto';

/** Numbers that are drawn from `node:crypto` at once: one by one they would cost twenty times as much. */
const DRAWN = 1024;

/** Randomness as a parameter, so that a simulation can repeat a run from its seed. */
export interface Random {
  /** A number in [0, 1). */
  next(): number;
}

/**
 * The randomness of the machine. What was drawn tells nothing about what will be drawn: whom a tracker hands out and
 * forgets, and which peers are tried, is not to be foretold by who asks often enough, as it could be of `Math.random`.
 * Secrets do not come from here all the same: peer ids, tokens and the keys of hash tables are made by `node:crypto` alone.
 */
export const systemRandom: Random = {
  next() {
    if (nextDrawn === DRAWN) {
      randomFillSync(drawn);
      nextDrawn = 0;
    }
    const number = drawn[nextDrawn]! / 0x1_0000_0000;
    nextDrawn += 1;
    return number;
  },
};

const drawn = new Uint32Array(DRAWN);
let nextDrawn = DRAWN;

/** Mulberry32: the same seed (32 bits) gives the same numbers on every machine. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return {
    next() {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
    },
  };
}

/** A whole number in [0, limit). */
export function randomBelow(random: Random, limit: number): number {
  return Math.floor(random.next() * limit);
}
