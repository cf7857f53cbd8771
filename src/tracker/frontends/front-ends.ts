import { closeAll } from '../../util/index.ts';
import { TrackerStartError } from '../errors/index.ts';
import { takeHandles } from './http/handles/index.ts';
import { TrackerHttpServer, type TrackerHttpServerOptions } from './http/index.ts';
import { TrackerUdpServer } from './udp/index.ts';
import { TrackerWsServer, type TrackerWsServerOptions } from './ws/index.ts';

/** How often another port is tried when the kernel gave one that is free for TCP only. */
const PORT_ATTEMPTS = 16;

/** What listens on the tracker's port. */
export interface FrontEnds {
  readonly http: TrackerHttpServer;
  readonly udp: TrackerUdpServer;
  /** The second port, over TCP alone; absent unless there is one. */
  readonly web: TrackerHttpServer | undefined;
  /** Of both ports. */
  readonly ws: TrackerWsServer;
}

/** Some of which may not have come to be. */
type OpenFrontEnds = Omit<FrontEnds, 'ws'> & { readonly ws?: TrackerWsServer };

export interface FrontEndOptions
  extends Omit<TrackerHttpServerOptions, 'webSockets' | 'takeConnections'>,
    TrackerWsServerOptions {
  /** Whether every TCP connection is a socket from the start; default: only where Node has nothing that costs less. */
  readonly plainSockets?: boolean | undefined;
}

/** Port numbers; 0: any that is free. */
export interface Ports {
  readonly port: number;
  readonly webPort: number | undefined;
}

/**
 * Listens on both ports.
 *
 * @throws {TrackerStartError} PORT_IN_USE, CANNOT_LISTEN; then on none
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
 * Takes nothing more, answers what was asked, and ends: all at the same time, for each may have to wait.
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
 * @param port 0: any that is free for both
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
