import type { IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import type { ClientAddress } from '../../core/index.ts';

/** A request for a WebSocket. */
export interface WebSocketHandshake {
  /** What stands before `/announce`. */
  readonly passkey: string | undefined;
  /** Those that matter to it. */
  readonly headers: IncomingHttpHeaders;
}

/** Who takes connections over that become WebSockets. */
export interface WebSocketUpgrade {
  /** Whether any are taken; else such requests are answered as if they asked for nothing of the kind. */
  readonly isOn: boolean;
  /**
   * Answers a handshake.
   *
   * @param rest what came after it
   * @returns whether it takes the socket; else it has told the client why not
   */
  upgrade(socket: Socket, handshake: WebSocketHandshake, clientAddress: ClientAddress, rest: Buffer): boolean;
}

/** @param head of a request that was found to be for a WebSocket, without the empty line at its end */
export function readHandshakeHeaders(head: string): IncomingHttpHeaders {
  const headers: IncomingHttpHeaders = {};
  for (const line of head.split('\r\n').slice(1)) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    // One that is there twice is no valid value any more.
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
