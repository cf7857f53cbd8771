import type { Socket } from 'node:net';
import { inBackground } from '../../../util/index.ts';
import type { ClientAddress } from '../../core/index.ts';
import { type BufferedConnection, ConnectionBuffer } from '../../guard/rate-limit/index.ts';
import { type Asker, type AwaitedResponse, answerRequests, type Progress } from './answer-requests.ts';
import { HEAD_TIMEOUT, KEEP_ALIVE_TIMEOUT } from './http-connection.ts';
import type { HttpPort } from './http-port.ts';
import { FRESH_MEMORY, joined, response } from './http-response.ts';
import type { RequestHead } from './request-head.ts';
import type { SocketStage } from './socket-stage.ts';
import { UnreadBytes } from './unread-bytes.ts';

/** A write that was begun before there was a socket, and that the kernel has not taken whole yet. */
export interface PendingWrite {
  /** Bytes of the whole write. */
  readonly bytes: number;
  /** Is called when the write is over, also when it failed because the connection has closed. */
  onOver: () => void;
}

export interface TrackerStageOptions {
  /** The client at the other end of the connection, or the one that its proxy has named. */
  readonly clientAddress: ClientAddress;
  /** Whether the client is itself a proxy, which names the client of each request. */
  readonly isFromProxy: boolean;
  /** Is called with what was read when a request comes that is not for the tracker: the stage is over. */
  onOther(rest: Buffer): void;
  /** Is called with what was read when a request for a WebSocket comes: the stage is over. */
  onUpgrade(head: RequestHead, clientAddress: ClientAddress, rest: Buffer): void;
}

/**
 * Answers the tracker requests of a connection in order, also pipelined requests and those that arrive in pieces. The first
 * request that is not for the tracker ends the stage.
 */
export class TrackerStage implements SocketStage, Asker, BufferedConnection {
  deadline: number;
  readonly peer: ClientAddress;
  readonly isFromProxy: boolean;
  isDraining = false;
  readonly memory = FRESH_MEMORY;
  readonly #socket: Socket;
  readonly #port: HttpPort;
  readonly #options: TrackerStageOptions;
  readonly #holding: ConnectionBuffer;
  /** Holds what was read and is not answered yet. */
  readonly #unread = new UnreadBytes();
  #isAwaiting = false;
  /** Whether the connection waits for its next turn. */
  #isYielding = false;
  /** The write of which the socket does not know, since it was begun before the socket was made. */
  #pending: PendingWrite | undefined;

  readonly #onData = (chunk: Buffer): void => this.#push(chunk);
  readonly #onDrain = (): void => {
    if (!this.#isAwaiting && !this.#isYielding) this.#push(EMPTY);
  };

