import { describeLeftOut, type LeftOut } from '../hashing/index.ts';
import { printable, ShoalError } from '../util/index.ts';

/** The most files at fault that are listed for people. */
const MAX_LINES = 20;
export const MAX_FAILURES_TOLD = 1000;

/** An error about one file. */
type FileFailure = Pick<ShoalError, 'code' | 'message'> & { readonly path?: string | undefined };

/**
 * Finds the errors about single files in an error about several. It recognises them by their shape, because few commands
 * load their class.
 */
export function failuresOf(error: Error): readonly FileFailure[] {
  const failures: unknown = 'failures' in error ? error.failures : undefined;
  return Array.isArray(failures) ? failures.filter((failure) => failure instanceof ShoalError) : [];
}

/** Lists files at fault for programs: the first {@link MAX_FAILURES_TOLD} of them. */
export function failureFields(failures: readonly FileFailure[]): object[] {
  return failures.slice(0, MAX_FAILURES_TOLD).map(({ path, code, message }) => ({ path, code, message }));
}

/** Lists files at fault for people: the first of them, and how many more there are. */
export function failureLines(failures: readonly FileFailure[]): string[] {
  const lines = failures.slice(0, MAX_LINES).map(({ message }) => `  ${printable(message)}`);
  const more = failures.length - lines.length;
  return more > 0 ? [...lines, `  and ${more} more`] : lines;
}

/** Describes what a folder holds that is not in the torrent, and the flags that include it. */
export function leftOutLines(leftOut: LeftOut): string[] {
  const what = describeLeftOut(leftOut);
  if (what === undefined) return [];
  const flags = [leftOut.hidden > 0 ? '--hidden' : '', leftOut.links > 0 ? '--follow' : ''].filter(Boolean);
  const hint =
    flags.length === 0 ? '' : ` (${flags.join(' and ')} ${flags.length === 1 ? 'takes' : 'take'} these)`;
  return [`Left out: ${what}${hint}`];
}
