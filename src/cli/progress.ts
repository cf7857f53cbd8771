/** How far a command is. */
export interface Progress {
  readonly phase: 'hashing' | 'looking-up' | 'allocating' | 'checking' | 'downloading' | 'verifying';
  readonly name?: string;
  /** Bytes, of `total`. */
  readonly done: number;
  readonly total: number;
  /** Bytes per second; absent where nothing can be transferred. */
  readonly downloadRate?: number;
  readonly uploadRate?: number;
  /** Connected peers; absent where there can be none. */
  readonly peers?: number;
}

/** Something that shows progress, for as long as it lasts. */
export interface ProgressDisplay {
  update(progress: Progress): void;
  /** Takes a bar away; elsewhere shows how far it came, if that was not shown yet. */
  stop(): void;
}
