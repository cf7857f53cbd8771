import { ShoalError } from '../util/index.ts';

/** Why a tracker could not be started. */
export class TrackerError extends ShoalError<
  'PORT_IN_USE' | 'CANNOT_LISTEN' | 'BAD_OPTION' | 'BAD_CERTIFICATE'
> {}
