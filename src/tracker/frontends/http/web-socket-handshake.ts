import type { IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import type { ClientAddress } from '../../core/index.ts';

/** A request for a WebSocket. */
export interface WebSocketHandshake {
  /** The passkey in front of `/announce`. */
  readonly passkey: string | undefined;
  /** The headers of the handshake. */
  readonly headers: IncomingHttpHeaders;
}

/** The front end that takes over connections that become WebSockets. */
export interface WebSocketUpgrade {
  /** Whether WebSockets are taken; if not, the request is answered as one without the headers of a handshake. */
  readonly isOn: boolean;
  /**
   * Answers a handshake.
   *
   * @param rest bytes that arrived behind the handshake
   * @returns whether it takes the socket; if not, it has told the client why
   */
  upgrade(socket: Socket, handshake: WebSocketHandshake, clientAddress: ClientAddress, rest: Buffer): boolean;
}

/** Reads the headers of a handshake. @param head the head of the request, without the empty line at its end */
export function readHandshakeHeaders(head: string): IncomingHttpHeaders {
  const headers: IncomingHttpHeaders = {};
  for (const line of head.split('\r\n').slice(1)) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    // The values of a header that is there twice are joined, which makes them invalid.
    if (RELEVANT.has(name))
      headers[name] = [headers[name] ?? [], line.slice(colon + 1).trim()].flat().join(', ');
  }
  return headers;
}

const RELEVANT: ReadonlySet<string> = new Set([
  'upgrade',
  'sec-websocket-key',
  'sec-websocket-version',
  'sec-websocket-protocol',
]);
