import type { Socket } from 'node:net';
import { type Clock, inBackground, type ReportError } from '../../util/index.ts';
import type { Sender } from '../announce.ts';
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

/** What a port gives each of its connections: one object for all, since clients come and go by the thousand. */
export interface HttpPort {
  readonly clock: Clock;
  readonly report: ReportError;
  readonly counters: TransportCounters;
  /** Whether requests for a WebSocket are handed over, by {@link upgrade}. */
  readonly takesWebSockets: boolean;
  /**
   * Says who has sent a request that came from a proxy.
   *
   * @param head of the request, one character a byte
   */
  senderBehind(proxy: Sender, head: string): Sender;
  /**
   * The body for a tracker request; `undefined`: it is for someone else after all. While it is awaited, nothing more is
   * read, and nothing behind it is answered.
   */
  answer(head: TrackerRequestHead, sender: Sender): MaybePromise<Buffer> | undefined;
  /** Takes the socket over, with bytes that were read from it already, for a request that is not for the tracker. */
  handOver(socket: Socket, bytes: Buffer): void;
  /** Likewise for a request for a WebSocket. */
  upgrade(socket: Socket, head: RequestHead, bytes: Buffer, sender: Sender): void;
}

/**
 * One client of the tracker's port: reads requests, also pipelined ones and ones in pieces, and answers those for the
 * tracker in order. The first that is for someone else ends its part: the socket is handed over for good.
 */
export class HttpConnection implements OpenConnection {
  deadline: number;
  readonly #socket: Socket;
  readonly #port: HttpPort;
  /** At the other end of the connection. */
  readonly #peer: Sender;
  readonly #isFromProxy: boolean;
  /** Who has sent the latest request. */
  #sender: Sender;
  /** What was read and not yet answered. */
  #pending: Buffer = EMPTY;
  #isAwaiting = false;
  #isDraining = false;

  readonly #onData = (chunk: Buffer): void => this.#push(chunk);
  readonly #onDrain = (): void => {
    if (!this.#isAwaiting) this.#push(EMPTY);
  };

  constructor(port: HttpPort, socket: Socket, peer: Sender, isFromProxy: boolean) {
    this.#port = port;
    this.#socket = socket;
    this.#peer = peer;
    this.#sender = peer;
    this.#isFromProxy = isFromProxy;
    this.deadline = port.clock.now() + HEAD_TIMEOUT;
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
      if (next === 'end' || next === 'close') {
        this.#end(next === 'close' && rest.length === 0);
        return;
      }
      if (next === 'handOver') {
        this.#release();
        this.#port.handOver(this.#socket, rest);
        return;
      }
      if (upgrade !== undefined) {
        this.#release();
        this.#port.upgrade(this.#socket, upgrade, rest, this.#sender);
        return;
      }
      if (awaited !== undefined) {
        this.#isAwaiting = true;
        inBackground(this.#await(awaited), 'answer a request over HTTP', this.#port.report);
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
    else this.#end(!head.keepAlive && this.#pending.length === 0);
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
    if (isNew) this.deadline = this.#port.clock.now() + (isIdle ? KEEP_ALIVE_TIMEOUT : HEAD_TIMEOUT);
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
        this.#port.counters.malformed += 1;
        answers.push(refusal(head));
        return { used, answers, next: 'end' };
      }
      if (this.#isFromProxy) {
        this.#sender = this.#port.senderBehind(this.#peer, bytes.toString('latin1', used, head.end));
      }
      if (head.isUpgrade && this.#port.takesWebSockets)
        return { used, answers, next: 'upgrade', upgrade: head };
      if (!isForTracker(head)) return { used, answers, next: 'handOver' };
      const body = this.#port.answer(head, this.#sender);
      if (body === undefined) return { used, answers, next: 'handOver' };
      used = head.end;
      if (body instanceof Promise) return { used, answers, next: 'await', awaited: { head, body } };
      const keepAlive = this.#keepsAlive(head);
      const answer = response(head, body, keepAlive);
      answers.push(answer);
      unsent += answer.length;
      if (!keepAlive) return { used, answers, next: head.keepAlive ? 'end' : 'close' };
    }
  }

  #keepsAlive({ keepAlive }: RequestHead): boolean {
    return keepAlive && !this.#isDraining;
  }

  /**
   * @param isSilent whether the client has said that it will say nothing more: then the connection is closed at once,
   * which takes much less than to end it and wait for the client to do so, too. What it said all the same would make a
   * reset of that, and the client might lose its answer.
   */
  #end(isSilent: boolean): void {
    this.#release();
    if (isSilent && this.#socket.writableLength === 0) this.#socket.destroy();
    else this.#socket.end();
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
  /** `close`: the client has asked for it, and `end`: it has not. */
  readonly next: 'read' | 'write' | 'await' | 'close' | 'end' | 'handOver' | 'upgrade';
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
  return message(keepAlive ? (isHttp10 ? OK_HTTP10 : OK) : OK_CLOSE, body, !isHead);
}

function refusal(error: BadRequestError): Buffer {
  const reason = error.status === 431 ? 'Request Header Fields Too Large' : 'Bad Request';
  return message(
    headOf(`${error.status} ${reason}`, 'Connection: close\r\n'),
    Buffer.from(error.message),
    true,
  );
}

/** A response's head, up to the number of bytes that follow. */
function headOf(status: string, connection: string): Buffer {
  return Buffer.from(`HTTP/1.1 ${status}\r\nContent-Type: text/plain\r\n${connection}Content-Length: `);
}

const OK = headOf('200 OK', '');
const OK_HTTP10 = headOf('200 OK', 'Connection: keep-alive\r\n');
const OK_CLOSE = headOf('200 OK', 'Connection: close\r\n');

/** Head and body in one buffer, for one write. */
function message(head: Buffer, body: Buffer, hasBody: boolean): Buffer {
  const length = `${body.length}\r\n\r\n`;
  const bodyAt = head.length + length.length;
  const bytes = Buffer.allocUnsafe(bodyAt + (hasBody ? body.length : 0));
  bytes.set(head);
  for (let at = 0; at < length.length; at += 1) bytes[head.length + at] = length.charCodeAt(at);
  if (hasBody) bytes.set(body, bodyAt);
  return bytes;
}