  constructor(port: HttpPort, socket: Socket, options: TrackerStageOptions) {
    this.#port = port;
    this.#socket = socket;
    this.#options = options;
    this.#holding = new ConnectionBuffer(port.rateLimits.held, options.clientAddress.ip, this);
    this.peer = options.clientAddress;
    this.isFromProxy = options.isFromProxy;
    this.deadline = port.clock.now() + HEAD_TIMEOUT;
    socket.on('data', this.#onData);
    socket.on('drain', this.#onDrain);
  }

  get unsent(): number {
    return this.#socket.writableLength + (this.#pending?.bytes ?? 0);
  }

  get heldBytes(): number {
    return this.unsent + this.#unread.bytes.length;
  }

  get isBusy(): boolean {
    return this.#isAwaiting;
  }

  /** Whether the next request has to wait: for a response, for the client to read, or for the next turn. */
  get #isBlocked(): boolean {
    return (
      this.#isAwaiting || this.#isYielding || this.#pending !== undefined || this.#socket.writableNeedDrain
    );
  }

  drain(): void {
    this.isDraining = true;
    if (this.#isBlocked) return;
    this.#release();
    this.#socket.destroySoon();
  }

  cut(): void {
    this.#socket.destroy();
  }

  end(): void {
    this.#holding.end();
  }

  /** Goes on as {@link SocketConnection.goOn} says. */
  goOn(progress: Progress, rest: Buffer, pending: PendingWrite | undefined): void {
    if (pending !== undefined) {
      this.#pending = pending;
      pending.onOver = () => this.#onPendingOver();
    }
    this.#proceed(progress, rest, true);
  }

  #onPendingOver(): void {
    this.#pending = undefined;
    if (!this.#isBlocked && !this.#socket.destroyed) this.#push(EMPTY);
  }

  #push(chunk: Buffer): void {
    const isNew = this.#unread.bytes.length === 0;
    const bytes = this.#unread.add(chunk);
    if (bytes === undefined) this.#holding.update();
    else this.#answer(bytes, isNew);
  }

  /** @param isNew whether the bytes begin with a request of which nothing had arrived before */
  #answer(bytes: Buffer, isNew: boolean): void {
    const progress = answerRequests(this.#port, this, bytes);
    const { used, answers } = progress;
    if (answers.length > 0) this.#socket.write(joined(answers));
    this.#proceed(progress, bytes.subarray(used), isNew || used > 0);
  }

  #proceed({ next, awaited, upgrade }: Progress, rest: Buffer, isNew: boolean): void {
    if (next === 'cut') {
      this.cut();
      return;
    }
    if (next === 'end' || next === 'close') {
      this.#end(next === 'close' && rest.length === 0);
      return;
    }
    if (next === 'handOver') {
      this.#release();
      this.#holding.end();
      this.#options.onOther(rest);
      return;
    }
    if (upgrade !== undefined) {
      this.#release();
      this.#holding.end();
      this.#options.onUpgrade(upgrade.head, upgrade.clientAddress, rest);
      return;
    }
    if (awaited !== undefined) {
      this.#isAwaiting = true;
      inBackground(this.#await(awaited), 'answer a request over HTTP', this.#port.report);
    } else if (next === 'yield' || (next === 'write' && !this.#isBlocked)) {
      // No `drain` follows a write that the kernel took at once.
      this.#isYielding = true;
      this.#port.turns.later(this.#goOn);
    }
    this.#keep(rest, isNew);
  }

  readonly #goOn = (): void => {
    this.#isYielding = false;
    if (!this.#isBlocked && !this.#socket.destroyed) this.#push(EMPTY);
  };

  async #await({ head, body }: AwaitedResponse): Promise<void> {
    const known = await body;
    const keepAlive = head.keepAlive && !this.isDraining;
    this.#isAwaiting = false;
    if (this.#socket.destroyed) return;
    this.#socket.write(response(head, known, keepAlive));
    this.#holding.update();
    if (keepAlive) this.#push(EMPTY);
    else this.#end(!head.keepAlive && this.#unread.bytes.length === 0);
  }

  /** Keeps the start of a request, or requests that have to wait. */
  #keep(rest: Buffer, isNew: boolean): void {
    this.#unread.keep(rest);
    this.#holding.update();
    const isBlocked = this.#isBlocked;
    const isIdle = rest.length === 0 && !isBlocked;
    if (isIdle && this.isDraining) {
      this.#end(false);
      return;
    }
    if (isBlocked) this.#socket.pause();
    else this.#socket.resume();
    // A head that comes in small pieces has no more time than one that comes at once.
    if (isNew) this.deadline = this.#port.clock.now() + (isIdle ? KEEP_ALIVE_TIMEOUT : HEAD_TIMEOUT);
  }

  /**
   * Ends the connection.
   *
   * @param isSilent whether the client has said that it sends nothing more. Then the connection is closed at once, which
   * takes much less than to send its end and wait for the client's. If the client had sent more, closing would reset the
   * connection, and the client might lose its response.
   */
  #end(isSilent: boolean): void {
    const isAllTaken = this.unsent === 0;
    this.#release();
    // The bytes that the client has not read yet count as held until the socket closes.
    this.#holding.update();
    if (isSilent && isAllTaken) this.#socket.destroy();
    else this.#socket.end();
  }

  #release(): void {
    this.#socket.off('data', this.#onData);
    this.#socket.off('drain', this.#onDrain);
    if (this.#pending !== undefined) this.#pending.onOver = () => {};
    this.#pending = undefined;
    this.#unread.keep(EMPTY);
  }
}

const EMPTY = Buffer.alloc(0);
