import type { Server } from 'node:net';

/** Stops listening, and waits until every connection has ended. */
export async function closeServer(server: Server): Promise<void> {
  await new Promise<void>((resolve, reject) =>
    server.close((error) => (error === undefined ? resolve() : reject(error))),
  );
}
