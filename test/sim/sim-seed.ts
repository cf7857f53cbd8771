const { SIM_SEED } = process.env;

/** Returns the seed of a simulation: that of the environment variable `SIM_SEED`, by which a failure is tried with others. */
export function simSeed(seed: number): number {
  return SIM_SEED === undefined ? seed : Number(SIM_SEED);
}
