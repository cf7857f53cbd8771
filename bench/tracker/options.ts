import { versionOf } from '../support/machine.ts';

/** What all parts of the tracker's benchmark share. */
export interface TrackerBenchOptions {
  readonly swarms: number;
  readonly seconds: number;
  readonly rounds: number;
  /** What cannot run: sentences. */
  readonly leftOut: readonly string[];
  /** As they were given, for the report. */
  readonly given: Readonly<Record<string, string>>;
}

/** Of what Shoal's tracker is compared with. */
export function trackerVersions(): Record<string, string> {
  return {
    opentracker: versionOf('dpkg-query', '-W', 'opentracker'),
    'bittorrent-tracker': '11.2.3',
  };
}
