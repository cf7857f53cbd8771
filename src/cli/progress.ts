/** The progress of a command. */
export interface CommandProgress {
  readonly phase:
    | 'hashing'
    | 'looking-up'
    | 'waiting'
    | 'seeding'
    | 'allocating'
    | 'checking'
    | 'reusing'
    | 'downloading'
    | 'verifying';
  readonly name?: string;
  /** In the phase `seeding`, the bytes that were uploaded. */
  readonly uploaded?: number;
  /** In the phase `waiting`, a sentence that says why. */
  readonly waitingFor?: string;
  /** In the phase `waiting`, the seconds so far, and the time at which it began, in ISO 8601. */
  readonly waited?: number;
  readonly since?: string;
  /** The bytes that are done, of `total`. */
  readonly done: number;
  readonly total: number;
  /** Bytes per second; `undefined` in a phase without transfer. */
  readonly downloadRate?: number;
  readonly uploadRate?: number;
  /** The number of connected peers; `undefined` in a phase without peers. */
  readonly peers?: number;
}

/** A display of progress. */
export interface ProgressDisplay {
  update(progress: CommandProgress): void;
  /** Removes a bar. Other displays show the last progress, if they have not shown it yet. */
  stop(): void;
}
