import { ShoalError } from '../util/index.ts';
import { ExitCode } from './exit-code.ts';
import { printable } from './format.ts';
import type { Output } from './output.ts';

const HINTS: Partial<Record<ExitCode, string>> = {
  [ExitCode.unexpected]:
    'This should not happen. With --log-level debug it says where it did: please report that.',
  [ExitCode.timedOut]: 'Run it again to go on from there; --timeout gives it more time.',
};

/** Says on stderr how a command failed, and with `--json` in its last event, too. */
export function reportFailure(error: Error, exitCode: ExitCode, output: Output): void {
  const message = printable(error.message);
  const hint = HINTS[exitCode];
  process.stderr.write(`shoal: ${message}\n${hint === undefined ? '' : `${hint}\n`}`);
  const code = error instanceof ShoalError ? error.code : 'UNEXPECTED';
  if (output.isJson) output.tell('failed', { code, exitCode, message });
}
