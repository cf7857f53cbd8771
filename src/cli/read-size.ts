import { InvalidArgumentError } from 'commander';
import { parseSize } from '../config/index.ts';

/** Reads the size of a flag. @returns bytes @throws {InvalidArgumentError} of commander, which names the flag */
export function readSize(text: string): number {
  const bytes = parseSize(text);
  if (bytes === undefined) throw new InvalidArgumentError('Expected a size such as 65536, 512K or 1M.');
  return bytes;
}
