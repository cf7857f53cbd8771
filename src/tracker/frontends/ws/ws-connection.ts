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

/** Bytes that may wait for a peer to read them; then its connection is ended. */
export const MAX_WS_UNSENT_BYTES = 1024 * 1024;
/** Messages, pings and pongs of one connection by the second, on average; then it is ended. */
export const MAX_WS_MESSAGES_PER_SECOND = 100;
/** Messages at once: a program announces all its swarms when it connects, and answers what it gets for them. */
export const MAX_WS_MESSAGE_BURST = 2000;
/** Seconds of silence after which a peer is asked whether it is there. */
export const WS_PING_AFTER = 30;
/** Seconds of silence after which it is not. A message counts when it is whole. */
export const WS_TIMEOUT = 60;

/** Whom connections of WebTorrent peers belong to. */
export interface WsConnectionOwner {
  readonly outbox: Outbox;
  /** Where what is kept for connections is added up. */
  readonly held: ConnectionBuffers;
  /** Where messages wait for their turn. */
  readonly turns: ConnectionTurns;
  /** Whole seconds. */
  second(): number;
  onMessage(connection: WsConnection, message: string): void;
  /** Is told of a connection that is ended because of what the peer does, or does not. */
  onCut(): void;
  /** Is called once, after whatever was the last message. */
  onClose(connection: WsConnection): void;
}

const NO_PEERS: readonly WsPeer[] = [];

/** Close codes of RFC 6455, section 7.4.1. */
const GOING_AWAY = 1001;
const POLICY_VIOLATION = 1008;

/** So that the listeners are the same functions for all, instead of some for each. */
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

/** Who breaks the protocol, or one of the limits that `ws` looks after, is told with a close frame, and `close` follows. */
function onError(this: WebSocket, error: Error & { readonly code?: string }): void {
  if (error.code?.startsWith('WS_ERR_')) connections.get(this)!.onViolation();
}

/** A connection over which a program is a peer of some swarms. It has no timer of its own: its owner calls `check()`. */
export class WsConnection implements WsClient, BufferedConnection, Sitter {
  readonly clientAddress: ClientAddress;
  readonly clientKey: number | string;
  readonly network: number | string;
  readonly passkey: string | undefined;
  /** Among all WebSockets; it has one as long as it is open. */
  seat: Seat<Sitter> | undefined;
  peers: readonly WsPeer[] = NO_PEERS;
  readonly #webSocket: WebSocket;
  readonly #socket: Socket;
  readonly #owner: WsConnectionOwner;
  readonly #holding: ConnectionBuffer;
  /** Bytes that had come with the last message that was taken. */
  #bytesOfMessages: number;
  /** Messages that wait for their turn. */
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

  /** Of messages that are not read, and of one that is not whole. */
  get heldBytes(): number {
    return this.#socket.writableLength + this.#socket.bytesRead - this.#bytesOfMessages;
  }

  /** Who has said nothing for longest gives way first. */
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

  /** Asks whether the peer is still there after some silence, and ends the connection after more. */
  check(second: number): void {
    this.#holding.update();
    const silence = second - this.#heardAt;
    if (silence >= WS_TIMEOUT) this.cut();
    else if (silence >= WS_PING_AFTER && !this.#isPinged) {
      this.#isPinged = true;
      this.#webSocket.ping();
    }
  }

  /** Says good-bye; whoever does not say it, too, is cut off soon. */
  close(): void {
    this.#webSocket.close(GOING_AWAY);
  }

  /** A ping, which is answered by itself, or a pong. */
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
    // What came together with the message that was one too many.
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
    // No more is read than has come together with them.
    if (this.#waiting > 1) this.#webSocket.pause();
  }

  #take(data: RawData, bytesRead: number): void {
    this.#waiting -= 1;
    this.#bytesOfMessages = bytesRead;
    if (this.#webSocket.readyState !== this.#webSocket.OPEN) return;
    if (this.#webSocket.isPaused && this.#waiting === 0) this.#webSocket.resume();
    // One buffer, as `binaryType` is left as it is. Binary frames are taken for text: some programs send nothing else.
    this.#owner.onMessage(this, (data as Buffer).toString());
  }

  /** Ends the connection, since too much is asked on it, or by its address. */
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
