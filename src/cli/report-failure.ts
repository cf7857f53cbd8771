import { GetError, type Situation } from '../client/index.ts';
import { ConfigError } from '../config/index.ts';
import { HashingError } from '../hashing/index.ts';
import { lacksDescriptors, printable, ShoalError, withoutSecrets } from '../util/index.ts';
import { UsageError } from './errors.ts';
import { ExitCode } from './exit-code.ts';
import { failureFields, failureLines, failuresOf } from './left-out.ts';
import type { Output } from './output.ts';
import { MORE_DESCRIPTORS } from './too-few-descriptors.ts';

/** Prints the failure of a command on stderr, and with `--json` also as its last event. */
export function reportFailure(error: Error, exitCode: ExitCode, output: Output): void {
  // Only in a ConfigError do line ends come from Shoal itself.
  const said = error instanceof ConfigError ? error.message.split('\n') : [error.message];
  const message = withoutSecrets(said.map(printable).join('\n'));
  const code = error instanceof ShoalError ? error.code : 'UNEXPECTED';
  const failures = failuresOf(error);
  const advice = adviceIn(error) ?? (lacksDescriptors(error) ? MORE_DESCRIPTORS : undefined);
  const hints = advice === undefined ? hintsFor(error, exitCode) : [advice];
  const hintLines = hints.map((hint) => withoutSecrets(printable(hint)));
  const lines = [`shoal: ${message}`, ...failureLines(failures), ...hintLines];
  lines.push(...unusableHints(error));
  process.stderr.write(lines.map((line) => `${line}\n`).join(''));
  if (!output.isJson) return;
  output.tell('failed', {
    code,
    exitCode,
    message,
    ...(advice !== undefined && { hint: hintLines.join(' ') }),
    ...(failures.length > 0 && { failures: failureFields(failures) }),
    ...situationOf(error),
  });
}

/** Returns the peers and trackers of a download that nobody answered. For any other error the result is empty. */
function situationOf(error: Error): Partial<Situation> {
  return error instanceof GetError && error.situation !== undefined ? error.situation : {};
}

/** Tells the flags with which a folder can be offered although some of it cannot be used. */
function unusableHints(error: Error): readonly string[] {
  // A seeder explains such an error by one of its own.
  const unusable = [error, error.cause].find((each) => each instanceof HashingError);
  if (unusable === undefined || unusable.failures.length === 0) return [];
  const areLinks = unusable.failures.some(({ code }) => code === 'LINK_OUTSIDE');
  const follow = areLinks ? '--follow takes what links lead to in their place. ' : '';
  return [`${follow}--skip-unreadable leaves out what cannot be used.`];
}

/** Lists lines on what to do about an error without advice of its own. */
function hintsFor(error: Error, exitCode: ExitCode): readonly string[] {
  if (error instanceof UsageError) return error.hints;
  switch (exitCode) {
    case ExitCode.unexpected:
      return ['This is a fault of Shoal. Please report it, with the output of --log-level debug.'];
    case ExitCode.notFound:
      return ['`shoal ls` lists the torrents of the tracker.'];
    case ExitCode.timedOut:
      return [
        `Run it again to go on from there. ${isStalled(error) ? '--stall' : '--timeout'} gives it more time.`,
      ];
    default:
      return [];
  }
}

/** Finds the advice of an error, or of one that caused it. The errors of a tracker have some. */
function adviceIn(error: Error): string | undefined {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if ('advice' in cause && typeof cause.advice === 'string') return cause.advice;
  }
  return undefined;
}

function isStalled(error: Error): boolean {
  return error instanceof GetError && error.code === 'STALLED';
}
