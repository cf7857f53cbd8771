import type { Server } from 'node:net';
import type { ResponseMemory } from '../../../tracker-protocol/index.ts';
import type { Clock, MaybePromise, ReportError } from '../../../util/index.ts';
import type { ClientAddress } from '../../core/index.ts';
import type { AddressLimits } from '../../guard/rate-limit/index.ts';
import type { TransportCounters } from '../../metrics/index.ts';
import type { ClientAddresses } from '../client-address/index.ts';
import type { AcceptedConnections } from './accepted-connections.ts';
import type { PortTls } from './arrival-stage.ts';
import type { ConnectionTurns } from './connection-turns.ts';
import type { TrackerRequestHead } from './request-head.ts';
import type { WebSocketUpgrade } from './web-socket-handshake.ts';
import type { WebStage } from './web-stage.ts';

/** The part of a port by which requests are answered, on connections of every kind. */
export interface RequestPort {
  readonly clock: Clock;
  readonly report: ReportError;
  readonly rateLimits: AddressLimits;
  readonly counters: TransportCounters;
  readonly clientAddresses: ClientAddresses;
  /** Takes the connections over that ask for a WebSocket. */
  readonly webSockets: WebSocketUpgrade;
  /**
   * Makes the body of the response to a tracker request, with room for a head in front of it. While a promise of it is
   * awaited, nothing more is read from the connection, and none of the requests behind it is answered.
   *
   * @param memory for a body that is made at once
   * @returns `undefined` when the request is not one for the tracker after all; `cut` when the client has made so many
   *   requests that it is not even refused, and the connection is to be closed
   */
  answer(
    head: TrackerRequestHead,
    clientAddress: ClientAddress,
    memory: ResponseMemory,
  ): MaybePromise<Uint8Array> | 'cut' | undefined;
}

/** The part of a port that its connections use: one object for all of them, since there are thousands a second. */
export interface HttpPort extends RequestPort {
  readonly connections: AcceptedConnections;
  /** Shares the event loop among connections that have more to do than others should wait for. */
  readonly turns: ConnectionTurns;
  /** Shares the event loop among TLS handshakes. */
  readonly handshakes: ConnectionTurns;
  /** Says how connections to come speak TLS; `undefined`: they do not. */
  readonly tls: PortTls | undefined;
  /** Whether the port is closing. */
  readonly isDraining: boolean;
  /** Tells whether a client may send something before HTTP: a TLS handshake, or the header of a proxy. */
  mayPrecedeHttp(clientAddress: ClientAddress): boolean;
  /** Gives a connection to the web server, since it has asked for something that is not the tracker's. */
  serveWeb(stage: WebStage): void;
}

/**
 * Takes the connections of a server, in place of the `connection` event that gives them as sockets.
 *
 * @returns whether it can take them on this machine; if not, the server goes on as it is
 */
export type TakeConnections = (server: Server, port: HttpPort) => boolean;
