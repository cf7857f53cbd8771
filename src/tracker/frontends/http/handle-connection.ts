import type { Socket } from 'node:net';
import type { ResponseMemory } from '../../../tracker-protocol/index.ts';
import type { ClientAddress } from '../../core/index.ts';
import type { Client } from './accepted-connections.ts';
import { type Asker, answerRequests, type HttpPort, type Progress } from './answer-requests.ts';
import { joined } from './http-response.ts';
import { HEAD_TIMEOUT, KEEP_ALIVE_TIMEOUT, type OpenConnection } from './open-connection.ts';
import type { BatchedConnection, ResponseBatch } from './response-batch.ts';
import { bytesRead, socketOf, startReading, type TcpHandle, type WaitingWrite, write } from './tcp-handle.ts';

/** Whom a connection without a socket belongs to. */
export interface HandleConnectionOwner {
  readonly port: HttpPort;
  readonly batch: ResponseBatch;
  /** Is called once, unless {@link onSocket} is: the connection has ended. */
  onEnd(connection: HandleConnection): void;
  /**
   * Is called once, unless {@link onEnd} is: the connection is a socket's from now on.
   *
   * @param stopped how far it went
   */
  onSocket(connection: HandleConnection, socket: Socket, stopped: Stopped): void;
}

/** Where a connection without a socket has stopped. */
export interface Stopped {
  /** Of which the answers are written already. */
  readonly progress: Progress;
  /** What was read and not used for them. */
  readonly rest: Buffer;
  /** Of the answers, if the kernel has not taken all. */
  readonly waiting: WaitingWrite | undefined;
}

/** A handle that this project has read from. */
interface OwnedHandle extends TcpHandle {
  connection?: HandleConnection;
}

/**
 * One client of the tracker's port without a socket, as long as it does what nearly all do: whole requests arrive, their
 * answers are there at once, and the kernel takes them. Whatever else happens makes a socket of it, and
 * {@link HttpConnection} goes on.
 */
export class HandleConnection implements OpenConnection, Asker, BatchedConnection {
  deadline: number;
  readonly client: Client;
  readonly peer: ClientAddress;
  readonly isFromProxy = false;
  isDraining = false;
  readonly unsent = 0;
  readonly #handle: OwnedHandle;
  readonly #owner: HandleConnectionOwner;
  #isOpen = true;
  #isKept = false;
  /** What was read, and waits to be answered with what others ask. */
  #asked: Uint8Array | undefined;
  /** Of which the answers wait to be written with those of others. */
  #answered: Progress | undefined;

  constructor(owner: HandleConnectionOwner, handle: TcpHandle, client: Client) {
    this.#owner = owner;
    this.#handle = handle;
    this.client = client;
    this.peer = client.clientAddress;
    this.deadline = owner.port.clock.now() + HEAD_TIMEOUT;
  }

  start(): void {
    this.#handle.connection = this;
    if (!startReading(this.#handle, onRead)) this.cut();
  }

  get memory(): ResponseMemory {
    return this.#owner.batch.memory;
  }

  drain(): void {
    this.isDraining = true;
    this.#settle();
    this.cut();
  }

  cut(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#handle.close();
    this.#owner.onEnd(this);
  }

  onRead(): void {
    if (!this.#isOpen) return;
    const bytes = bytesRead();
    if (bytes === undefined) this.drain();
    else if (this.#asked === undefined) this.#asked = this.#owner.batch.add(this, bytes);
    else {
      // More had come than is read at once.
      this.#asked = Buffer.concat([this.#asked, bytes]);
      this.#settle();
    }
  }

  answer(): void {
    const asked = this.#asked;
    this.#asked = undefined;
    if (asked === undefined || !this.#isOpen) return;
    const progress = answerRequests(this.#owner.port, this, asked);
    const { used, answers, next } = progress;
    const isUsual = answers.length > 0 && used === asked.length && (next === 'read' || next === 'close');
    if (isUsual) this.#answered = progress;
    else this.#finish(progress, asked.subarray(used), this.#owner.port.clock.now());
  }

  write(now: number): void {
    const answered = this.#answered;
    this.#answered = undefined;
    if (answered !== undefined && this.#isOpen) this.#finish(answered, NOTHING, now);
  }

  /** Answers what was asked now instead of with what others ask. */
  #settle(): void {
    this.answer();
    this.write(this.#owner.port.clock.now());
  }

  /** @param rest what was read behind the requests that are answered */
  #finish(progress: Progress, rest: Uint8Array, now: number): void {
    const { answers, next } = progress;
    const written = answers.length === 0 ? 'taken' : write(this.#handle, joined(answers));
    const waiting = typeof written === 'string' ? undefined : written;
    if (waiting !== undefined) this.#owner.batch.memory.renew();
    const isAllDone = written === 'taken' && rest.length === 0;
    if (written === 'failed' || next === 'cut' || (isAllDone && next === 'close')) this.cut();
    else if (isAllDone && next === 'read') this.#keep(now + KEEP_ALIVE_TIMEOUT);
    else {
      this.#isOpen = false;
      this.#owner.onSocket(this, socketOf(this.#handle), { progress, rest: Buffer.from(rest), waiting });
    }
  }

  #keep(deadline: number): void {
    this.deadline = deadline;
    if (this.#isKept) return;
    this.#isKept = true;
    // For answers that follow each other; a failure shows with the next read.
    this.#handle.setNoDelay(true);
  }
}

const NOTHING = new Uint8Array();

function onRead(this: OwnedHandle): void {
  this.connection!.onRead();
}
