import { listenError } from '../../../net/index.ts';
import { TrackerStartError } from '../../errors/index.ts';

/**
 * Makes the error of a tracker that cannot listen, which says why and what to do.
 *
 * @param where names the address and the port, for the message
 */
export function cannotListen(cause: NodeJS.ErrnoException, where: string): TrackerStartError {
  const { code, message } = listenError(cause, where);
  return new TrackerStartError(code === 'PORT_IN_USE' ? 'PORT_IN_USE' : 'CANNOT_LISTEN', message, { cause });
}
