import type { IncomingMessage, ServerResponse, Server as WebServer } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { closeServer } from '../../../net/index.ts';
import type { ResponseMemory } from '../../../tracker-protocol/index.ts';
import { type Address, canonicalIp, handleOrReport, type MaybePromise } from '../../../util/index.ts';
import { type ClientAddress, clientAddressOf } from '../../core/index.ts';
import { DEFAULT_LIMITS } from '../../settings.ts';
import type { ClientAddresses } from '../client-address/index.ts';
import { DRAIN_TIMEOUT } from '../drain.ts';
import { AcceptedConnections, type Client } from './accepted-connections.ts';
import type { HttpPort } from './answer-requests.ts';
import { Arrival, type PortTls } from './arrival.ts';
import { ConnectionTurns } from './connection-turns.ts';
import { HandleConnection, type HandleConnectionOwner, type Stopped } from './handle-connection.ts';
import { HttpConnection } from './http-connection.ts';
import { listen } from './listen.ts';
import { HEAD_TIMEOUT } from './open-connection.ts';
import type { RequestHead } from './request-head.ts';
import { ResponseBatch } from './response-batch.ts';
import { remoteAddressOf, socketOf, type TcpHandle, takeHandles } from './tcp-handle.ts';
import {
  answerTrackerRequest,
  isFullScrape,
  type TrackerRequest,
  type TrackerResponseOptions,
} from './tracker-responses.ts';
import { WebConnection } from './web-connection.ts';
import { readHandshakeHeaders, type WebSocketUpgrade } from './web-socket-handshake.ts';

/** Connections that go on in a turn of the event loop, of those that have more to do than others are to wait for. */
const CONNECTIONS_IN_TURN = 8;
/** Connections whose time is up that are closed in a turn. */
const CLOSED_IN_TURN = 100;
/** Handshakes of TLS that begin in a turn: each takes one or two milliseconds. */
const HANDSHAKES_IN_TURN = 2;

/** Milliseconds between looks at who has run out of time. */
const SWEEP_INTERVAL = 1000;

export interface TrackerHttpServerOptions extends TrackerResponseOptions {
  readonly clientAddresses: ClientAddresses;
  /** Absent: the port does not speak it. */
  readonly tls?: PortTls | undefined;
  /** Is given the connections of requests that are not for the tracker; it need not listen itself. */
  readonly webServer: WebServer;
  readonly webSockets: WebSocketUpgrade;
  /** That of {@link DEFAULT_LIMITS} unless given. */
  readonly maxConnections?: number;
  /** Whether every connection is a socket from its start; unless given, only where Node has nothing that costs less. */
  readonly plainSockets?: boolean | undefined;
}

/**
 * The tracker's port. Announces and scrapes are answered here, at a third of what `node:http` would cost; a connection
 * that asks for anything else is handed to a `node:http` server, which then has to know the way to the tracker, too.
 */
export class TrackerHttpServer {
  readonly address: Address;
  /** Of the connections to come. */
  tls: PortTls | undefined;
  readonly #server: Server;
  readonly #options: TrackerHttpServerOptions;
  readonly #port: HttpPort;
  readonly #handleOwner: HandleConnectionOwner;
  /** Whose connection is open; it stays when its socket was handed over, for its deadline. */
  readonly #clients = new Set<Client>();
  /** Those that the web server has, by what it was given. */
  readonly #webConnections = new WeakMap<object, WebConnection>();
  readonly #handshakes: ConnectionTurns;
  readonly #closings: ConnectionTurns;
  /** Also those that have been taken over for good. */
  readonly #accepted: AcceptedConnections;
  #isDraining = false;
  #cancelSweep = (): void => {};

