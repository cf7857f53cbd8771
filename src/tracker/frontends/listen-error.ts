import { toError } from '../../util/index.ts';
import { TrackerStartError } from '../errors/index.ts';

/**
 * Explains why listening failed, and what to do.
 *
 * @param where names the address and the port, for the message
 */
export function listenError(cause: NodeJS.ErrnoException, where: string): TrackerStartError {
  if (cause.code === 'EADDRINUSE') {
    return new TrackerStartError(
      'PORT_IN_USE',
      `Cannot listen on ${where}: another program does; choose another port, or 0 for any that is free`,
      { cause },
    );
  }
  const why =
    cause.code === 'EADDRNOTAVAIL'
      ? 'this machine has no such address; choose one of its own, or none for all of them'
      : toError(cause).message;
  return new TrackerStartError('CANNOT_LISTEN', `Cannot listen on ${where}: ${why}`, { cause });
}
