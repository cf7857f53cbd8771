import type { Server } from 'node:net';
import { toError } from '../../util/index.ts';
import { TrackerError } from '../tracker-error.ts';

/**
 * Starts listening.
 *
 * @param host `undefined`: all addresses of the machine
 * @throws {TrackerError} PORT_IN_USE, CANNOT_LISTEN
 */
export async function listen(server: Server, host: string | undefined, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const fail = (error: Error): void => reject(listenError(error, host, port));
    server.once('error', fail);
    server.listen({ port, ...(host !== undefined && { host }) }, () => {
      server.off('error', fail);
      resolve();
    });
  });
}

/** Stops listening, and waits until every connection has ended. */
export async function closeServer(server: Server): Promise<void> {
  await new Promise<void>((resolve, reject) =>
    server.close((error) => (error === undefined ? resolve() : reject(error))),
  );
}

function listenError(cause: Error & { code?: string }, host: string | undefined, port: number): TrackerError {
  const where = host === undefined ? `port ${port}` : `${host} port ${port}`;
  if (cause.code === 'EADDRINUSE') {
    return new TrackerError(
      'PORT_IN_USE',
      `Cannot listen on ${where}: another program does; choose another port, or 0 for any that is free`,
      { cause },
    );
  }
  const why =
    cause.code === 'EADDRNOTAVAIL'
      ? 'this machine has no such address; choose one of its own, or none for all of them'
      : toError(cause).message;
  return new TrackerError('CANNOT_LISTEN', `Cannot listen on ${where}: ${why}`, { cause });
}
