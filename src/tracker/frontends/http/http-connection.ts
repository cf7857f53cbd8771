import type { Socket } from 'node:net';
import { inBackground } from '../../../util/index.ts';
import type { ClientAddress } from '../../core/index.ts';
import { type BufferedConnection, ConnectionBuffer } from '../../guard/rate-limit/index.ts';
import type { Client } from './accepted-connections.ts';
import {
  type Asker,
  type AwaitedResponse,
  answerRequests,
  type HttpPort,
  type Progress,
} from './answer-requests.ts';
import type { Stopped } from './handle-connection.ts';
import { FRESH_MEMORY, joined, response } from './http-response.ts';
import { HEAD_TIMEOUT, KEEP_ALIVE_TIMEOUT, type OpenConnection } from './open-connection.ts';
import type { WaitingWrite } from './tcp-handle.ts';
import { UnreadBytes } from './unread-bytes.ts';

/**
 * One client of the tracker's port: reads requests, also pipelined ones and ones in pieces, and answers those for the
 * tracker in order. The first that is for someone else ends its part: the socket is handed over for good.
 */
export class HttpConnection implements OpenConnection, Asker, BufferedConnection {
  deadline: number;
  readonly peer: ClientAddress;
  readonly isFromProxy: boolean;
  isDraining = false;
  readonly memory = FRESH_MEMORY;
  readonly #client: Client;
  readonly #socket: Socket;
  readonly #port: HttpPort;
  readonly #holding: ConnectionBuffer;
  /** What was read and not yet answered. */
  readonly #unread = new UnreadBytes();
  #isAwaiting = false;
  /** Whether others have their turn before it goes on. */
  #isYielding = false;
  /** Was written before there was a socket, which knows nothing of it. */
  #waiting: WaitingWrite | undefined;

  readonly #onData = (chunk: Buffer): void => this.#push(chunk);
  readonly #onDrain = (): void => {
    if (!this.#isAwaiting && !this.#isYielding) this.#push(EMPTY);
  };

  constructor(port: HttpPort, client: Client, socket: Socket, isFromProxy: boolean) {
    this.#port = port;
    this.#client = client;
    this.#socket = socket;
    this.#holding = new ConnectionBuffer(port.rateLimits.held, client.named.ip, this);
    this.peer = client.named;
    this.isFromProxy = isFromProxy;
    this.deadline = port.clock.now() + HEAD_TIMEOUT;
    socket.on('data', this.#onData);
    socket.on('drain', this.#onDrain);
  }

  get unsent(): number {
    return this.#socket.writableLength + (this.#waiting?.bytes ?? 0);
  }

  get heldBytes(): number {
    return this.unsent + this.#unread.bytes.length;
  }

  get isBusy(): boolean {
    return this.#isAwaiting;
  }

  /** Whether an answer is to be made, the client to read, or others to have their turn, before there is more to do. */
  get #isBlocked(): boolean {
    return (
      this.#isAwaiting || this.#isYielding || this.#waiting !== undefined || this.#socket.writableNeedDrain
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

  /** The socket has closed. */
  end(): void {
    this.#holding.end();
  }

  /** Goes on where a connection without a socket has stopped. */
  takeUp({ progress, rest, waiting }: Stopped): void {
    if (waiting !== undefined) {
      this.#waiting = waiting;
      waiting.onOver = () => this.#onWaited();
    }
    this.#proceed(progress, rest, true);
  }

  #onWaited(): void {
    this.#waiting = undefined;
    if (!this.#isBlocked && !this.#socket.destroyed) this.#push(EMPTY);
  }

  #push(chunk: Buffer): void {
    const isNew = this.#unread.bytes.length === 0;
    const bytes = this.#unread.add(chunk);
    if (bytes === undefined) this.#holding.update();
    else this.#answer(bytes, isNew);
  }

  /** @param isNew whether nothing was known yet of the request that the bytes begin with */
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
      this.#port.handOver(this.#client, this.#socket, rest);
      return;
    }
    if (upgrade !== undefined) {
      this.#release();
      this.#holding.end();
      this.#port.upgrade(this.#client, this.#socket, upgrade.head, rest, upgrade.clientAddress);
      return;
    }
    if (awaited !== undefined) {
      this.#isAwaiting = true;
      inBackground(this.#await(awaited), 'answer a request over HTTP', this.#port.report);
    } else if (next === 'yield' || (next === 'write' && !this.#isBlocked)) {
      // A write that the kernel took at once needs no drain, and none would come.
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

  /** Keeps the start of a request, or requests that have to wait until an answer is there or the client reads. */
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
    // The time for a head is not prolonged by its coming in small pieces.
    if (isNew) this.deadline = this.#port.clock.now() + (isIdle ? KEEP_ALIVE_TIMEOUT : HEAD_TIMEOUT);
  }

  /**
   * @param isSilent whether the client has said that it will say nothing more: then the connection is closed at once,
   * which takes much less than to end it and wait for the client to do so, too. What it said all the same would make a
   * reset of that, and the client might lose its answer.
   */
  #end(isSilent: boolean): void {
    const isAllTaken = this.unsent === 0;
    this.#release();
    // What the client has not read yet counts until the socket closes.
    this.#holding.update();
    if (isSilent && isAllTaken) this.#socket.destroy();
    else this.#socket.end();
  }

  #release(): void {
    this.#socket.off('data', this.#onData);
    this.#socket.off('drain', this.#onDrain);
    if (this.#waiting !== undefined) this.#waiting.onOver = () => {};
    this.#waiting = undefined;
    this.#unread.keep(EMPTY);
  }
}

const EMPTY = Buffer.alloc(0);
