import { type Address, closeAll } from '../../util/index.ts';
import { TrackerStartError } from '../errors/index.ts';
import type { WebTorrentStats } from '../metrics/index.ts';
import { takeHandles } from './http/handles/index.ts';
import { TrackerHttpServer, type TrackerHttpServerOptions } from './http/index.ts';
import { TrackerUdpServer } from './udp/index.ts';
import { TrackerWsServer, type TrackerWsServerOptions, type WsPolicy } from './ws/index.ts';

/** The number of ports to try when the kernel gives one that is free for TCP only. */
const PORT_ATTEMPTS = 16;

/** The ports of a tracker, on which it listens until they are closed. */
export interface FrontEnds {
  /** The address of the tracker's port. */
  readonly address: Address;
  /** The address of the second port, which is over TCP alone; absent unless there is one. */
  readonly webAddress: Address | undefined;
  /** The number of open connections of both ports. */
  readonly connections: number;
  /** Tells the figures of the WebTorrent peers of both ports. */
  webTorrent(): WebTorrentStats;
  /** Applies other limits from now on. Nobody is disconnected. */
  configure(policy: WsPolicy & { readonly maxConnections: number }): void;
  /**
   * Stops all servers at the same time, since each may have to wait: they accept nothing more, answer the requests that have
   * arrived, and close.
   *
   * @throws {AggregateError}
   */
  close(): Promise<void>;
}

/** The servers behind the ports. */
interface Servers {
  readonly http: TrackerHttpServer;
  readonly udp: TrackerUdpServer;
  /** On the second port; `undefined` unless there is one. */
  readonly web: TrackerHttpServer | undefined;
  /** The WebSockets of both ports; `undefined` when the ports could not be listened on. */
  readonly ws?: TrackerWsServer;
}

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
    const servers = await listenOnAll(host, ports, {
      ...options,
      webSockets: ws,
      takeConnections: options.plainSockets === true ? undefined : takeHandles,
    });
    return frontEndsOf(servers, ws);
  } catch (thrown) {
    await ws.close();
    throw thrown;
  }
}

async function listenOnAll(
  host: string | undefined,
  { port, webPort }: Ports,
  options: TrackerHttpServerOptions,
): Promise<Servers> {
  const { http, udp } = await listenOverBoth(host, port, options);
  if (webPort === undefined) return { http, udp, web: undefined };
  try {
    return { http, udp, web: await TrackerHttpServer.listen(host, webPort, options) };
  } catch (thrown) {
    await closeServers({ http, udp, web: undefined });
    throw thrown;
  }
}

function frontEndsOf(servers: Servers, ws: TrackerWsServer): FrontEnds {
  const { http, web } = servers;
  return {
    address: http.address,
    webAddress: web?.address,
    get connections() {
      return http.connections + (web?.connections ?? 0) + ws.connections;
    },
    webTorrent: () => ws.stats(),
    configure(policy) {
      const { maxConnections } = policy;
      ws.configure(policy);
      http.maxConnections = maxConnections;
      if (web !== undefined) web.maxConnections = maxConnections;
    },
    close: () => closeServers({ ...servers, ws }),
  };
}

/** @throws {AggregateError} after all were tried */
async function closeServers({ http, udp, web, ws }: Servers): Promise<void> {
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
): Promise<Pick<Servers, 'http' | 'udp'>> {
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
