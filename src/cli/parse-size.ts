import { InvalidArgumentError } from 'commander';

const FACTORS = { '': 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 } as const;

/**
 * Reads a size as `65536`, `512K`, `1M` or `1MiB`, each unit 1,024 of the smaller one.
 *
 * @returns bytes
 * @throws {InvalidArgumentError} of commander, which names the flag
 */
export function parseSize(text: string): number {
  const [, digits, unit] = /^(\d{1,12})([KMG]?)(?:iB)?$/i.exec(text) ?? [];
  const bytes = Number(digits) * FACTORS[unit?.toUpperCase() as keyof typeof FACTORS];
  if (!Number.isSafeInteger(bytes))
    throw new InvalidArgumentError('Expected a size such as 65536, 512K or 1M.');
  return bytes;
}
