/** The progress of a command. */
export interface CommandProgress {
  readonly phase: 'hashing' | 'looking-up' | 'allocating' | 'checking' | 'downloading' | 'verifying';
  readonly name?: string;
  /** The bytes that are done, of `total`. */
  readonly done: number;
  readonly total: number;
  /** Bytes per second; absent where nothing can be transferred. */
  readonly downloadRate?: number;
  readonly uploadRate?: number;
  /** Connected peers; absent where there can be none. */
  readonly peers?: number;
}

/** A display of progress, for as long as there is some. */
export interface ProgressDisplay {
  update(progress: CommandProgress): void;
  /** Takes a bar away. Elsewhere it shows how far the command came, if that was not shown yet. */
  stop(): void;
}
