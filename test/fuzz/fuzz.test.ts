import { describe, expect, test } from 'vitest';
import { runTarget } from './run-target.ts';
import { FUZZ_TARGETS } from './targets/index.ts';

/** `npm run fuzz` gives as many inputs as one wants, of any seed. */
const INPUTS = 700;
const SEED = 20_261_130;

describe('what strangers write', () => {
  test.each(FUZZ_TARGETS.map((target) => [target.name, target] as const))(
    `%s returns or refuses with an error of its own, for ${INPUTS} inputs of seed ${SEED}`,
    async (name, target) => {
      const report = await runTarget(target, { seed: SEED, from: 0, inputs: INPUTS });
      for (const { index, thrown } of report.findings.slice(0, 3)) {
        console.error(`npm run fuzz -- --target ${name} --seed ${SEED} --index ${index}`, thrown);
      }
      expect(report).toMatchObject({ uncaught: 0, accepted: expect.any(Number) });
      // The corpus is real, so some of the inputs are taken, and others are not.
      expect(report.accepted).toBeGreaterThan(0);
      if (target.refusals !== undefined) expect(report.refused).toBeGreaterThan(0);
    },
  );
});
