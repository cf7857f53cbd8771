import { toError } from '../util/index.ts';
import { ExitCode, exitCodeOf } from './exit-code.ts';

/**
 * Ends the process for an error outside of a command, for example when `--help` cannot be written to stdout. A running
 * command sets a handler of its own in place of this one.
 */
export function endWithoutCommand(thrown: unknown): never {
  const error = toError(thrown);
  const code = exitCodeOf(error);
  const text = code === ExitCode.unexpected ? error.stack : `shoal: ${error.message}`;
  process.stderr.write(`${text}\n`);
  process.exit(code);
}
