import type { Socket } from 'node:net';
import type { RawData, WebSocket } from 'ws';
import { clientKey, networkKey } from '../../../util/index.ts';
import type { ClientAddress } from '../../core/index.ts';
import {
  type BufferedConnection,
  ConnectionBuffer,
  type ConnectionBuffers,
  type Seat,
  type Sitter,
} from '../../guard/rate-limit/index.ts';
import type { ConnectionTurns } from '../http/index.ts';
import type { Outbox } from './outbox.ts';
import { textFrame } from './text-frame.ts';
import type { WsClient } from './ws-requests.ts';
import type { WsPeer } from './ws-swarm.ts';

/** Bytes that may wait for a peer to read them. With more, its connection is closed. */
export const MAX_WS_UNSENT_BYTES = 1024 * 1024;
/** Messages, pings and pongs of one connection a second, on average. With more, it is closed. */
export const MAX_WS_MESSAGES_PER_SECOND = 100;
/** Messages that may come at once: a program announces all its swarms when it connects, and answers the offers for them. */
export const MAX_WS_MESSAGE_BURST = 2000;
/** Seconds of silence after which a peer is pinged. */
export const WS_PING_AFTER = 30;
/** Seconds of silence after which a peer is gone. A message counts when it is whole. */
export const WS_TIMEOUT = 60;

/** The owner of the connections of WebTorrent peers. */
export interface WsConnectionOwner {
  readonly outbox: Outbox;
  /** Adds up the bytes that connections hold. */
  readonly held: ConnectionBuffers;
  /** Gives messages their turns. */
  readonly turns: ConnectionTurns;
  /** Tells the time of the port's clock in whole seconds. */
  second(): number;
  onMessage(connection: WsConnection, message: string): void;
  /** Is called when a connection is closed because of what its peer does or fails to do. */
  onCut(): void;
  /** Is called once, after the last message. */
  onClose(connection: WsConnection): void;
}

const NO_PEERS: readonly WsPeer[] = [];

/** Close codes of RFC 6455, section 7.4.1. */
const GOING_AWAY = 1001;
const POLICY_VIOLATION = 1008;

/** The connection of each WebSocket, so that all WebSockets share the same listeners. */
const connections = new WeakMap<WebSocket, WsConnection>();

function onMessage(this: WebSocket, data: RawData): void {
  connections.get(this)!.onMessage(data);
}

function onControlFrame(this: WebSocket): void {
  connections.get(this)!.onControlFrame();
}

function onClose(this: WebSocket): void {
  connections.get(this)!.onClose();
}

/** Counts a peer that broke the protocol or a limit of `ws`, which sends it a close frame; `close` follows. */
function onError(this: WebSocket, error: Error & { readonly code?: string }): void {
  if (error.code?.startsWith('WS_ERR_')) connections.get(this)!.onViolation();
}

/** A connection by which a program is a peer of some swarms. It has no timer: its owner calls `check()`. */
export class WsConnection implements WsClient, BufferedConnection, Sitter {
  readonly clientAddress: ClientAddress;
  readonly clientKey: number | string;
  readonly network: number | string;
  readonly passkey: string | undefined;
  /** The seat among all WebSockets; the connection has it as long as it is open. */
  seat: Seat<Sitter> | undefined;
  peers: readonly WsPeer[] = NO_PEERS;
  readonly #webSocket: WebSocket;
  readonly #socket: Socket;
  readonly #owner: WsConnectionOwner;
  readonly #holding: ConnectionBuffer;
  /** The number of bytes that had arrived when the last message was read. */
  #bytesOfMessages: number;
  /** The number of messages that wait for their turn. */
  #waiting = 0;
  #heardAt: number;
  #isPinged = false;
  #allowance = MAX_WS_MESSAGE_BURST;
  #countedAt: number;

