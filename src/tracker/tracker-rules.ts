import type { OptionsOf } from '../config/index.ts';
import type { ANNOUNCING, TrackerLimits } from './settings.ts';

/** The rules that an operator gives a tracker, and may give it anew while it runs: no port, no folder, no store. */
export interface TrackerRules extends OptionsOf<typeof ANNOUNCING> {
  /** How much the tracker takes on. */
  readonly limits?: TrackerLimits | undefined;
}