  private constructor(server: Server, options: TrackerHttpServerOptions) {
    this.#server = server;
    this.#options = options;
    this.#port = {
      clock: options.clock,
      report: options.report,
      rateLimits: options.rateLimits,
      turns: new ConnectionTurns(CONNECTIONS_IN_TURN, options.report),
      counters: options.counters.http,
      get takesWebSockets() {
        return options.webSockets.isOn;
      },
      clientAddressBehind: (proxy, head) => options.clientAddresses.ofHead(proxy, head),
      answer: (...request) => this.#answer(...request),
      handOver: (...handedOver) => this.#handOver(...handedOver),
      upgrade: (...request) => this.#upgrade(...request),
    };
    this.#handleOwner = {
      port: this.#port,
      batch: new ResponseBatch(options.clock),
      onEnd: (connection) => this.#onEnd(connection),
      onSocket: (...taken) => this.#onSocket(...taken),
    };
    this.tls = options.tls;
    this.#handshakes = new ConnectionTurns(HANDSHAKES_IN_TURN, options.report);
    this.#closings = new ConnectionTurns(CLOSED_IN_TURN, options.report);
    const { maxConnections = DEFAULT_LIMITS.maxConnections, counters } = options;
    this.#accepted = new AcceptedConnections(maxConnections, { ...options, counters: counters.http });
    const { address, port } = server.address() as AddressInfo;
    this.address = { host: canonicalIp(address)!, port };
    const isTaken =
      options.plainSockets !== true && takeHandles(server, (handle) => this.#acceptHandle(handle));
    if (!isTaken) server.on('connection', (socket) => this.#acceptSocket(socket));
    server.on('error', (error) => options.report(error, 'accept connections of the tracker'));
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

  /** Connections at once from now on; those that are open stay. */
  set maxConnections(limit: number) {
    this.#accepted.max = limit;
  }

  /** Open connections, those of the web API on this port among them. */
  get connections(): number {
    return this.#clients.size;
  }

  /**
   * Takes no connection any more, answers what was asked on those there are, and ends them: all in
   * {@link DRAIN_TIMEOUT}.
   */
  async close(): Promise<void> {
    const { clock, webServer } = this.#options;
    const closed = closeServer(this.#server);
    this.#isDraining = true;
    for (const { connection } of this.#clients) connection.drain();
    const cancel = clock.setTimer(DRAIN_TIMEOUT, () => {
      for (const { connection } of this.#clients) connection.cut();
    });
    await closed;
    await this.#accepted.ended();
    cancel();
    this.#cancelSweep();
    webServer.off('request', this.#onWebRequest);
  }

  #acceptHandle(handle: TcpHandle): void {
    const client = this.#accepted.admit(
      clientAddressOf(remoteAddressOf(handle) ?? ''),
      this.#options.clock.now(),
    );
    if (client === undefined) handle.close();
    else if (this.#mayBeginOtherwise(client)) this.#begin(socketOf(handle), client);
    else {
      const connection = new HandleConnection(this.#handleOwner, handle, client);
      client.connection = connection;
      this.#clients.add(client);
      connection.start();
    }
  }

  #acceptSocket(socket: Socket): void {
    const { clientAddresses, clock } = this.#options;
    const client = this.#accepted.admit(clientAddresses.ofConnection(socket), clock.now());
    if (client === undefined) socket.destroy();
    else this.#begin(socket, client);
  }

  #onEnd({ client }: HandleConnection): void {
    this.#clients.delete(client);
    this.#accepted.release(client);
  }

  #onSocket({ client }: HandleConnection, socket: Socket, stopped: Stopped): void {
    this.#own(socket, client);
    const next = new HttpConnection(this.#port, client, socket, false);
    client.connection = next;
    next.takeUp(stopped);
    if (this.#isDraining) client.connection.drain();
  }

  /** From now on a socket is counted until it closes. */
  #own(socket: Socket, client: Client): void {
    socket.on('close', () => {
      this.#clients.delete(client);
      client.connection.end?.();
      this.#accepted.release(client);
    });
    socket.on('error', destroyThis);
  }

  #begin(socket: Socket, client: Client): void {
    this.#own(socket, client);
    this.#clients.add(client);
    if (this.#mayBeginOtherwise(client)) this.#await(socket, client);
    else this.#open(socket, client);
  }

  /** Whether something else than HTTP may come first. */
  #mayBeginOtherwise({ clientAddress }: Client): boolean {
    return this.tls !== undefined || this.#options.clientAddresses.isProxy(clientAddress);
  }

  /** Waits for what may come before HTTP. */
  #await(socket: Socket, client: Client): void {
    const { clientAddresses, clock } = this.#options;
    const deadline = clock.now() + HEAD_TIMEOUT;
    client.connection = { deadline, drain: () => socket.destroy(), cut: () => socket.destroy() };
    new Arrival(socket, {
      isFromProxy: clientAddresses.isProxy(client.clientAddress),
      tls: this.tls,
      onSource: (ip) => this.#accepted.name(client, clientAddresses.name(socket, ip), clock.now()),
      onPlain: () => this.#open(socket, client),
      mayShakeHands: () => this.#accepted.mayShakeHands(client, clock.now()),
      handshakes: this.#handshakes,
      onSecure: (secure) => {
        clientAddresses.replace(socket, secure);
        secure.on('close', () => socket.destroy());
        secure.on('error', destroyThis);
        this.#open(secure, client);
      },
    });
  }

  /** @param socket where HTTP is spoken */
  #open(socket: Socket, client: Client): void {
    const connection = new HttpConnection(
      this.#port,
      client,
      socket,
      this.#options.clientAddresses.isProxy(client.named),
    );
    client.connection = connection;
    this.#accepted.onSpoken(client);
    if (this.#isDraining) connection.drain();
    else if (socket.isPaused()) socket.resume();
  }

  /** @returns `undefined`: the web server answers that, in parts */
  #answer(
    head: TrackerRequest,
    clientAddress: ClientAddress,
    memory: ResponseMemory,
  ): MaybePromise<Uint8Array> | 'cut' | undefined {
    if (this.#options.fullScrape !== undefined && isFullScrape(head)) return undefined;
    return answerTrackerRequest(this.#options, head, clientAddress, memory);
  }

  #handOver(client: Client, socket: Socket, bytes: Buffer): void {
    const connection = new WebConnection(this.#port, socket, client.named, bytes);
    client.connection = connection;
    const { paced } = connection;
    this.#webConnections.set(paced, connection);
    this.#options.clientAddresses.replace(socket, paced);
    this.#options.webServer.emit('connection', paced);
    if (this.#isDraining) connection.drain();
  }

  /** Whoever takes the socket looks after it from then on, and closes it. */
  #upgrade(
    client: Client,
    socket: Socket,
    { passkey }: RequestHead,
    bytes: Buffer,
    clientAddress: ClientAddress,
  ): void {
    const { webSockets, clock } = this.#options;
    const end = bytes.indexOf('\r\n\r\n');
    const handshake = { passkey, headers: readHandshakeHeaders(bytes.toString('latin1', 0, end)) };
    client.connection = {
      deadline: clock.now() + HEAD_TIMEOUT,
      drain: () => socket.destroySoon(),
      cut: () => socket.destroy(),
    };
    socket.pause();
    const isTaken = webSockets.upgrade(socket, handshake, clientAddress, bytes.subarray(end + 4));
    if (isTaken) {
      this.#clients.delete(client);
      client.connection.deadline = Number.POSITIVE_INFINITY;
    }
    socket.resume();
  }

  readonly #onWebRequest = (request: IncomingMessage, response: ServerResponse): void => {
    this.#webConnections.get(request.socket)?.begin(request, response);
  };

  #sweep(): void {
    const { clock, counters, report } = this.#options;
    const now = clock.now();
    for (const client of this.#clients) {
      client.connection.check?.(now);
      if (now < client.connection.deadline) continue;
      this.#closings.later(() => {
        if (!this.#clients.has(client) || clock.now() < client.connection.deadline) return;
        counters.http.timedOut += 1;
        client.connection.cut();
      });
    }
    this.#cancelSweep = clock.setTimer(SWEEP_INTERVAL, () =>
      handleOrReport(() => this.#sweep(), 'end connections that have run out of time', report),
    );
  }
}

/** Clients break connections off: that is no error of the tracker's, and `close` follows. */
function destroyThis(this: Socket): void {
  this.destroy();
}
