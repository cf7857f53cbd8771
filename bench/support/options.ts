import { parseArgs } from 'node:util';
import { parseSize } from '../../src/cli/parse-size.ts';

/**
 * Reads the flags of a benchmark: `--name value`, each with a default.
 *
 * @throws {TypeError} for a flag that is not among the defaults
 */
export function readOptions<T extends Record<string, string>>(defaults: T): T {
  const { values } = parseArgs({
    options: Object.fromEntries(
      Object.entries(defaults).map(([name, value]) => [name, { type: 'string', default: value } as const]),
    ),
  });
  return values as T;
}

/** Reads `1G`, `256M`: bytes, and a list of them. */
export const sizeOf = parseSize;

/** Reads a list, `a,b,c`. */
export function listOf(text: string): string[] {
  return text.split(',').filter((item) => item !== '');
}
