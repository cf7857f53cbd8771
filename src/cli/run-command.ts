import type { Command } from 'commander';
import { type LoadedConfig, loadConfig } from '../config/index.ts';
import { inBackground, type ReportError, ShoalError, toError } from '../util/index.ts';
import type { CommonFlags } from './common-flags.ts';
import { InterruptedError } from './errors.ts';
import { ExitCode, exitCodeOf } from './exit-code.ts';
import { listenForInterruption } from './interruption.ts';
import { Log } from './log.ts';
import { Output } from './output.ts';
import type { ProgressDisplay } from './progress.ts';
import { createProgressDisplay } from './progress-display.ts';
import { reportFailure } from './report-failure.ts';
import { flagsOf } from './setting-option.ts';

/** What a command is given to work with. */
export interface CommandContext extends LoadedConfig {
  readonly output: Output;
  readonly progress: ProgressDisplay;
  readonly log: Log;
  /** Takes errors that do not end the command, and logs them. */
  readonly onWarning: ReportError;
  /**
   * Reads the settings again, and goes by them as far as they are about the log.
   *
   * @param apply goes by the rest; when it throws, nothing has changed
   * @throws {ConfigError}
   */
  readonly reload: (apply: (config: LoadedConfig) => void) => Promise<LoadedConfig>;
  /** Aborts when the user wants the command to stop. */
  readonly signal: AbortSignal;
  /** Gives SIGHUP another meaning than to stop. */
  readonly takeHangup: (handle: () => void) => void;
}

/**
 * Runs a command: reads its settings, lets the user stop it, reports how it failed, and sets the exit code of the
 * process. All that is the same for every command is here.
 */
export async function runCommand(
  command: Command,
  work: (context: CommandContext) => Promise<void>,
): Promise<void> {
  const {
    config: file,
    json: isJson = false,
    quiet: isQuiet = false,
  } = command.optsWithGlobals<CommonFlags>();
  const output = new Output(process.stdout, { isJson, isQuiet });
  const progress = await createProgressDisplay(output, process.stderr);
  const log = new Log({ level: 'error', isJson, stream: process.stderr });

  const endAtOnce = (code: ExitCode): never => {
    progress.stop();
    process.exit(code);
  };
  const fail = (error: Error): ExitCode => {
    progress.stop();
    log.debug('Failed', error);
    const code = exitCodeOf(error);
    if (!(error instanceof InterruptedError && error.isQuiet)) reportFailure(error, code, output);
    return code;
  };
  const { signal, takeHangup } = listenForInterruption(() => endAtOnce(ExitCode.interrupted));
  // Rejections nobody waits for come here as well.
  process.on('uncaughtException', (thrown: unknown) => {
    const code = fail(toError(thrown));
    // The log may have more to say of how it came to this.
    inBackground(
      log.written().then(() => endAtOnce(code)),
      'write the log',
      () => endAtOnce(code),
    );
  });

  try {
    const reload: CommandContext['reload'] = async (apply) => {
      const config = await loadConfig({ file, flags: flagsOf(command), env: process.env });
      apply(config);
      const isLevelAsked = config.origins['log.level'].kind === 'flag';
      log.level = isQuiet && !isLevelAsked ? 'error' : config.settings['log.level'];
      log.oneIn = config.settings['log.sample'];
      return config;
    };
    const config = await reload(() => {});
    for (const { level, message } of config.notices) log[level](message);
    const onWarning: ReportError = (error, context) => log.warn(`Could not ${context}`, error);
    await work({ ...config, output, progress, log, onWarning, reload, signal, takeHangup });
    await log.written();
    progress.stop();
    process.exitCode = ExitCode.done;
  } catch (thrown) {
    const error = toError(thrown);
    // Warnings stand before what they led to.
    await log.written();
    // An error on purpose, after the user wanted to stop, says only that it did.
    const isInterruption = signal.aborted && error instanceof ShoalError;
    process.exitCode = fail(isInterruption ? toError(signal.reason) : error);
  }
}
