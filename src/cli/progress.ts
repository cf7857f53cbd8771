/** The progress of a command. */
export interface CommandProgress {
  readonly phase: 'hashing' | 'looking-up' | 'allocating' | 'checking' | 'downloading' | 'verifying';
  readonly name?: string;
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
