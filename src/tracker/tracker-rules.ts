import type { OptionsOf } from '../config/index.ts';
import type { ANNOUNCING, TrackerLimits } from './settings.ts';

/** The rules of a tracker, which can be replaced while it runs; ports, folders and stores are no rules. */
export interface TrackerRules extends OptionsOf<typeof ANNOUNCING> {
  /** The limits of the tracker. */
  readonly limits?: TrackerLimits | undefined;
}
