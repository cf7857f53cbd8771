import { TrackerStartError } from '../tracker/index.ts';
import { TrackerCallError } from '../tracker-client/index.ts';

/** Tells whether the message of an error always names what was attempted, and the tracker, so that a log need not. */
export function namesAttempt(error: Error): boolean {
  return error instanceof TrackerCallError || error instanceof TrackerStartError;
}
