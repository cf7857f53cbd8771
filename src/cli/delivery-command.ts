import type { GetResult } from '../client/index.ts';
import { toError } from '../util/index.ts';
import { CommandFailedError } from './errors.ts';
import type { CommandContext } from './run-command.ts';
import { runThen } from './then-command.ts';

/** The command of `get --then`, which runs beside the seeding. Its failure is told at once, and ends the command in the end. */
export class DeliveryCommand {
  readonly #context: Pick<CommandContext, 'output' | 'signal' | 'onWarning'>;
  readonly #text: string | undefined;
  /** Resolves with the failure of the command. */
  #ended: Promise<Error | undefined> = Promise.resolve(undefined);
  #isAwaited = false;

  /** @param text the text for the shell; `undefined` when there is no command */
  constructor(context: Pick<CommandContext, 'output' | 'signal' | 'onWarning'>, text: string | undefined) {
    this.#context = context;
    this.#text = text;
  }

  /** Runs the command, if there is one, after a delivery. @param isSeeded whether `get` goes on for long after the delivery */
  start(result: GetResult, isSeeded: boolean): void {
    const { output, signal, onWarning } = this.#context;
    if (this.#text === undefined) return;
    const startedAt = performance.now();
    const tell = (exitCode: number | null, endedBy: string | null) =>
      output.tell('then', { exitCode, signal: endedBy, seconds: (performance.now() - startedAt) / 1000 });
    this.#ended = runThen({ command: this.#text, result, isJson: output.isJson, signal }).then(
      (ended) => {
        tell(ended.exitCode, ended.signal);
        return undefined;
      },
      (thrown: unknown) => {
        const error = toError(thrown);
        if (error instanceof CommandFailedError) tell(error.commandExitCode, error.commandSignal);
        // While the file is seeded, the failure would be told much later.
        if (isSeeded && !this.#isAwaited && !signal.aborted)
          onWarning(error, 'do what comes after the delivery');
        return error;
      },
    );
  }

  /** Waits until the command has ended. @throws {CommandFailedError} when it has failed; and the signal's reason */
  async end(): Promise<void> {
    this.#isAwaited = true;
    const error = await this.#ended;
    if (error !== undefined) throw error;
  }
}
