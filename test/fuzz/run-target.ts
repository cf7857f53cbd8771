import { type FuzzTarget, isRefusal } from './fuzz-target.ts';
import { FuzzInputs } from './make-input.ts';

/** A promise that a target broke. */
export interface FuzzFinding {
  /** The number of the input, by which it can be made again. */
  readonly index: number;
  readonly thrown: unknown;
}

/** The results of a target. */
export interface FuzzReport {
  readonly inputs: number;
  readonly accepted: number;
  readonly refused: number;
  /** The number of inputs that broke a promise. */
  readonly uncaught: number;
  /** The first of them, at most {@link MAX_FINDINGS}. */
  readonly findings: readonly FuzzFinding[];
  /** The input that took longest, and its milliseconds; if they are many, the least of three runs. */
  readonly slowest: { readonly index: number; readonly ms: number };
  /** The most bytes that the process had between two inputs. */
  readonly peakMemory: number;
}

export interface FuzzRun {
  /** 32 bits. */
  readonly seed: number;
  /** The number of the first input. */
  readonly from: number;
  /** A slow target gets a tenth of them. */
  readonly inputs: number;
}

/** Inputs of which a slow target gets one. */
const SLOW_SHARE = 10;
/** Findings that are kept of one run. */
const MAX_FINDINGS = 20;
/** Inputs between two looks at the memory. */
const MEMORY_INTERVAL = 5000;
/** An input that takes so many milliseconds is run again, as something else may have taken the processor. */
const SLOW_MS = 5;

/** Gives a target some inputs, one after the other. */
export async function runTarget(
  target: FuzzTarget,
  { seed, from, inputs: most }: FuzzRun,
): Promise<FuzzReport> {
  const inputs = Math.ceil(most / (target.isSlow === true ? SLOW_SHARE : 1));
  const source = new FuzzInputs(target, seed);
  const findings: FuzzFinding[] = [];
  let [accepted, refused, uncaught, peakMemory] = [0, 0, 0, 0];
  let slowest = { index: from, ms: 0 };
  // Most inputs are refused, and half of the time would go into stacks that nobody reads.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  for (let index = from; index < from + inputs; index += 1) {
    const input = source.at(index);
    let { outcome, ms, thrown } = await giveInput(target, input);
    if (outcome === 'accepted') accepted += 1;
    else if (outcome === 'refused') refused += 1;
    else {
      uncaught += 1;
      Error.stackTraceLimit = stackTraceLimit;
      if (findings.length < MAX_FINDINGS)
        findings.push({ index, thrown: (await giveInput(target, input)).thrown ?? thrown });
      Error.stackTraceLimit = 0;
    }
    for (let again = 0; again < 2 && ms > slowest.ms && ms > SLOW_MS; again += 1) {
      ms = Math.min(ms, (await giveInput(target, input)).ms);
    }
    if (ms > slowest.ms) slowest = { index, ms };
    if (index % MEMORY_INTERVAL === 0) peakMemory = Math.max(peakMemory, process.memoryUsage.rss());
  }
  Error.stackTraceLimit = stackTraceLimit;
  return { inputs, accepted, refused, uncaught, findings, slowest, peakMemory };
}

/** The outcome of one input. */
export interface FuzzOutcome {
  readonly outcome: 'accepted' | 'refused' | 'uncaught';
  readonly ms: number;
  readonly thrown?: unknown;
}

/** Gives a target one input. */
export async function giveInput(target: FuzzTarget, input: Uint8Array): Promise<FuzzOutcome> {
  const copy = new Uint8Array(input);
  const start = performance.now();
  let result: boolean | undefined;
  let thrown: unknown;
  try {
    const returned = target.run(input);
    result = typeof returned === 'boolean' ? returned : await returned;
  } catch (error) {
    thrown = error;
  }
  const ms = performance.now() - start;
  if (Buffer.compare(copy, input) !== 0) {
    return { outcome: 'uncaught', ms, thrown: new Error(`${target.name} changed the bytes of its input`) };
  }
  if (result !== undefined) return { outcome: result ? 'accepted' : 'refused', ms };
  return isRefusal(target, thrown) ? { outcome: 'refused', ms, thrown } : { outcome: 'uncaught', ms, thrown };
}
