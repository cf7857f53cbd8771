import type { Server } from 'node:net';
import { cannotListen } from '../listening/index.ts';

/**
 * Makes a server listen.
 *
 * @param host the address to listen on; `undefined`: all addresses of the machine
 * @throws {TrackerStartError} PORT_IN_USE, CANNOT_LISTEN
 */
export async function listen(server: Server, host: string | undefined, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const fail = (error: Error): void =>
      reject(cannotListen(error, host === undefined ? `port ${port}` : `${host} port ${port}`));
    server.once('error', fail);
    server.listen({ port, ...(host !== undefined && { host }) }, () => {
      server.off('error', fail);
      resolve();
    });
  });
}
