import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { ClientAddress } from '../../core/index.ts';
import { type BufferedConnection, ConnectionBuffer } from '../../guard/rate-limit/index.ts';
import { HeadEnd } from './head-end.ts';
import { HEAD_TIMEOUT, KEEP_ALIVE_TIMEOUT } from './http-connection.ts';
import type { HttpPort } from './http-port.ts';
import { PacedSocket, type Pacer } from './paced-socket.ts';
import type { SocketStage } from './socket-stage.ts';

/** Milliseconds in which the body of a request has to arrive, and its response has to be read. */
export const WEB_REQUEST_TIMEOUT = 300_000;
/** Milliseconds in which a client has to read some of a response that waits for it. */
export const STALLED_TIMEOUT = 30_000;
/** Bytes of a body that are read in one turn, if its length is known. */
export const MAX_BODY_BYTES_IN_TURN = 64 * 1024;
/** Bytes of a head, or of a body of unknown length, that are read in one turn. */
export const MAX_HEAD_BYTES_IN_TURN = 1024;
/** The path that load balancers ask for. It is answered even when its address has made too many requests. */
export const FREE_PATH = '/healthz';
/** The first of the statuses that refuse a request. */
const FIRST_REFUSAL = 400;
/** Bytes of a body that are read after its request was answered, before the connection is closed. */
export const MAX_UNWANTED_BYTES = 1024 * 1024;

/**
 * The stage in which the web server has the connection. The web server looks only after connections that it has accepted
 * itself, so that limits are applied here. It is given one request at a time: the next is read when that is answered.
 * Requests that cost nothing, or were refused, have a limit of their own.
 */
export class WebStage implements SocketStage, Pacer, BufferedConnection {
  deadline: number;
  /** The stream that the web server is given. */
  readonly paced: PacedSocket;
  readonly #port: Pick<HttpPort, 'clock' | 'rateLimits'>;
  readonly #clientAddress: ClientAddress;
  readonly #holding: ConnectionBuffer;
  /** Whether the web server has not read the first request yet. */
  #isNew = true;
  /** The last request of the web server, as long as it may read more of its body. */
  #request: IncomingMessage | undefined;
  /** The number of bytes of its body that are still to come; `undefined`: its length is not known. */
  #bodyBytes: number | undefined;
  /** The number of bytes of its body that were read after it was answered. */
  #unwantedBytes = 0;
  readonly #responses = new Set<ServerResponse>();
  readonly #headEnd = new HeadEnd();
  /** Whether a head has begun that has not ended yet. */
  #isInHead = false;
  #readAt: number;
  #isDraining = false;

  /** @param bytes bytes that were read already */
  constructor(
    port: Pick<HttpPort, 'clock' | 'rateLimits' | 'turns'>,
    socket: Socket,
    clientAddress: ClientAddress,
    bytes: Buffer = EMPTY,
  ) {
    this.#port = port;
    this.#clientAddress = clientAddress;
    this.#holding = new ConnectionBuffer(port.rateLimits.held, clientAddress.ip, this);
    this.paced = new PacedSocket(socket, bytes, port.turns, this);
    this.#readAt = port.clock.now();
    this.deadline = this.#readAt + HEAD_TIMEOUT;
  }

  get isBusy(): boolean {
    return this.#responses.size > 0;
  }

  get heldBytes(): number {
    return this.paced.heldBytes;
  }

  /** Notes that the web server has read the head of a request. */
  begin(request: IncomingMessage, response: ServerResponse): void {
    this.#isNew = false;
    this.#request = request;
    const length = request.headers['content-length'];
    this.#bodyBytes = length === undefined ? undefined : Number(length);
    this.#unwantedBytes = 0;
    this.#responses.add(response);
    this.deadline = this.#port.clock.now() + WEB_REQUEST_TIMEOUT;
    if (this.#isDraining) response.shouldKeepAlive = false;
    request.on('close', this.paced.goOn);
    response.on('close', () => this.#onAnswered(request, response));
  }

  #onAnswered({ url = '' }: IncomingMessage, response: ServerResponse): void {
    const now = this.#port.clock.now();
    this.#responses.delete(response);
    this.deadline = now + KEEP_ALIVE_TIMEOUT;
    this.#holding.update();
    const isUnpriced = mayBeFree(url) || response.statusCode >= FIRST_REFUSAL;
    if (isUnpriced && !this.#port.rateLimits.unpriced.admits(this.#clientAddress.ip, 1, now)) this.cut();
    else if (this.#isDraining) this.paced.end();
    else this.paced.goOn();
  }

  take(bytes: Buffer): number {
    const request = this.#request;
    if (request !== undefined && !request.complete) return this.#takeOfBody(bytes);
    if (this.isBusy || !this.#hasRoom()) return 0;
    const some = bytes.subarray(0, MAX_HEAD_BYTES_IN_TURN);
    const end = this.#headEnd.find(some);
    this.#isInHead = end === undefined;
    return end ?? some.length;
  }

  /** Tells whether there is room for one more response; if not, other clients of the address have to read theirs first. */
  #hasRoom(): boolean {
    if (this.#isInHead || this.#port.rateLimits.held.hasRoom(this.#clientAddress.ip)) return true;
    this.deadline = Math.max(this.deadline, this.#port.clock.now() + HEAD_TIMEOUT);
    return false;
  }

  /** Takes bytes of a body. After the response, some more is read and dropped, so that the client gets to read the response. */
  #takeOfBody({ length }: Buffer): number {
    const most = Math.min(this.#bodyBytes ?? MAX_HEAD_BYTES_IN_TURN, MAX_BODY_BYTES_IN_TURN);
    const taken = Math.min(most, length);
    if (this.#bodyBytes !== undefined) this.#bodyBytes -= taken;
    if (!this.isBusy) this.#unwantedBytes += taken;
    if (this.#unwantedBytes <= MAX_UNWANTED_BYTES) return taken;
    this.cut();
    return 0;
  }

  onHeld(): void {
    this.#holding.update();
  }

  onWriting(): void {
    this.#readAt = this.#port.clock.now();
    this.#holding.update();
  }

  check(now: number): void {
    this.#holding.update();
    this.paced.goOn();
    if (this.paced.writableLength > 0 && now >= this.#readAt + STALLED_TIMEOUT) this.deadline = now;
  }

  drain(): void {
    this.#isDraining = true;
    if (this.#isNew) return;
    if (!this.isBusy) this.paced.destroySoon();
    for (const response of this.#responses) if (!response.headersSent) response.shouldKeepAlive = false;
  }

  cut(): void {
    this.#holding.end();
    this.paced.destroy();
  }

  end(): void {
    this.#holding.end();
  }
}

/** Tells whether a target may be {@link FREE_PATH}, which may have a host before it and be written with escapes. */
function mayBeFree(target: string): boolean {
  const path = target.split('?', 1)[0]!;
  return path.includes(FREE_PATH) || path.includes('%');
}

const EMPTY = Buffer.alloc(0);
