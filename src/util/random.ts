import { randomFillSync } from 'node:crypto';

/** The numbers that are drawn from `node:crypto` at once. Drawn one by one, each costs twenty times as much. */
const DRAWN = 1024;

/** The port for randomness, so that a simulation can repeat a run from its seed. */
export interface Random {
  /** Draws a number in [0, 1). */
  next(): number;
}

/**
 * The randomness of the machine. Numbers that were drawn tell nothing about the next ones, as those of `Math.random` do,
 * so that nobody can foretell which peers a tracker hands out or forgets, or which peers are tried. Secrets are not made
 * with it all the same: peer ids, tokens and the keys of hash tables come from `node:crypto` alone.
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

/** Makes a Mulberry32 generator: the same seed (32 bits) gives the same numbers on every machine. */
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

/** Draws a whole number in [0, limit). */
export function randomBelow(random: Random, limit: number): number {
  return Math.floor(random.next() * limit);
}
