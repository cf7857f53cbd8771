import { CommanderError } from 'commander';
import { withoutSecrets } from '../util/index.ts';
import { handleBrokenOutput } from './closed-output.ts';
import { endWithoutCommand } from './end-without-command.ts';
import { UsageError } from './errors.ts';
import { ExitCode } from './exit-code.ts';
import { Output } from './output.ts';
import { createProgram } from './program.ts';

/** Runs the command that the command line of this process names, and sets its exit code. */
export async function runCommandLine(): Promise<void> {
  handleBrokenOutput();
  process.on('uncaughtException', endWithoutCommand);
  try {
    await createProgram().parseAsync(process.argv);
  } catch (thrown) {
    // runCommand() handles all errors of a command. An error that comes here is about the command line.
    if (!(thrown instanceof CommanderError)) throw thrown;
    process.exitCode = thrown.exitCode === 0 ? ExitCode.done : ExitCode.usage;
    if (thrown.exitCode !== 0 && process.argv.includes('--json')) {
      const { code, message } = new UsageError(withoutSecrets(thrown.message.replace(/^error: /, '')));
      new Output(process.stdout, { isJson: true, isQuiet: false }).tell('failed', {
        code,
        exitCode: ExitCode.usage,
        message,
      });
    }
  }
}
