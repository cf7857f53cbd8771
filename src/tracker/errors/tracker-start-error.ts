import { ShoalError } from '../../util/index.ts';

/** Why a tracker could not be started. */
export class TrackerStartError extends ShoalError<
  | 'PORT_IN_USE'
  | 'CANNOT_LISTEN'
  | 'BAD_OPTION'
  | 'BAD_CERTIFICATE'
  /** Another tracker keeps its state in the same folder. */
  | 'STATE_IN_USE'
  /** What is in the folder of the state was not written by this version. Nothing of it was changed. */
  | 'BAD_STATE'
  /** What is in the folder of the state is damaged. A tracker that starts sets such a catalog aside. */
  | 'DAMAGED_STATE'
  /** Nothing can be written to the folder of the state. */
  | 'CANNOT_KEEP_STATE'
  /** The package `lmdb` cannot be loaded. */
  | 'NO_LMDB'
> {}
