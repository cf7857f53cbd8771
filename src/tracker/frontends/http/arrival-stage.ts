import type { Socket } from 'node:net';
import { type SecureContext, TLSSocket } from 'node:tls';
import { ProxyHeaderError, readProxyHeader } from '../client-address/index.ts';
import type { ConnectionTurns } from './connection-turns.ts';
import type { SocketStage } from './socket-stage.ts';

/** The TLS of a port. */
export interface PortTls {
  /** The certificate and key for connections to come. */
  readonly context: SecureContext;
  /** Whether connections without it are refused. */
  readonly isRequired: boolean;
}

export interface ArrivalOptions {
  /** Whether the connection comes from a proxy, which may say first for which client it is. */
  readonly isFromProxy: boolean;
  /** The TLS of the port; `undefined`: it speaks none. */
  readonly tls: PortTls | undefined;
  /** Says whether the client may have a TLS handshake made, which costs much; if not, the connection is closed. */
  mayShakeHands(): boolean;
  /** Gives handshakes their turns. */
  readonly handshakes: ConnectionTurns;
  /** Is told for which client a proxy has opened the connection, by 4 or 16 bytes. @returns whether it is accepted */
  onSource(ip: Uint8Array): boolean;
  /** Is called when HTTP is spoken on the connection itself, which is paused until then. */
  onPlain(): void;
  /** Is called when HTTP is spoken within TLS. */
  onSecure(socket: TLSSocket): void;
}

/**
 * Reads what comes before HTTP on a connection: the header of a proxy, and then a TLS handshake. The first bytes tell
 * whether either of them is there, so that one port serves all clients.
 */
export class ArrivalStage implements SocketStage {
  readonly deadline: number;
  readonly #socket: Socket;
  readonly #options: ArrivalOptions;
  #isFromProxy: boolean;
  #received: Buffer = Buffer.alloc(0);
  readonly #onData = (chunk: Buffer): void => this.#push(chunk);

  constructor(socket: Socket, deadline: number, options: ArrivalOptions) {
    this.deadline = deadline;
    this.#socket = socket;
    this.#options = options;
    this.#isFromProxy = options.isFromProxy;
    socket.on('data', this.#onData);
  }

  drain(): void {
    this.cut();
  }

  cut(): void {
    this.#socket.destroy();
  }

  #push(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    if (this.#isFromProxy && !this.#readProxyHeader()) return;
    const { tls } = this.#options;
    if (tls === undefined) this.#openPlain();
    else if (this.#received.length === 0) return;
    else if (this.#received[0] === TLS_HANDSHAKE) this.#awaitTurn(tls.context);
    else if (tls.isRequired) this.#refuse('This port speaks TLS: ask by https');
    else this.#openPlain();
  }

  /** Reads the header of a proxy, if there is one. @returns whether the connection goes on, with what stands behind it */
  #readProxyHeader(): boolean {
    try {
      const header = readProxyHeader(this.#received);
      if (header === 'more') return false;
      this.#isFromProxy = false;
      if (header === 'none') return true;
      if (header.source !== undefined && !this.#options.onSource(header.source)) {
        this.#socket.destroy();
        return false;
      }
      this.#received = this.#received.subarray(header.bytes);
      return true;
    } catch (thrown) {
      if (!(thrown instanceof ProxyHeaderError)) throw thrown;
      this.#refuse(thrown.message);
      return false;
    }
  }

  #openPlain(): void {
    this.#release();
    this.#options.onPlain();
  }

  #awaitTurn(context: SecureContext): void {
    this.#release();
    if (!this.#options.mayShakeHands()) this.#socket.destroy();
    else
      this.#options.handshakes.later(() => {
        if (!this.#socket.destroyed) this.#secure(context);
      });
  }

  #secure(secureContext: SecureContext): void {
    const socket = new TLSSocket(this.#socket, { isServer: true, secureContext });
    // A client breaks a handshake off, or speaks a version of TLS that is too old; `close` follows.
    socket.on('error', () => socket.destroy());
    socket.once('secure', () => this.#options.onSecure(socket));
  }

  /** Stops reading, and puts back what was received and is for the next stage. */
  #release(): void {
    this.#socket.off('data', this.#onData);
    // The next stage resumes the socket once it listens.
    this.#socket.pause();
    if (this.#received.length > 0) this.#socket.unshift(this.#received);
  }

  #refuse(reason: string): void {
    this.#socket.off('data', this.#onData);
    this.#socket.end(
      `HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nConnection: close\r\nContent-Length: ${reason.length}\r\n\r\n${reason}`,
    );
  }
}

/** The first byte of TLS, which begins no request of HTTP. */
const TLS_HANDSHAKE = 0x16;
