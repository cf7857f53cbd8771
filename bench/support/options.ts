import { parseArgs } from 'node:util';
import { parseSize } from '../../src/config/index.ts';

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

/** Reads `1G`, `256M`: bytes. @throws {TypeError} */
export function sizeOf(text: string): number {
  const bytes = parseSize(text);
  if (bytes === undefined) throw new TypeError(`Expected a size such as 256M, found ${JSON.stringify(text)}`);
  return bytes;
}

/** Reads a list, `a,b,c`. */
export function listOf(text: string): string[] {
  return text.split(',').filter((item) => item !== '');
}
