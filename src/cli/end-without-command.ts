import { toError } from '../util/index.ts';
import { ExitCode, exitCodeOf } from './exit-code.ts';

/**
 * Ends the process for an error that no command reports, such as a stdout that `--help` cannot be written to. A command
 * that runs takes its place.
 */
export function endWithoutCommand(thrown: unknown): never {
  const error = toError(thrown);
  const code = exitCodeOf(error);
  const text = code === ExitCode.unexpected ? error.stack : `shoal: ${error.message}`;
  process.stderr.write(`${text}\n`);
  process.exit(code);
}
