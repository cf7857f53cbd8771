import type { ReportError } from './background.ts';
import { type Clock, systemClock } from './clock.ts';
import { LineLimiter } from './line-limiter.ts';

/** The milliseconds between the first report that is left out and the report of how many were. */
const LEFT_OUT_AFTER = 60_000;

/**
 * Wraps a callback that prints reports, so that somebody who can cause them cannot fill a disk. When a {@link LineLimiter}
 * finds too many of a kind, the others are left out, and a minute later one report says how many they were.
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
