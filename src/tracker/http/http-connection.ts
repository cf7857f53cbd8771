import type { Socket } from 'node:net';
import { type Clock, inBackground, type ReportError } from '../../util/index.ts';
import type { MaybePromise } from '../maybe-promise.ts';
import type { TransportCounters } from '../metrics/index.ts';
import type { OpenConnection } from './open-connection.ts';
import {
  BadRequestError,
  isForTracker,
  isTrackerRequest,
  type RequestHead,
  readRequestHead,
  type TrackerRequestHead,
} from './request-head.ts';

/** Bytes of answers that may wait for a client to read them before its next request is looked at. */
export const MAX_UNSENT_BYTES = 256 * 1024;
/** Milliseconds for a request's head to arrive whole, for its answer to be there, and for a client to read answers. */
export const HEAD_TIMEOUT = 10_000;
/** Milliseconds that a connection may stand idle between requests. */
export const KEEP_ALIVE_TIMEOUT = 60_000;

export interface HttpConnectionOptions {
  readonly clock: Clock;
  readonly report: ReportError;
  /** Told a request's head, one character a byte, before it is answered; absent where nothing in it is of interest. */
  readonly onHead?: ((head: string) => void) | undefined;
  readonly counters: TransportCounters;
  /**
   * The body for a tracker request; `undefined`: it is for someone else after all. While it is awaited, nothing more is
   * read, and nothing behind it is answered.
   */
  answer(head: TrackerRequestHead): MaybePromise<Buffer> | undefined;
  /** Takes the socket over, with bytes that were read from it already, for a request that is not for the tracker. */
  handOver(bytes: Buffer): void;
  /** Likewise for a request for a WebSocket; absent when none are made. */
  readonly upgrade?: ((head: RequestHead, bytes: Buffer) => void) | undefined;
}

/**
 * One client of the tracker's port: reads requests, also pipelined ones and ones in pieces, and answers those for the
 * tracker in order. The first that is for someone else ends its part: the socket is handed over for good.
 */
export class HttpConnection implements OpenConnection {
  deadline: number;
  readonly #socket: Socket;
  readonly #options: HttpConnectionOptions;
  /** What was read and not yet answered. */
  #pending: Buffer = EMPTY;
  #isAwaiting = false;
  #isDraining = false;

  readonly #onData = (chunk: Buffer): void => this.#push(chunk);
  readonly #onDrain = (): void => {
    if (!this.#isAwaiting) this.#push(EMPTY);
  };

