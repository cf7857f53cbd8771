import type { Architecture } from './architecture.ts';
import { folderOf, isTestCode } from './paths.ts';
import { lineAt, type SourceFile } from './source-file.ts';
import { type Violation, violationAt } from './violation.ts';

const CORE_LAYER = 1;

/** Digests and checks of an encoding are functions. */
const PURE_MODULES = ['node:buffer', 'node:crypto'];

/** Clocks, randomness, I/O, and whatever comes later. */
const IMPURE =
  /\b(?:Date|Math\.random|performance|process|fetch|setTimeout|setInterval|setImmediate|queueMicrotask|Promise|PromiseLike|async|await)\b/g;

/** The ports between the pure core and the world, and what each may use. */
const EXCEPTIONS: Readonly<Record<string, readonly string[]>> = {
  'src/util/clock.ts': ['performance', 'setTimeout'],
  'src/util/random.ts': ['Math.random'],
  'src/util/background.ts': ['PromiseLike'],
  'src/util/close-all.ts': ['Promise', 'async', 'await'],
  'src/util/closer-stack.ts': ['Promise'],
  'src/util/in-time.ts': ['Promise'],
  'src/util/maybe-promise.ts': ['Promise'],
  'src/util/one-at-a-time.ts': ['Promise', 'async', 'await'],
  'src/util/pause.ts': ['Promise'],
  'src/util/turns.ts': ['Promise', 'setImmediate', 'async', 'await'],
  'src/util/process-warnings.ts': ['process'],
};

/** Finds the places where a file of layers 0 and 1 does more than compute. */
export function findImpurities(file: SourceFile, { layers }: Architecture): Violation[] {
  const layer = layers.get(folderOf(file.path) ?? '');
  if (isTestCode(file.path) || layer === undefined || layer > CORE_LAYER) return [];
  const modules = file.imports
    .filter(({ specifier }) => specifier.startsWith('node:') && !PURE_MODULES.includes(specifier))
    .map((imported) => violationAt(file, imported, 'the pure core has no I/O and no clock'));
  const words = Array.from(file.code.matchAll(IMPURE), ({ 0: word, index }) => ({ word, index }))
    .filter(({ word }) => EXCEPTIONS[file.path]?.includes(word) !== true)
    .map(({ word, index }) => ({
      where: `${file.path}:${lineAt(file.code, index)}`,
      what: `uses ${word}: the pure core has no I/O, no clock, no randomness and no promises`,
    }));
  return [...modules, ...words];
}
