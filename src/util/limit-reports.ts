import type { ReportError } from './background.ts';
import { type Clock, systemClock } from './clock.ts';
import { LineLimiter } from './line-limiter.ts';

/** Milliseconds after which it is told how many reports were left out. */
const LEFT_OUT_AFTER = 60_000;

/**
 * Wraps what prints reports, so that somebody who can cause them cannot fill a disk: those of a kind that are too many are left
 * out, as {@link LineLimiter} has it, and a minute later it is told how many they were.
 */
export function limitReports(report: ReportError, clock: Clock = systemClock): ReportError {
  const limiter = new LineLimiter(clock);
  const tellLeftOut = (): void => {
    for (const { kind, count } of limiter.takeLeftOut()) {
      report(new Error(`${count} more like it were left out`), kind);
    }
  };
  return (error, context) => {
    const isAwaited = limiter.hasLeftOut;
    if (limiter.admits(context)) report(error, context);
    else if (!isAwaited) clock.setTimer(LEFT_OUT_AFTER, tellLeftOut);
  };
}
