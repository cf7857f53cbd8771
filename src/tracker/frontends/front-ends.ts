import { closeAll } from '../../util/index.ts';
import { TrackerStartError } from '../errors/index.ts';
import { takeHandles } from './http/handles/index.ts';
import { TrackerHttpServer, type TrackerHttpServerOptions } from './http/index.ts';
import { TrackerUdpServer } from './udp/index.ts';
import { TrackerWsServer, type TrackerWsServerOptions } from './ws/index.ts';

/** The number of ports to try when the kernel gives one that is free for TCP only. */
const PORT_ATTEMPTS = 16;

/** The servers on the tracker's ports. */
export interface FrontEnds {
  readonly http: TrackerHttpServer;
  readonly udp: TrackerUdpServer;
  /** The second port, for TCP alone; `undefined`: there is none. */
  readonly web: TrackerHttpServer | undefined;
  /** The WebSockets of both ports. */
  readonly ws: TrackerWsServer;
}

/** The servers that listen so far, while others are still being started. */
type OpenFrontEnds = Omit<FrontEnds, 'ws'> & { readonly ws?: TrackerWsServer };

export interface FrontEndOptions
  extends Omit<TrackerHttpServerOptions, 'webSockets' | 'takeConnections'>,
    TrackerWsServerOptions {
  /** Whether every TCP connection is a socket from the start; default: only where Node has nothing that costs less. */
  readonly plainSockets?: boolean | undefined;
}

/** The numbers of the ports; 0: any free one. */
export interface Ports {
  readonly port: number;
  readonly webPort: number | undefined;
}

/**
 * Listens on both ports.
 *
 * @throws {TrackerStartError} PORT_IN_USE, CANNOT_LISTEN; then neither port is open
 */
export async function listenFrontEnds(
  host: string | undefined,
  ports: Ports,
  options: FrontEndOptions,
): Promise<FrontEnds> {
  const ws = new TrackerWsServer(options);
  try {
    const { http, udp, web } = await listenOnAll(host, ports, {
      ...options,
      webSockets: ws,
      takeConnections: options.plainSockets === true ? undefined : takeHandles,
    });
    return { http, udp, web, ws };
  } catch (thrown) {
    await ws.close();
    throw thrown;
  }
}

async function listenOnAll(
  host: string | undefined,
  { port, webPort }: Ports,
  options: TrackerHttpServerOptions,
): Promise<Omit<FrontEnds, 'ws'>> {
  const { http, udp } = await listenOverBoth(host, port, options);
  if (webPort === undefined) return { http, udp, web: undefined };
  try {
    return { http, udp, web: await TrackerHttpServer.listen(host, webPort, options) };
  } catch (thrown) {
    await closeFrontEnds({ http, udp, web: undefined });
    throw thrown;
  }
}

/**
 * Stops all servers at the same time, since each may have to wait: they accept nothing more, answer the requests that have
 * arrived, and close.
 *
 * @throws {AggregateError}
 */
export async function closeFrontEnds({ http, udp, web, ws }: OpenFrontEnds): Promise<void> {
  const closing = [
    { name: 'the tracker port', closed: http.close() },
    { name: 'the tracker port over UDP', closed: udp.close() },
    { name: 'the web port', closed: web?.close() ?? Promise.resolve() },
    { name: 'connections of WebTorrent peers', closed: ws?.close() ?? Promise.resolve() },
  ];
  await Promise.allSettled(closing.map(({ closed }) => closed));
  await closeAll(closing.map(({ name, closed }) => ({ name, close: () => closed })));
}

/**
 * Listens on one port number over TCP and over UDP.
 *
 * @param port the number of the port; 0: any that is free for both
 * @throws {TrackerStartError} PORT_IN_USE, CANNOT_LISTEN
 */
async function listenOverBoth(
  host: string | undefined,
  port: number,
  options: TrackerHttpServerOptions,
): Promise<Pick<FrontEnds, 'http' | 'udp'>> {
  for (let attempt = 1; ; attempt += 1) {
    const http = await TrackerHttpServer.listen(host, port, options);
    try {
      return { http, udp: await TrackerUdpServer.listen(http.address, options) };
    } catch (thrown) {
      await http.close();
      const isTaken = thrown instanceof TrackerStartError && thrown.code === 'PORT_IN_USE';
      if (port !== 0 || !isTaken || attempt === PORT_ATTEMPTS) throw thrown;
    }
  }
}
