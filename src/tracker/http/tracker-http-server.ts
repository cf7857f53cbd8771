import type { IncomingMessage, ServerResponse, Server as WebServer } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { AnswerMemory } from '../../tracker-protocol/index.ts';
import { type Address, canonicalIp, handleOrReport } from '../../util/index.ts';
import { type Sender, senderAt } from '../announce.ts';
import { DRAIN_TIMEOUT } from '../drain.ts';
import type { MaybePromise } from '../maybe-promise.ts';
import type { Senders } from '../senders/index.ts';
import { AcceptedConnections } from './accepted-connections.ts';
import { AnswerBatch } from './answer-batch.ts';
import type { HttpPort } from './answer-requests.ts';
import { Arrival, type PortTls } from './arrival.ts';
import { HandleConnection, type HandleConnectionOwner, type Stopped } from './handle-connection.ts';
import { HttpConnection } from './http-connection.ts';
import { closeServer, listen } from './listen.ts';
import { HEAD_TIMEOUT, type OpenConnection } from './open-connection.ts';
import type { RequestHead } from './request-head.ts';
import { remoteAddressOf, socketOf, type TcpHandle, takeHandles } from './tcp-handle.ts';
import {
  answerTrackerRequest,
  isFullScrape,
  type TrackerAnswerOptions,
  type TrackerRequest,
} from './tracker-answers.ts';
import { WebConnection } from './web-connection.ts';
import { readHandshakeHeaders, type WebSocketUpgrade } from './web-socket-handshake.ts';

/** Clients connected at once to a port; others are turned away. */
export const MAX_HTTP_CONNECTIONS = 20_000;

/** Milliseconds between looks at who has run out of time. */
const SWEEP_INTERVAL = 1000;