  constructor(socket: Socket, options: HttpConnectionOptions) {
    this.#socket = socket;
    this.#options = options;
    this.deadline = options.clock.now() + HEAD_TIMEOUT;
    socket.on('data', this.#onData);
    socket.on('drain', this.#onDrain);
  }

  drain(): void {
    this.#isDraining = true;
    if (this.#isAwaiting || this.#socket.writableNeedDrain) return;
    this.#release();
    this.#socket.destroySoon();
  }

  #push(chunk: Buffer): void {
    const wasIdle = this.#pending.length === 0;
    let rest = wasIdle ? chunk : Buffer.concat([this.#pending, chunk]);
    let isNew = wasIdle;
    for (;;) {
      const { used, answers, next, awaited, upgrade } = this.#answer(rest);
      if (answers.length > 0) this.#socket.write(answers.length === 1 ? answers[0]! : Buffer.concat(answers));
      rest = rest.subarray(used);
      isNew ||= used > 0;
      if (next === 'end') {
        this.#end();
        return;
      }
      if (next === 'handOver') {
        this.#release();
        this.#options.handOver(rest);
        return;
      }
      if (upgrade !== undefined) {
        this.#release();
        this.#options.upgrade!(upgrade, rest);
        return;
      }
      if (awaited !== undefined) {
        this.#isAwaiting = true;
        inBackground(this.#await(awaited), 'answer a request over HTTP', this.#options.report);
        break;
      }
      // A write that the kernel took at once needs no drain, and none would come.
      if (next === 'read' || this.#socket.writableNeedDrain || this.#socket.destroyed) break;
    }
    this.#keep(rest, isNew);
  }

  async #await({ head, body }: AwaitedAnswer): Promise<void> {
    const known = await body;
    const keepAlive = this.#keepsAlive(head);
    this.#isAwaiting = false;
    if (this.#socket.destroyed) return;
    this.#socket.write(response(head, known, keepAlive));
    if (keepAlive) this.#push(EMPTY);
    else this.#end();
  }

  /** Keeps the start of a request, or requests that have to wait until an answer is there or the client reads. */
  #keep(rest: Buffer, isNew: boolean): void {
    // A copy, so that a few bytes do not hold on to the large buffer they came in.
    this.#pending = rest.length === 0 ? EMPTY : Buffer.from(rest);
    const isBlocked = this.#isAwaiting || this.#socket.writableNeedDrain;
    if (isBlocked) this.#socket.pause();
    else this.#socket.resume();
    const isIdle = rest.length === 0 && !isBlocked;
    // The time for a head is not prolonged by its coming in small pieces.
    if (isNew) this.deadline = this.#options.clock.now() + (isIdle ? KEEP_ALIVE_TIMEOUT : HEAD_TIMEOUT);
  }

  /** Answers the requests at the start of the bytes, until they end or there is much to write. */
  #answer(bytes: Buffer): Progress {
    const answers: Buffer[] = [];
    let unsent = this.#socket.writableLength;
    for (let used = 0; ; ) {
      if (unsent > MAX_UNSENT_BYTES) return { used, answers, next: 'write' };
      if (used === bytes.length) return { used, answers, next: 'read' };
      const isOurs = isTrackerRequest(bytes, used);
      if (isOurs !== true) return { used, answers, next: isOurs === false ? 'handOver' : 'read' };
      const head = readHead(bytes, used);
      if (head === undefined) return { used, answers, next: 'read' };
      if (head instanceof BadRequestError) {
        this.#options.counters.malformed += 1;
        answers.push(refusal(head));
        return { used, answers, next: 'end' };
      }
      this.#options.onHead?.(bytes.toString('latin1', used, head.end));
      if (head.isUpgrade && this.#options.upgrade) return { used, answers, next: 'upgrade', upgrade: head };
      if (!isForTracker(head)) return { used, answers, next: 'handOver' };
      const body = this.#options.answer(head);
      if (body === undefined) return { used, answers, next: 'handOver' };
      used = head.end;
      if (body instanceof Promise) return { used, answers, next: 'await', awaited: { head, body } };
      const keepAlive = this.#keepsAlive(head);
      const answer = response(head, body, keepAlive);
      answers.push(answer);
      unsent += answer.length;
      if (!keepAlive) return { used, answers, next: 'end' };
    }
  }

  #keepsAlive({ keepAlive }: RequestHead): boolean {
    return keepAlive && !this.#isDraining;
  }

  #end(): void {
    this.#release();
    this.#socket.end();
  }

  #release(): void {
    this.#socket.off('data', this.#onData);
    this.#socket.off('drain', this.#onDrain);
    this.#pending = EMPTY;
  }
}

const EMPTY = Buffer.alloc(0);

/** How far the bytes at hand went, and what is to be done next. */
interface Progress {
  /** Bytes of whole requests. */
  readonly used: number;
  readonly answers: Buffer[];
  readonly next: 'read' | 'write' | 'await' | 'end' | 'handOver' | 'upgrade';
  /** With `await`: the answer after those at hand. */
  readonly awaited?: AwaitedAnswer;
  /** With `upgrade`: of the request that stands there. */
  readonly upgrade?: RequestHead;
}

interface AwaitedAnswer {
  readonly head: RequestHead;
  readonly body: Promise<Buffer>;
}

function readHead(bytes: Buffer, start: number): RequestHead | BadRequestError | undefined {
  try {
    return readRequestHead(bytes, start);
  } catch (thrown) {
    if (thrown instanceof BadRequestError) return thrown;
    throw thrown;
  }
}

function response({ isHead, isHttp10 }: RequestHead, body: Buffer, keepAlive: boolean): Buffer {
  const connection = !keepAlive ? 'Connection: close\r\n' : isHttp10 ? 'Connection: keep-alive\r\n' : '';
  return message(`HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n${connection}`, body, !isHead);
}

function refusal(error: BadRequestError): Buffer {
  const reason = error.status === 431 ? 'Request Header Fields Too Large' : 'Bad Request';
  return message(
    `HTTP/1.1 ${error.status} ${reason}\r\nContent-Type: text/plain\r\nConnection: close\r\n`,
    Buffer.from(error.message),
    true,
  );
}

/** Head and body in one buffer, for one write. */
function message(head: string, body: Buffer, hasBody: boolean): Buffer {
  const text = `${head}Content-Length: ${body.length}\r\n\r\n`;
  const bytes = Buffer.allocUnsafe(text.length + (hasBody ? body.length : 0));
  bytes.write(text, 'latin1');
  if (hasBody) body.copy(bytes, text.length);
  return bytes;
}
