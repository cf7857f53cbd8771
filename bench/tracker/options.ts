import { versionOf } from '../support/machine.ts';

/** The options that all parts of the tracker's benchmark share. */
export interface TrackerBenchOptions {
  readonly swarms: number;
  readonly seconds: number;
  readonly rounds: number;
  /** Sentences about the runs that cannot be made. */
  readonly leftOut: readonly string[];
  /** The options as they were given, for the report. */
  readonly given: Readonly<Record<string, string>>;
}

/** Finds the versions of the trackers that Shoal's is compared with. */
export function trackerVersions(): Record<string, string> {
  return {
    opentracker: versionOf('dpkg-query', '-W', 'opentracker'),
    'bittorrent-tracker': '11.2.3',
  };
}