export interface TrackerHttpServerOptions extends TrackerAnswerOptions {
  readonly senders: Senders;
  /** Absent: the port does not speak it. */
  readonly tls?: PortTls | undefined;
  /** Is given the connections of requests that are not for the tracker; it need not listen itself. */
  readonly webServer: WebServer;
  readonly webSockets: WebSocketUpgrade;
  /** {@link MAX_HTTP_CONNECTIONS} unless given. */
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
  /** Every open connection; it stays when its socket was handed over, for its deadline. */
  readonly #connections = new Map<Socket | HandleConnection, OpenConnection>();
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
      counters: options.counters.http,
      get takesWebSockets() {
        return options.webSockets.isOn;
      },
      senderBehind: (proxy, head) => options.senders.ofHead(proxy, head),
      answer: (...request) => this.#answer(...request),
      handOver: (socket, bytes) => this.#handOver(socket, bytes),
      upgrade: (...request) => this.#upgrade(...request),
    };
    this.#handleOwner = {
      port: this.#port,
      batch: new AnswerBatch(options.clock),
      onEnd: (connection) => this.#onEnd(connection),
      onSocket: (...taken) => this.#onSocket(...taken),
    };
    this.tls = options.tls;
    const { maxConnections = MAX_HTTP_CONNECTIONS, abuse, counters } = options;
    this.#accepted = new AcceptedConnections(maxConnections, abuse, counters.http);
    const { address, port } = server.address() as AddressInfo;
    this.address = { host: canonicalIp(address)!, port };
    const isTaken =
      options.plainSockets !== true && takeHandles(server, (handle) => this.#acceptHandle(handle));
    if (!isTaken) server.on('connection', (socket) => this.#acceptSocket(socket));
    server.on('error', (error) => options.report(error, 'accept connections of the tracker'));
    options.webServer.on('request', this.#onWebRequest);
    this.#sweep();
  }

  /** @throws {TrackerError} PORT_IN_USE, CANNOT_LISTEN */
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
    return this.#connections.size;
  }

  /**
   * Takes no connection any more, answers what was asked on those there are, and ends them: all in
   * {@link DRAIN_TIMEOUT}.
   */
  async close(): Promise<void> {
    const { clock, webServer } = this.#options;
    const closed = closeServer(this.#server);
    this.#isDraining = true;
    for (const connection of this.#connections.values()) connection.drain();
    const cancel = clock.setTimer(DRAIN_TIMEOUT, () => {
      for (const connection of this.#connections.values()) connection.cut();
    });
    await closed;
    await this.#accepted.ended();
    cancel();
    this.#cancelSweep();
    webServer.off('request', this.#onWebRequest);
  }

  #acceptHandle(handle: TcpHandle): void {
    const sender = this.#accepted.admit(senderAt(remoteAddressOf(handle) ?? ''));
    if (sender === undefined) handle.close();
    else if (this.#mayBeginOtherwise(sender)) this.#begin(socketOf(handle), sender);
    else {
      const connection = new HandleConnection(this.#handleOwner, handle, sender);
      this.#connections.set(connection, connection);
      connection.start();
    }
  }

  #acceptSocket(socket: Socket): void {
    const sender = this.#accepted.admit(this.#options.senders.ofConnection(socket));
    if (sender === undefined) socket.destroy();
    else this.#begin(socket, sender);
  }

  #onEnd(connection: HandleConnection): void {
    this.#connections.delete(connection);
    this.#accepted.release(connection.peer);
  }

  #onSocket(connection: HandleConnection, socket: Socket, stopped: Stopped): void {
    this.#connections.delete(connection);
    this.#own(socket, connection.peer);
    const next = new HttpConnection(this.#port, socket, connection.peer, false);
    this.#connections.set(socket, next);
    next.takeUp(stopped);
    if (this.#isDraining) this.#connections.get(socket)?.drain();
  }

  /** From now on a socket is counted until it closes. */
  #own(socket: Socket, sender: Sender): void {
    socket.on('close', () => {
      this.#connections.delete(socket);
      this.#accepted.release(sender);
    });
    socket.on('error', destroyThis);
  }

  #begin(socket: Socket, sender: Sender): void {
    this.#own(socket, sender);
    if (this.#mayBeginOtherwise(sender)) this.#await(socket, sender);
    else this.#open(socket, sender, false);
  }

  /** Whether something else than HTTP may come first. */
  #mayBeginOtherwise(sender: Sender): boolean {
    return this.tls !== undefined || this.#options.senders.isProxy(sender);
  }

  /** Waits for what may come before HTTP. */
  #await(socket: Socket, sender: Sender): void {
    const { abuse, senders, clock } = this.#options;
    let named = sender;
    const deadline = clock.now() + HEAD_TIMEOUT;
    this.#connections.set(socket, { deadline, drain: () => socket.destroy(), cut: () => socket.destroy() });
    new Arrival(socket, {
      isFromProxy: senders.isProxy(sender),
      tls: this.tls,
      onSource: (ip) => {
        const isAdmitted = abuse.connections.admit(ip);
        if (isAdmitted) socket.on('close', () => abuse.connections.release(ip));
        named = senders.name(socket, ip);
        return isAdmitted;
      },
      onPlain: () => this.#open(socket, named, senders.isProxy(named)),
      onSecure: (secure) => {
        this.#connections.delete(socket);
        senders.replace(socket, secure);
        secure.on('close', () => {
          this.#connections.delete(secure);
          socket.destroy();
        });
        secure.on('error', destroyThis);
        this.#open(secure, named, senders.isProxy(named));
      },
    });
  }

  /**
   * @param socket where HTTP is spoken
   * @param sender at the other end of the connection
   * @param isProxy whether it asks for others
   */
  #open(socket: Socket, sender: Sender, isProxy: boolean): void {
    const connection = new HttpConnection(this.#port, socket, sender, isProxy);
    this.#connections.set(socket, connection);
    if (this.#isDraining) connection.drain();
    else if (socket.isPaused()) socket.resume();
  }

  /** @returns `undefined`: the web server answers that, in parts */
  #answer(head: TrackerRequest, sender: Sender, memory: AnswerMemory): MaybePromise<Uint8Array> | undefined {
    if (this.#options.fullScrape !== undefined && isFullScrape(head)) return undefined;
    return answerTrackerRequest(this.#options, head, sender, memory);
  }

  #handOver(socket: Socket, bytes: Buffer): void {
    // Paused, so that what is put back is not emitted before the web server listens; its listeners do not resume a
    // socket that was paused by hand.
    socket.pause();
    socket.unshift(bytes);
    this.#connections.set(socket, new WebConnection(socket, this.#options.clock));
    this.#options.webServer.emit('connection', socket);
    socket.resume();
  }

  /** Whoever takes the socket looks after it from then on, and closes it. */
  #upgrade(socket: Socket, { passkey }: RequestHead, bytes: Buffer, sender: Sender): void {
    const { webSockets, clock } = this.#options;
    const end = bytes.indexOf('\r\n\r\n');
    const handshake = { passkey, headers: readHandshakeHeaders(bytes.toString('latin1', 0, end)) };
    const deadline = clock.now() + HEAD_TIMEOUT;
    this.#connections.set(socket, {
      deadline,
      drain: () => socket.destroySoon(),
      cut: () => socket.destroy(),
    });
    socket.pause();
    const isTaken = webSockets.upgrade(socket, handshake, sender, bytes.subarray(end + 4));
    if (isTaken) this.#connections.delete(socket);
    socket.resume();
  }

  readonly #onWebRequest = (request: IncomingMessage, response: ServerResponse): void => {
    const connection = this.#connections.get(request.socket);
    if (connection instanceof WebConnection) connection.begin(response);
  };

  #sweep(): void {
    const { clock, counters, report } = this.#options;
    const now = clock.now();
    for (const connection of this.#connections.values()) {
      if (now < connection.deadline) continue;
      counters.http.timedOut += 1;
      connection.cut();
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
