import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { ClientAddress } from '../../core/index.ts';
import type { Client } from './accepted-connections.ts';
import type { Progress } from './answer-requests.ts';
import { ArrivalStage } from './arrival-stage.ts';
import { HEAD_TIMEOUT, type HttpConnection } from './http-connection.ts';
import type { HttpPort } from './http-port.ts';
import type { RequestHead } from './request-head.ts';
import type { SocketStage } from './socket-stage.ts';
import { type PendingWrite, TrackerStage } from './tracker-stage.ts';
import { readHandshakeHeaders } from './web-socket-handshake.ts';
import { WebStage } from './web-stage.ts';

/**
 * The connection of a client on a socket of Node's. It begins with what may come before HTTP, answers tracker requests
 * until another kind of request arrives, and then gives the socket to the web server or makes a WebSocket of it.
 */
export class SocketConnection implements HttpConnection {
  readonly #port: HttpPort;
  readonly #client: Client;
  readonly #socket: Socket;
  #stage: SocketStage;

  /** @param socket counts as a connection of the client until it closes */
  constructor(port: HttpPort, client: Client, socket: Socket) {
    this.#port = port;
    this.#client = client;
    this.#socket = socket;
    this.#stage = { deadline: Number.POSITIVE_INFINITY, drain: () => {}, cut: () => socket.destroy() };
    client.connection = this;
    socket.on('close', () => {
      this.#stage.end?.();
      port.connections.release(client);
    });
    socket.on('error', destroyThis);
  }

  get deadline(): number {
    return this.#stage.deadline;
  }

  get isBusy(): boolean {
    return this.#stage.isBusy === true;
  }

  check(now: number): void {
    this.#stage.check?.(now);
  }

  drain(): void {
    this.#stage.drain();
  }

  cut(): void {
    this.#stage.cut();
  }

  /** Starts with a client of which nothing was read yet. */
  begin(): void {
    if (this.#port.mayPrecedeHttp(this.#client.clientAddress)) this.#awaitHttp();
    else this.#readRequests(this.#socket);
  }

  /**
   * Goes on where another kind of connection has stopped.
   *
   * @param progress with the requests that were read; their responses are written already
   * @param rest what was read behind these requests
   * @param pending what of the responses the kernel has not taken yet; `undefined`: nothing
   */
  goOn(progress: Progress, rest: Buffer, pending: PendingWrite | undefined): void {
    const stage = this.#trackerStage(this.#socket, false);
    this.#stage = stage;
    stage.goOn(progress, rest, pending);
    if (this.#port.isDraining) this.drain();
  }

  /** Waits for the header of a proxy and a TLS handshake, or for the first bytes of HTTP. */
  #awaitHttp(): void {
    const { clock, clientAddresses, connections, tls, handshakes } = this.#port;
    const [client, socket] = [this.#client, this.#socket];
    this.#stage = new ArrivalStage(socket, clock.now() + HEAD_TIMEOUT, {
      isFromProxy: clientAddresses.isProxy(client.clientAddress),
      tls,
      onSource: (ip) => connections.name(client, clientAddresses.name(socket, ip), clock.now()),
      onPlain: () => this.#readRequests(socket),
      mayShakeHands: () => connections.mayShakeHands(client, clock.now()),
      handshakes,
      onSecure: (secure) => this.#readSecureRequests(secure),
    });
  }

  #readSecureRequests(secure: TLSSocket): void {
    this.#port.clientAddresses.replace(this.#socket, secure);
    secure.on('close', () => this.#socket.destroy());
    secure.on('error', destroyThis);
    this.#readRequests(secure);
  }

  /** @param socket on which HTTP is spoken: the connection's, or the one of TLS on top of it */
  #readRequests(socket: Socket): void {
    const { clientAddresses, connections, isDraining } = this.#port;
    this.#stage = this.#trackerStage(socket, clientAddresses.isProxy(this.#client.named));
    connections.onSpoken(this.#client);
    if (isDraining) this.drain();
    else if (socket.isPaused()) socket.resume();
  }

  #trackerStage(socket: Socket, isFromProxy: boolean): TrackerStage {
    return new TrackerStage(this.#port, socket, {
      clientAddress: this.#client.named,
      isFromProxy,
      onOther: (rest) => this.#serveWeb(socket, rest),
      onUpgrade: (head, clientAddress, rest) => this.#upgrade(socket, head, clientAddress, rest),
    });
  }

  /** Gives the web server a request that is not for the tracker, and all that follow. */
  #serveWeb(socket: Socket, bytes: Buffer): void {
    const { clientAddresses, isDraining } = this.#port;
    const stage = new WebStage(this.#port, socket, this.#client.named, bytes);
    this.#stage = stage;
    clientAddresses.replace(socket, stage.paced);
    this.#port.serveWeb(stage);
    if (isDraining) stage.drain();
  }

  /** Answers a request for a WebSocket. If it is granted, the front end for WebSockets looks after the socket from then on. */
  #upgrade(socket: Socket, { passkey }: RequestHead, clientAddress: ClientAddress, bytes: Buffer): void {
    const { webSockets, clock, connections } = this.#port;
    const end = bytes.indexOf('\r\n\r\n');
    const handshake = { passkey, headers: readHandshakeHeaders(bytes.toString('latin1', 0, end)) };
    const stage = {
      deadline: clock.now() + HEAD_TIMEOUT,
      drain: () => socket.destroySoon(),
      cut: () => socket.destroy(),
    };
    this.#stage = stage;
    socket.pause();
    if (webSockets.upgrade(socket, handshake, clientAddress, bytes.subarray(end + 4))) {
      connections.leave(this.#client);
      stage.deadline = Number.POSITIVE_INFINITY;
    }
    socket.resume();
  }
}

/** Destroys a socket that its client has broken off. That is no error of the tracker's, and `close` follows. */
function destroyThis(this: Socket): void {
  this.destroy();
}
