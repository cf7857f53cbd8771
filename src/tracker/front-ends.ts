import { TrackerHttpServer, type TrackerHttpServerOptions } from './http/index.ts';
import { TrackerError } from './tracker-error.ts';
import { TrackerUdpServer } from './udp/index.ts';

/** How often another port is tried when the kernel gave one that is free for TCP only. */
const PORT_ATTEMPTS = 16;

/** What listens on the tracker's port. */
export interface FrontEnds {
  readonly http: TrackerHttpServer;
  readonly udp: TrackerUdpServer;
}

/**
 * Listens on one port number over TCP and over UDP.
 *
 * @param port 0: any that is free for both
 * @throws {TrackerError} PORT_IN_USE, CANNOT_LISTEN
 */
export async function listenFrontEnds(
  host: string | undefined,
  port: number,
  options: TrackerHttpServerOptions,
): Promise<FrontEnds> {
  for (let attempt = 1; ; attempt += 1) {
    const http = await TrackerHttpServer.listen(host, port, options);
    try {
      return { http, udp: await TrackerUdpServer.listen(http.address, options) };
    } catch (thrown) {
      await http.close();
      const isTaken = thrown instanceof TrackerError && thrown.code === 'PORT_IN_USE';
      if (port !== 0 || !isTaken || attempt === PORT_ATTEMPTS) throw thrown;
    }
  }
}
