import type { IncomingMessage, ServerResponse, Server as WebServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { closeServer } from '../../../net/index.ts';
import type { ResponseMemory } from '../../../tracker-protocol/index.ts';
import { type Address, canonicalIp, handleOrReport, type MaybePromise } from '../../../util/index.ts';
import type { ClientAddress } from '../../core/index.ts';
import { DEFAULT_LIMITS } from '../../settings.ts';
import type { ClientAddresses } from '../client-address/index.ts';
import { DRAIN_TIMEOUT } from '../listening/index.ts';
import { AcceptedConnections } from './accepted-connections.ts';
import type { PortTls } from './arrival-stage.ts';
import { ConnectionTurns } from './connection-turns.ts';
import type { HttpPort, TakeConnections } from './http-port.ts';
import { listen } from './listen.ts';
import { SocketConnection } from './socket-connection.ts';
import {
  answerTrackerRequest,
  isFullScrape,
  type TrackerRequest,
  type TrackerResponseOptions,
} from './tracker-responses.ts';
import type { WebSocketUpgrade } from './web-socket-handshake.ts';
import type { WebStage } from './web-stage.ts';

/** Connections that go on in one turn of the event loop, of those that have more to do than others should wait for. */
const CONNECTIONS_IN_TURN = 8;
/** Connections that are closed in one turn of the event loop because their deadline has passed. */
const CLOSED_IN_TURN = 100;
/** TLS handshakes that begin in one turn of the event loop: each takes one or two milliseconds. */
const HANDSHAKES_IN_TURN = 2;

/** Milliseconds between looks for connections whose deadline has passed. */
const SWEEP_INTERVAL = 1000;

export interface TrackerHttpServerOptions extends TrackerResponseOptions {
  readonly clientAddresses: ClientAddresses;
  /** The TLS of the port; `undefined`: it speaks none. */
  readonly tls?: PortTls | undefined;
  /** The server that is given the connections of requests that are not for the tracker. It need not listen itself. */
  readonly webServer: WebServer;
  readonly webSockets: WebSocketUpgrade;
  /** The number of connections at once; default: the one of {@link DEFAULT_LIMITS}. */
  readonly maxConnections?: number;
  /** Takes the connections in a way that costs less than sockets do; `undefined`: they are sockets from the start. */
  readonly takeConnections?: TakeConnections | undefined;
}

/**
 * The tracker's port. Announces and scrapes are answered here, at a third of what `node:http` would cost; a connection
 * that asks for anything else is given to a `node:http` server, which has to know the way to the tracker, too.
 */
export class TrackerHttpServer {
  readonly address: Address;
  readonly #server: Server;
  readonly #options: TrackerHttpServerOptions;
  readonly #connections: AcceptedConnections;
  /** The connections that the web server has, by the sockets that it was given. */
  readonly #webStages = new WeakMap<object, WebStage>();
  readonly #closings: ConnectionTurns;
  #isDraining = false;
  #cancelSweep = (): void => {};

  private constructor(server: Server, options: TrackerHttpServerOptions) {
    this.#server = server;
    this.#options = options;
    this.#closings = new ConnectionTurns(CLOSED_IN_TURN, options.report);
    const { maxConnections = DEFAULT_LIMITS.maxConnections, counters, report } = options;
    this.#connections = new AcceptedConnections(maxConnections, {
      ...options,
      refusals: counters.refusals,
    });
    const { address, port } = server.address() as AddressInfo;
    this.address = { host: canonicalIp(address)!, port };
    this.#accept(this.#createPort());
    server.on('error', (error) => report(error, 'accept connections of the tracker'));
    options.webServer.on('request', this.#onWebRequest);
    this.#sweep();
  }

  /** @throws {TrackerStartError} PORT_IN_USE, CANNOT_LISTEN */
  static async listen(
    host: string | undefined,
    port: number,
    options: TrackerHttpServerOptions,
  ): Promise<TrackerHttpServer> {
    const server = createServer({ noDelay: true });
    await listen(server, host, port);
    return new TrackerHttpServer(server, options);
  }

  /** Changes how many connections there may be at once; those that are open stay. */
  set maxConnections(limit: number) {
    this.#connections.max = limit;
  }

  /** The number of open connections, those of the web API on this port among them. */
  get connections(): number {
    return this.#connections.clients.size;
  }

  /** Accepts no more connections, answers the requests that have arrived, and closes all within {@link DRAIN_TIMEOUT}. */
  async close(): Promise<void> {
    const { clock, webServer } = this.#options;
    const closed = closeServer(this.#server);
    this.#isDraining = true;
    for (const { connection } of this.#connections.clients) connection.drain();
    const cancel = clock.setTimer(DRAIN_TIMEOUT, () => {
      for (const { connection } of this.#connections.clients) connection.cut();
    });
    await closed;
    await this.#connections.ended();
    cancel();
    this.#cancelSweep();
    webServer.off('request', this.#onWebRequest);
  }

  #createPort(): HttpPort {
    const options = this.#options;
    const { clock, report, rateLimits, counters, clientAddresses, tls, webSockets } = options;
    const isDraining = (): boolean => this.#isDraining;
    return {
      clock,
      report,
      rateLimits,
      counters: counters.http,
      clientAddresses,
      tls,
      webSockets,
      connections: this.#connections,
      turns: new ConnectionTurns(CONNECTIONS_IN_TURN, report),
      handshakes: new ConnectionTurns(HANDSHAKES_IN_TURN, report),
      get isDraining() {
        return isDraining();
      },
      mayPrecedeHttp: (clientAddress) => tls !== undefined || clientAddresses.isProxy(clientAddress),
      answer: (head, clientAddress, memory) => this.#answer(head, clientAddress, memory),
      serveWeb: (stage) => {
        this.#webStages.set(stage.paced, stage);
        options.webServer.emit('connection', stage.paced);
      },
    };
  }

  #accept(port: HttpPort): void {
    if (this.#options.takeConnections?.(this.#server, port) === true) return;
    this.#server.on('connection', (socket) => {
      const client = this.#connections.admit(port.clientAddresses.ofConnection(socket), port.clock.now());
      if (client === undefined) socket.destroy();
      else new SocketConnection(port, client, socket).begin();
    });
  }

  /** Makes the body of a response. @returns `undefined` for a scrape of all swarms, which the web server answers in parts */
  #answer(
    head: TrackerRequest,
    clientAddress: ClientAddress,
    memory: ResponseMemory,
  ): MaybePromise<Uint8Array> | 'cut' | undefined {
    if (this.#options.fullScrape !== undefined && isFullScrape(head)) return undefined;
    return answerTrackerRequest(this.#options, head, clientAddress, memory);
  }

  readonly #onWebRequest = (request: IncomingMessage, response: ServerResponse): void => {
    this.#webStages.get(request.socket)?.begin(request, response);
  };

  #sweep(): void {
    const { clock, counters, report } = this.#options;
    const now = clock.now();
    for (const client of this.#connections.clients) {
      client.connection.check(now);
      if (now < client.connection.deadline) continue;
      this.#closings.later(() => {
        if (!this.#connections.clients.has(client) || clock.now() < client.connection.deadline) return;
        counters.refusals.timeout += 1;
        client.connection.cut();
      });
    }
    this.#cancelSweep = clock.setTimer(SWEEP_INTERVAL, () =>
      handleOrReport(() => this.#sweep(), 'close connections that have run out of time', report),
    );
  }
}
