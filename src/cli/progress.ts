import type { GetPhase, GetProgress } from '../client/index.ts';

/** The progress of a command. The fields are those of `get`; in a phase without transfer there are no rates and peers. */
export interface CommandProgress
  extends Omit<GetProgress, 'phase' | 'downloadRate' | 'uploadRate' | 'peers'> {
  readonly phase: GetPhase | 'hashing';
  /** In the phase `waiting`, the time at which it began, in ISO 8601. */
  readonly since?: string;
  readonly downloadRate?: number;
  readonly uploadRate?: number;
  readonly peers?: number;
}

/** A display of progress. */
export interface ProgressDisplay {
  update(progress: CommandProgress): void;
  /** Removes a bar. Other displays show the last progress, if they have not shown it yet. */
  stop(): void;
}
