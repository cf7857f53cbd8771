import { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { WebSocketServer } from 'ws';
import { encodeWsFailure, MAX_WS_MESSAGE_BYTES } from '../../../tracker-protocol/index.ts';
import {
  type Clock,
  handleOrReport,
  inBackground,
  oneAtATime,
  type ReportError,
  repeat,
  toError,
} from '../../../util/index.ts';
import type { ClientAddress } from '../../core/index.ts';
import {
  type AddressLimits,
  type ConnectionBuffers,
  FairTable,
  type Sitter,
  tooManyRequests,
} from '../../guard/rate-limit/index.ts';
import type { WebTorrentStats } from '../../metrics/index.ts';
import { DEFAULT_LIMITS } from '../../settings.ts';
import { ConnectionTurns, type WebSocketHandshake, type WebSocketUpgrade } from '../http/index.ts';
import { Outbox } from './outbox.ts';
import { WsConnection, type WsConnectionOwner } from './ws-connection.ts';
import { WsRequests, type WsRequestsOptions } from './ws-requests.ts';

/** Frames of one message. Most programs send it in one. */
export const MAX_WS_FRAGMENTS = 64;
/** Parts in which a frame may arrive. Each part has its own memory until the frame is whole. */
export const MAX_WS_CHUNKS = 256;

/** Bytes of a message that count as one request: a message with many offers takes as long as several requests. */
export const WS_BYTES_PER_REQUEST = 8 * 1024;

/** Messages of all connections that are read in one turn of the event loop. Each may take half a millisecond. */
export const MAX_WS_MESSAGES_IN_TURN = 16;

/** Milliseconds between looks for silent connections. */
const SWEEP_INTERVAL = 1000;
/** Seconds between looks for peers that have not announced themselves for too long, or are not allowed any more. */
const EXPIRY_INTERVAL = 30;
/** Connections that are checked in one step, which takes some milliseconds if all are pinged or closed. */
const CONNECTIONS_IN_A_STEP = 100;
/** Peers that are checked or removed in one step, which takes a millisecond. */
const PEERS_IN_A_STEP = 1000;
/** Milliseconds in which a peer has to answer a close frame. */
const CLOSE_TIMEOUT = 1000;

/** The rules for WebTorrent peers that can change while the tracker runs. */
export interface WsPolicy {
  /** The most connections at once; default: the one of {@link DEFAULT_LIMITS}. With 0 there are no WebSockets. */
  readonly maxWsConnections?: number;
  /** Milliseconds after which a connected peer is forgotten that has not announced itself again. */
  readonly peerTtl: number;
}

export interface TrackerWsServerOptions extends WsRequestsOptions {
  readonly rateLimits: AddressLimits;
  readonly clock: Clock;
  readonly report: ReportError;
  readonly wsPolicy: WsPolicy;
}

/**
 * The tracker's front end for WebTorrent peers. It shares the port of HTTP and does not listen itself.
 *
 * @see RFC 6455
 */
export class TrackerWsServer implements WebSocketUpgrade, WsConnectionOwner {
  readonly outbox = new Outbox();
  readonly held: ConnectionBuffers;
  readonly turns: ConnectionTurns;
  readonly #options: TrackerWsServerOptions;
  readonly #requests: WsRequests;
  readonly #connections = new Set<WsConnection>();
  readonly #seats: FairTable<Sitter>;
  /** The closed connections whose peers are not all removed yet. */
  readonly #leaving: WsConnection[] = [];
  readonly #webSockets: WebSocketServer;
  readonly #cancelSweep: () => void;
  readonly #checkAll = oneAtATime(() => this.#checkInSteps());
  #policy: WsPolicy;
  #expireAt: number;
  /** The version of the access rules by which the peers were last checked. */
  #rulesVersion: number | undefined;
  #cut = 0;
  #onAllClosed = (): void => {};

  constructor(options: TrackerWsServerOptions) {
    this.#options = options;
    this.held = options.rateLimits.held;
    this.turns = new ConnectionTurns(MAX_WS_MESSAGES_IN_TURN, options.report);
    this.#policy = options.wsPolicy;
    this.#seats = new FairTable(this.#maxConnections);
    this.#requests = new WsRequests(options);
    this.#webSockets = new WebSocketServer(WEB_SOCKETS);
    this.#expireAt = this.second() + EXPIRY_INTERVAL;
    this.#rulesVersion = options.logic.accessVersion;
    this.#cancelSweep = repeat(options.clock, SWEEP_INTERVAL, () =>
      handleOrReport(() => this.#sweep(), 'look after connections of WebTorrent peers', options.report),
    );
  }

  get isOn(): boolean {
    return this.#maxConnections > 0;
  }

  /** Replaces the policy. Open connections stay open. */
  configure(policy: WsPolicy): void {
    this.#policy = policy;
    this.#seats.max = this.#maxConnections;
  }

  upgrade(
    socket: Socket,
    { passkey, headers }: WebSocketHandshake,
    clientAddress: ClientAddress,
    rest: Buffer,
  ): boolean {
    const newcomer = new Newcomer(socket);
    if (this.#seats.size >= this.#maxConnections) this.#options.counters.refusals.ws_connections += 1;
    const seat = this.#seats.add(newcomer, clientAddress.ip);
    if (seat === undefined) {
      socket.end(
        'HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 60\r\nContent-Length: 0\r\n\r\n',
      );
      return false;
    }
    const request = new IncomingMessage(socket);
    request.method = 'GET';
    request.headers = headers;
    let isUpgraded = false;
    this.#webSockets.handleUpgrade(request, socket, rest, (webSocket) => {
      const connection = new WsConnection(webSocket, socket, clientAddress, passkey, this);
      connection.seat = seat;
      newcomer.connection = connection;
      this.#connections.add(connection);
      this.#options.counters.ws.connects += 1;
      isUpgraded = true;
    });
    if (!isUpgraded) this.#seats.remove(seat);
    return isUpgraded;
  }

  /** The number of open connections. */
  get connections(): number {
    return this.#connections.size;
  }

  stats(): WebTorrentStats {
    const { swarms, offers, answers, answersDropped } = this.#requests;
    return {
      connections: this.#connections.size,
      swarms: swarms.size,
      peers: swarms.peers,
      offers,
      answers,
      answersDropped,
      cut: this.#cut,
    };
  }

  /** Sends a close frame to every peer, and waits until all have answered or {@link CLOSE_TIMEOUT} has passed. */
  async close(): Promise<void> {
    this.#cancelSweep();
    this.#webSockets.close();
    const closed = new Promise<void>((resolve) => {
      this.#onAllClosed = resolve;
    });
    for (const connection of this.#connections) connection.close();
    if (this.#connections.size > 0) await closed;
  }

  second(): number {
    return Math.floor(this.#options.clock.now() / 1000);
  }

  onMessage(connection: WsConnection, message: string): void {
    const { rateLimits, logic, clock } = this.#options;
    const counters = this.#options.counters.ws;
    const price = Math.ceil(message.length / WS_BYTES_PER_REQUEST);
    if (!rateLimits.requests.admits(connection.clientAddress.ip, price, clock.now())) {
      counters.refused += 1;
      // A client that goes on after refusals gets no more responses.
      if (!rateLimits.unpriced.admits(connection.clientAddress.ip, 1, clock.now())) {
        connection.refuseMore();
        return;
      }
      connection.send(encodeWsFailure('announce', tooManyRequests(logic.interval), undefined));
      return;
    }
    const started = counters.latency.start();
    try {
      this.#requests.take(message, connection, this.second());
      counters.latency.end(started);
    } catch (thrown) {
      counters.failed += 1;
      this.#options.report(toError(thrown), 'answer a WebTorrent peer');
    }
  }

  onCut(): void {
    this.#cut += 1;
  }

  onClose(connection: WsConnection): void {
    this.#connections.delete(connection);
    if (connection.seat !== undefined) this.#seats.remove(connection.seat);
    if (this.#leaving.push(connection) === 1) this.#letLeave();
    if (this.#connections.size === 0) this.#onAllClosed();
  }

  get #maxConnections(): number {
    return this.#policy.maxWsConnections ?? DEFAULT_LIMITS.maxWsConnections;
  }

  /** Removes the peers of closed connections in steps: many connections with many peers may close at the same time. */
  readonly #letLeave = (): void => {
    for (let left = PEERS_IN_A_STEP; this.#leaving.length > 0; this.#leaving.shift()) {
      const connection = this.#leaving[0]!;
      left -= this.#requests.swarms.leaveAll(connection, left);
      if (left > 0) continue;
      setImmediate(this.#letLeave);
      return;
    }
  };

  #sweep(): void {
    const second = this.second();
    const isExpiring = second >= this.#expireAt;
    if (isExpiring) this.#expireAt = second + EXPIRY_INTERVAL;
    const { logic, report } = this.#options;
    if (isExpiring || logic.accessVersion !== this.#rulesVersion) {
      this.#rulesVersion = logic.accessVersion;
      inBackground(this.#dropPeers(), 'look after who may be in which swarm over WebSocket', report);
    }
    inBackground(this.#checkAll(), 'look after connections of WebTorrent peers', report);
  }

  async #checkInSteps(): Promise<void> {
    let looked = 0;
    for (const connection of this.#connections) {
      connection.check(this.second());
      looked += 1;
      if (looked % CONNECTIONS_IN_A_STEP === 0) await nextTurn();
    }
  }

  /** Removes the peers that were silent for too long, or that the access rules do not allow any more. */
  async #dropPeers(): Promise<void> {
    const oldest = this.second() - this.#policy.peerTtl / 1000;
    let looked = 0;
    for (const connection of this.#connections) {
      looked += Math.max(PEERS_IN_A_STEP / CONNECTIONS_IN_A_STEP, connection.peers.length);
      this.#requests.swarms.keepOnly(connection, ({ seenAt }) => seenAt >= oldest);
      this.#requests.dropRefused(connection);
      if (looked < PEERS_IN_A_STEP) continue;
      looked = 0;
      await nextTurn();
    }
  }
}

/** A client that asks for a WebSocket, until the WebSocket is made. */
class Newcomer implements Sitter {
  connection: WsConnection | undefined;
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  get rank(): number {
    return this.connection?.rank ?? Number.POSITIVE_INFINITY;
  }

  giveWay(): void {
    if (this.connection === undefined) this.#socket.destroy();
    else this.connection.giveWay();
  }
}

const WEB_SOCKETS = {
  noServer: true,
  clientTracking: false,
  perMessageDeflate: false,
  maxPayload: MAX_WS_MESSAGE_BYTES,
  maxFragments: MAX_WS_FRAGMENTS,
  maxBufferedChunks: MAX_WS_CHUNKS,
  closeTimeout: CLOSE_TIMEOUT,
  // Only one message of a connection is read in a turn of the event loop.
  allowSynchronousEvents: false,
};
