import { ShoalError } from '../util/index.ts';

/** The error for a socket that could not be opened. */
export class NetworkError extends ShoalError<
  'PORT_IN_USE' | 'NOT_PERMITTED' | 'BAD_ADDRESS' | 'UNREACHABLE' | 'ABORTED'
> {}

const CODE_OF_LISTEN_ERRNO = {
  EADDRINUSE: 'PORT_IN_USE',
  EACCES: 'NOT_PERMITTED',
  EADDRNOTAVAIL: 'BAD_ADDRESS',
  ENOTFOUND: 'BAD_ADDRESS',
} as const;

const LISTEN_ADVICE = {
  PORT_IN_USE: 'another program listens there; choose another port, or 0 for any',
  NOT_PERMITTED: 'this user may not; choose a port above 1023',
  BAD_ADDRESS: 'this machine has no such address; choose one of its own, or none for all of them',
  UNREACHABLE: 'the operating system refused',
} as const;

/** Explains why listening failed, and what to do. @param where `host:port`, or `port 9911` of all addresses */
export function listenError(error: NodeJS.ErrnoException, where: string): NetworkError {
  const code = CODE_OF_LISTEN_ERRNO[error.code as keyof typeof CODE_OF_LISTEN_ERRNO] ?? 'UNREACHABLE';
  const message = `Cannot listen on ${where}: ${LISTEN_ADVICE[code]} (${error.message})`;
  return new NetworkError(code, message, { cause: error });
}