  constructor(
    webSocket: WebSocket,
    socket: Socket,
    clientAddress: ClientAddress,
    passkey: string | undefined,
    owner: WsConnectionOwner,
  ) {
    this.clientAddress = clientAddress;
    this.clientKey = clientKey(clientAddress.ip);
    this.network = networkKey(clientAddress.ip);
    this.#holding = new ConnectionBuffer(owner.held, clientAddress.ip, this);
    this.#bytesOfMessages = socket.bytesRead;
    this.passkey = passkey;
    this.#webSocket = webSocket;
    this.#socket = socket;
    this.#owner = owner;
    this.#heardAt = owner.second();
    this.#countedAt = this.#heardAt;
    connections.set(webSocket, this);
    webSocket.on('message', onMessage);
    webSocket.on('ping', onControlFrame);
    webSocket.on('pong', onControlFrame);
    webSocket.on('close', onClose);
    webSocket.on('error', onError);
  }

  get host(): string {
    return this.clientAddress.host;
  }

  /** The number of bytes in unsent messages, in messages that are not read yet, and in one that is not whole yet. */
  get heldBytes(): number {
    return this.#socket.writableLength + this.#socket.bytesRead - this.#bytesOfMessages;
  }

  /** Orders the connections that may give way: the one that was silent for longest goes first. */
  get rank(): number {
    return this.#heardAt;
  }

  giveWay(): void {
    this.#webSocket.terminate();
  }

  send(message: string): void {
    if (this.#webSocket.readyState !== this.#webSocket.OPEN) return;
    this.#owner.outbox.send(this.#socket, textFrame(message));
    if (this.#socket.writableLength > MAX_WS_UNSENT_BYTES) this.cut();
    else this.#holding.update();
  }

  /** Pings the peer after {@link WS_PING_AFTER}, and closes the connection after {@link WS_TIMEOUT}. */
  check(second: number): void {
    this.#holding.update();
    const silence = second - this.#heardAt;
    if (silence >= WS_TIMEOUT) this.cut();
    else if (silence >= WS_PING_AFTER && !this.#isPinged) {
      this.#isPinged = true;
      this.#webSocket.ping();
    }
  }

  /** Sends a close frame. `ws` destroys the socket of a peer that does not answer it in time. */
  close(): void {
    this.#webSocket.close(GOING_AWAY);
  }

  /** Counts a ping, which `ws` answers, or a pong. */
  onControlFrame(): void {
    const second = this.#owner.second();
    this.#hear(second);
    if (!this.#mayAsk(second)) this.cut();
  }

  onViolation(): void {
    this.#owner.onCut();
  }

  onClose(): void {
    this.#holding.end();
    this.#owner.onClose(this);
  }

  onMessage(data: RawData): void {
    // The messages that came together with the one that was too many are dropped.
    if (this.#webSocket.readyState !== this.#webSocket.OPEN) return;
    const second = this.#owner.second();
    this.#hear(second);
    if (!this.#mayAsk(second)) {
      this.refuseMore();
      return;
    }
    const { bytesRead } = this.#socket;
    this.#waiting += 1;
    this.#owner.turns.soon(() => this.#take(data, bytesRead));
    // Nothing more is read than has come together with these messages.
    if (this.#waiting > 1) this.#webSocket.pause();
  }

  #take(data: RawData, bytesRead: number): void {
    this.#waiting -= 1;
    this.#bytesOfMessages = bytesRead;
    if (this.#webSocket.readyState !== this.#webSocket.OPEN) return;
    if (this.#webSocket.isPaused && this.#waiting === 0) this.#webSocket.resume();
    // The data is one buffer, since `binaryType` keeps its default. Binary frames are read as text: some programs send only these.
    this.#owner.onMessage(this, (data as Buffer).toString());
  }

  /** Closes the connection, since it or its address makes too many requests. */
  refuseMore(): void {
    this.#owner.onCut();
    this.#webSocket.close(POLICY_VIOLATION, 'Too many messages');
  }

  cut(): void {
    this.#owner.onCut();
    this.#webSocket.terminate();
  }

  #hear(second: number): void {
    this.#heardAt = second;
    this.#isPinged = false;
  }

  #mayAsk(second: number): boolean {
    const earned = (second - this.#countedAt) * MAX_WS_MESSAGES_PER_SECOND;
    this.#allowance = Math.min(MAX_WS_MESSAGE_BURST, this.#allowance + earned) - 1;
    this.#countedAt = second;
    return this.#allowance >= 0;
  }
}
