import { UsageError } from './errors.ts';

/**
 * Refuses an `--output` that is empty, or `-`, which means stdout in other programs.
 *
 * @param output the flag as the user gave it, or `undefined`
 * @throws {UsageError}
 */
export function refuseStdout(output: string | undefined): void {
  if (output === '') throw new UsageError('--output is empty: name a file or a folder');
  if (output !== '-') return;
  throw new UsageError('Writing to stdout is not supported yet; --output ./- writes a file of that name');
}
