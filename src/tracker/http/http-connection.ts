import type { Socket } from 'node:net';
import { inBackground } from '../../util/index.ts';
import type { Sender } from '../announce.ts';
import {
  type Asker,
  type AwaitedAnswer,
  answerRequests,
  type HttpPort,
  type Progress,
} from './answer-requests.ts';
import type { Stopped } from './handle-connection.ts';
import { FRESH_MEMORY, joined, response } from './http-response.ts';
import { HEAD_TIMEOUT, KEEP_ALIVE_TIMEOUT, type OpenConnection } from './open-connection.ts';
import type { WaitingWrite } from './tcp-handle.ts';

/**
 * One client of the tracker's port: reads requests, also pipelined ones and ones in pieces, and answers those for the
 * tracker in order. The first that is for someone else ends its part: the socket is handed over for good.
 */
export class HttpConnection implements OpenConnection, Asker {
  deadline: number;
  readonly peer: Sender;
  readonly isFromProxy: boolean;
  isDraining = false;
  readonly memory = FRESH_MEMORY;
  readonly #socket: Socket;
  readonly #port: HttpPort;
  /** What was read and not yet answered. */
  #pending: Buffer = EMPTY;
  #isAwaiting = false;
  /** Was written before there was a socket, which knows nothing of it. */
  #waiting: WaitingWrite | undefined;

  readonly #onData = (chunk: Buffer): void => this.#push(chunk);
  readonly #onDrain = (): void => {
    if (!this.#isAwaiting) this.#push(EMPTY);
  };

  constructor(port: HttpPort, socket: Socket, peer: Sender, isFromProxy: boolean) {
    this.#port = port;
    this.#socket = socket;
    this.peer = peer;
    this.isFromProxy = isFromProxy;
    this.deadline = port.clock.now() + HEAD_TIMEOUT;
    socket.on('data', this.#onData);
    socket.on('drain', this.#onDrain);
  }

  get unsent(): number {
    return this.#socket.writableLength + (this.#waiting?.bytes ?? 0);
  }

  /** Whether an answer is to be made, or the client to read, before there is anything more to do. */
  get #isBlocked(): boolean {
    return this.#isAwaiting || this.#waiting !== undefined || this.#socket.writableNeedDrain;
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

  /** Goes on where a connection without a socket has stopped. */
  takeUp({ progress, rest, waiting }: Stopped): void {
    if (waiting !== undefined) {
      this.#waiting = waiting;
      waiting.onOver = () => this.#onWaited();
    }
    if (this.#proceed(progress, rest, true)) this.#answer(rest, true);
  }

  #onWaited(): void {
    this.#waiting = undefined;
    if (!this.#isBlocked && !this.#socket.destroyed) this.#push(EMPTY);
  }

  #push(chunk: Buffer): void {
    const wasIdle = this.#pending.length === 0;
    this.#answer(wasIdle ? chunk : Buffer.concat([this.#pending, chunk]), wasIdle);
  }

  /** @param isNew whether nothing was known yet of the request that the bytes begin with */
  #answer(bytes: Buffer, isNew: boolean): void {
    let rest = bytes;
    let progress: Progress;
    do {
      progress = answerRequests(this.#port, this, rest);
      const { used, answers } = progress;
      if (answers.length > 0) this.#socket.write(joined(answers));
      rest = rest.subarray(used);
      isNew ||= used > 0;
    } while (this.#proceed(progress, rest, isNew));
  }

  /** @returns whether there is more to answer */
  #proceed({ next, awaited, upgrade }: Progress, rest: Buffer, isNew: boolean): boolean {
    if (next === 'end' || next === 'close') {
      this.#end(next === 'close' && rest.length === 0);
      return false;
    }
    if (next === 'handOver') {
      this.#release();
      this.#port.handOver(this.#socket, rest);
      return false;
    }
    if (upgrade !== undefined) {
      this.#release();
      this.#port.upgrade(this.#socket, upgrade.head, rest, upgrade.sender);
      return false;
    }
    if (awaited !== undefined) {
      this.#isAwaiting = true;
      inBackground(this.#await(awaited), 'answer a request over HTTP', this.#port.report);
    } else if (next === 'write' && !this.#isBlocked && !this.#socket.destroyed) {
      // A write that the kernel took at once needs no drain, and none would come.
      return true;
    }
    this.#keep(rest, isNew);
    return false;
  }

  async #await({ head, body }: AwaitedAnswer): Promise<void> {
    const known = await body;
    const keepAlive = head.keepAlive && !this.isDraining;
    this.#isAwaiting = false;
    if (this.#socket.destroyed) return;
    this.#socket.write(response(head, known, keepAlive));
    if (keepAlive) this.#push(EMPTY);
    else this.#end(!head.keepAlive && this.#pending.length === 0);
  }

  /** Keeps the start of a request, or requests that have to wait until an answer is there or the client reads. */
  #keep(rest: Buffer, isNew: boolean): void {
    // A copy, so that a few bytes do not hold on to the large buffer they came in.
    this.#pending = rest.length === 0 ? EMPTY : Buffer.from(rest);
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
    if (isSilent && isAllTaken) this.#socket.destroy();
    else this.#socket.end();
  }

  #release(): void {
    this.#socket.off('data', this.#onData);
    this.#socket.off('drain', this.#onDrain);
    if (this.#waiting !== undefined) this.#waiting.onOver = () => {};
    this.#waiting = undefined;
    this.#pending = EMPTY;
  }
}

const EMPTY = Buffer.alloc(0);
