import { TrackerStartError } from '../tracker/index.ts';
import { TrackerCallError } from '../tracker-client/index.ts';

/** Tells whether the message of an error always names the attempt and the tracker, so that the log need not add them. */
export function namesAttempt(error: Error): boolean {
  return error instanceof TrackerCallError || error instanceof TrackerStartError;
}
