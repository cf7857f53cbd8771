/** Randomness as a parameter, so that a simulation can repeat a run from its seed. */
export interface Random {
  /** A number in [0, 1). */
  next(): number;
}

/** Not for secrets: peer ids, keys and tokens come from `node:crypto`. */
export const systemRandom: Random = { next: () => Math.random() };

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
