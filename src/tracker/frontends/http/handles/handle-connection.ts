import type { ResponseMemory } from '../../../../tracker-protocol/index.ts';
import type { ClientAddress } from '../../../core/index.ts';
import type { Client } from '../accepted-connections.ts';
import { type Asker, answerRequests, type Progress } from '../answer-requests.ts';
import { HEAD_TIMEOUT, type HttpConnection, KEEP_ALIVE_TIMEOUT } from '../http-connection.ts';
import type { HttpPort } from '../http-port.ts';
import { joined } from '../http-response.ts';
import { SocketConnection } from '../socket-connection.ts';
import type { BatchedConnection, ResponseBatch } from './response-batch.ts';
import { bytesRead, socketOf, startReading, type TcpHandle, write } from './tcp-handle.ts';

/** A handle that this project reads from. */
interface OwnedHandle extends TcpHandle {
  connection?: HandleConnection;
}

/**
 * The connection of a client on a handle, as long as the client does what nearly all do: whole requests arrive, their
 * responses are made at once, and the kernel takes them. In every other case a socket is made of the handle, and
 * {@link SocketConnection} goes on.
 */
export class HandleConnection implements HttpConnection, Asker, BatchedConnection {
  deadline: number;
  readonly peer: ClientAddress;
  readonly isBusy = false;
  readonly isFromProxy = false;
  isDraining = false;
  readonly unsent = 0;
  readonly #port: HttpPort;
  readonly #batch: ResponseBatch;
  readonly #handle: OwnedHandle;
  readonly #client: Client;
  #isOpen = true;
  #isKept = false;
  /** The requests that were read and are answered with those of other connections. */
  #asked: Uint8Array | undefined;
  /** The responses that are written with those of other connections. */
  #answered: Progress | undefined;

  constructor(port: HttpPort, batch: ResponseBatch, handle: TcpHandle, client: Client) {
    this.#port = port;
    this.#batch = batch;
    this.#handle = handle;
    this.#client = client;
    this.peer = client.clientAddress;
    this.deadline = port.clock.now() + HEAD_TIMEOUT;
    client.connection = this;
  }

  start(): void {
    this.#handle.connection = this;
    if (!startReading(this.#handle, onRead)) this.cut();
  }

  get memory(): ResponseMemory {
    return this.#batch.memory;
  }

  /** Does nothing: a client that does not read or send all at once is on a socket by then. */
  check(): void {}

  drain(): void {
    this.isDraining = true;
    this.#settle();
    this.cut();
  }

  cut(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#handle.close();
    this.#port.connections.release(this.#client);
  }

  onRead(): void {
    if (!this.#isOpen) return;
    const bytes = bytesRead();
    if (bytes === undefined) this.drain();
    else if (this.#asked === undefined) this.#asked = this.#batch.add(this, bytes);
    else {
      // The client has sent more than is read at once.
      this.#asked = Buffer.concat([this.#asked, bytes]);
      this.#settle();
    }
  }

  answer(): void {
    const asked = this.#asked;
    this.#asked = undefined;
    if (asked === undefined || !this.#isOpen) return;
    const progress = answerRequests(this.#port, this, asked);
    const { used, answers, next } = progress;
    const isUsual = answers.length > 0 && used === asked.length && (next === 'read' || next === 'close');
    if (isUsual) this.#answered = progress;
    else this.#finish(progress, asked.subarray(used), this.#port.clock.now());
  }

  write(now: number): void {
    const answered = this.#answered;
    this.#answered = undefined;
    if (answered !== undefined && this.#isOpen) this.#finish(answered, NOTHING, now);
  }

  /** Answers at once what was read, instead of with the requests of other connections. */
  #settle(): void {
    this.answer();
    this.write(this.#port.clock.now());
  }

  /** Writes the responses, and goes on, closes the connection, or makes a socket of it. @param rest what was read behind the requests */
  #finish(progress: Progress, rest: Uint8Array, now: number): void {
    const { answers, next } = progress;
    const written = answers.length === 0 ? 'taken' : write(this.#handle, joined(answers));
    const pending = typeof written === 'string' ? undefined : written;
    if (pending !== undefined) this.#batch.memory.renew();
    const isAllDone = written === 'taken' && rest.length === 0;
    if (written === 'failed' || next === 'cut' || (isAllDone && next === 'close')) this.cut();
    else if (isAllDone && next === 'read') this.#keep(now + KEEP_ALIVE_TIMEOUT);
    else {
      this.#isOpen = false;
      const connection = new SocketConnection(this.#port, this.#client, socketOf(this.#handle));
      connection.goOn(progress, Buffer.from(rest), pending);
    }
  }

  #keep(deadline: number): void {
    this.deadline = deadline;
    if (this.#isKept) return;
    this.#isKept = true;
    // Responses that follow each other are sent without delay. A failure shows with the next read.
    this.#handle.setNoDelay(true);
  }
}

const NOTHING = new Uint8Array();

function onRead(this: OwnedHandle): void {
  this.connection!.onRead();
}
