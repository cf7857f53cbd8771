import type { Socket } from 'node:net';
import { type SecureContext, TLSSocket } from 'node:tls';
import { ProxyHeaderError, readProxyHeader } from '../client-address/index.ts';
import type { ConnectionTurns } from './connection-turns.ts';

/** How a port speaks TLS. */
export interface PortTls {
  /** For the connections to come. */
  readonly context: SecureContext;
  /** Whether connections without it are refused. */
  readonly isRequired: boolean;
}

export interface ArrivalOptions {
  /** Whether the connection comes from a proxy, which may say first for whom it is. */
  readonly isFromProxy: boolean;
  /** Absent: none is spoken. */
  readonly tls: PortTls | undefined;
  /** Whether the client may have a handshake of TLS made, which costs much; else the connection is ended. */
  mayShakeHands(): boolean;
  /** Where handshakes wait for their turn. */
  readonly handshakes: ConnectionTurns;
  /** Told for whom a proxy has opened the connection, 4 or 16 bytes. @returns whether it is taken */
  onSource(ip: Uint8Array): boolean;
  /** HTTP is spoken on the connection itself, which is paused until then. */
  onPlain(): void;
  /** HTTP is spoken within TLS. */
  onSecure(socket: Socket): void;
}

/**
 * The start of a connection, as far as it is not HTTP: the header of a proxy, and then the handshake of TLS. The first
 * bytes tell whether either of them is there, so that one port serves all clients.
 */
export class Arrival {
  readonly #socket: Socket;
  readonly #options: ArrivalOptions;
  #isFromProxy: boolean;
  #received: Buffer = Buffer.alloc(0);
  readonly #onData = (chunk: Buffer): void => this.#push(chunk);

  constructor(socket: Socket, options: ArrivalOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#isFromProxy = options.isFromProxy;
    socket.on('data', this.#onData);
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

  /** @returns whether the connection goes on, with what stands after the header */
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
    // Clients break handshakes off, or speak a version that is too old: `close` follows.
    socket.on('error', () => socket.destroy());
    socket.once('secure', () => this.#options.onSecure(socket));
  }

  /** Puts back what was received and is not read yet. */
  #release(): void {
    this.#socket.off('data', this.#onData);
    // Paused by hand, so that it waits for the next listener, who resumes.
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
