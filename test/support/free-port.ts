import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

const LOOPBACK = '127.0.0.1';
const ATTEMPTS = 5;

/**
 * A TCP port nobody listened on a moment ago. Only for programs that cannot be told to choose one themselves: between
 * this answer and their start somebody else may take it, so start them through {@link onFreePort}.
 */
export async function freePort(host = LOOPBACK): Promise<number> {
  const server = createServer().listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/**
 * Starts something on a free port, and on another one when that fails, for the port may have been taken meanwhile.
 *
 * @param start must reject when it cannot listen, and leave nothing running then
 * @throws {AggregateError} with what went wrong each time, when it failed on several ports
 *
 * @example
 * ```ts
 * await using tracker = await onFreePort((port) => startSomeTracker(port));
 * ```
 */
export async function onFreePort<T>(start: (port: number) => Promise<T>, host = LOOPBACK): Promise<T> {
  const errors: unknown[] = [];
  while (errors.length < ATTEMPTS) {
    try {
      return await start(await freePort(host));
    } catch (thrown) {
      errors.push(thrown);
    }
  }
  throw new AggregateError(errors, `Could not start on any of ${ATTEMPTS} free ports: ${String(errors[0])}`);
}
