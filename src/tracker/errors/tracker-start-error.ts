import { ShoalError } from '../../util/index.ts';

/** The error of a tracker that cannot start. */
export class TrackerStartError extends ShoalError<
  | 'PORT_IN_USE'
  | 'CANNOT_LISTEN'
  | 'BAD_OPTION'
  | 'BAD_CERTIFICATE'
  /** Another tracker keeps its state in the same folder. */
  | 'STATE_IN_USE'
  /** The state in the folder was not written by this version. It was not changed. */
  | 'BAD_STATE'
  /** The state in the folder is damaged. A tracker that starts sets a damaged catalog aside. */
  | 'DAMAGED_STATE'
  /** The folder of the state cannot be written to. */
  | 'CANNOT_KEEP_STATE'
  /** The package `lmdb` cannot be loaded. */
  | 'NO_LMDB'
> {}
