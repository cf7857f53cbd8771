import { parseArgs } from 'node:util';
import type { FuzzTarget } from '../test/fuzz/fuzz-target.ts';
import { FuzzInputs } from '../test/fuzz/make-input.ts';
import { giveInput, runTarget } from '../test/fuzz/run-target.ts';
import { FUZZ_TARGETS } from '../test/fuzz/targets/index.ts';

// npm run fuzz: gives each parser of what strangers write very many inputs, made from real ones, and prints a line for each
// parser: how many it took and refused, which broke its promise, which took longest. With --index, one input again.

const { values } = parseArgs({
  options: {
    target: { type: 'string', multiple: true },
    inputs: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 32)) },
    index: { type: 'string' },
  },
});
const seed = Number(values.seed) >>> 0;
const targets = chosen(values.target?.flatMap((names) => names.split(',')));

let unhandled = 0;
process.on('unhandledRejection', (reason) => {
  unhandled += 1;
  console.error('A promise was left alone and rejected:', reason);
});

if (values.index === undefined) await runAll(Number(values.inputs));
else await runOne(Number(values.index));

function chosen(names: readonly string[] | undefined): readonly FuzzTarget[] {
  if (names === undefined) return FUZZ_TARGETS;
  return names.map((name) => {
    const target = FUZZ_TARGETS.find((known) => known.name === name);
    if (target !== undefined) return target;
    throw new Error(
      `There is no target ${name}; there are ${FUZZ_TARGETS.map((known) => known.name).join(', ')}`,
    );
  });
}

async function runAll(inputs: number): Promise<void> {
  console.log(`seed ${seed}, ${inputs} inputs for each target`);
  console.log(
    row(['target', 'accepted', 'refused', 'uncaught', 'slowest ms', '(index)', 'peak MB', 'seconds']),
  );
  for (const target of targets) {
    const start = performance.now();
    const { accepted, refused, uncaught, findings, slowest, peakMemory } = await runTarget(target, {
      seed,
      from: 0,
      inputs,
    });
    const seconds = (performance.now() - start) / 1000;
    console.log(
      row([
        target.name,
        accepted,
        refused,
        uncaught,
        slowest.ms.toFixed(1),
        slowest.index,
        Math.round(peakMemory / 2 ** 20),
        Math.round(seconds),
      ]),
    );
    for (const { index, thrown } of findings) {
      console.error(`npm run fuzz -- --target ${target.name} --seed ${seed} --index ${index}`);
      console.error(thrown);
    }
    if (uncaught > 0 || unhandled > 0) process.exitCode = 1;
  }
}

async function runOne(index: number): Promise<void> {
  for (const target of targets) {
    const input = new FuzzInputs(target, seed).at(index);
    const { outcome, ms, thrown } = await giveInput(target, input);
    console.log(
      `${target.name}, seed ${seed}, index ${index}: ${input.length} bytes, ${outcome} after ${ms.toFixed(1)} ms`,
    );
    console.log(Buffer.from(input).toString('hex'));
    console.log(JSON.stringify(Buffer.from(input).toString('latin1')));
    if (thrown !== undefined) console.log(thrown);
    if (outcome === 'uncaught') process.exitCode = 1;
  }
}

function row(cells: readonly (string | number)[]): string {
  return cells.map((cell, at) => (at === 0 ? String(cell).padEnd(26) : String(cell).padStart(11))).join('');
}
