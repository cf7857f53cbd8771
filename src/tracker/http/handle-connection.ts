import type { Socket } from 'node:net';
import type { Sender } from '../announce.ts';
import type { AnswerBatch } from './answer-batch.ts';
import { type Asker, answerRequests, type HttpPort, type Progress } from './answer-requests.ts';
import { joined } from './http-response.ts';
import { HEAD_TIMEOUT, KEEP_ALIVE_TIMEOUT, type OpenConnection } from './open-connection.ts';
import { bytesRead, socketOf, startReading, type TcpHandle, write } from './tcp-handle.ts';

/** Whom a connection without a socket belongs to. */
export interface HandleConnectionOwner {
  readonly port: HttpPort;
  readonly batch: AnswerBatch;
  /** Is called once, unless {@link onSocket} is: the connection has ended. */
  onEnd(connection: HandleConnection): void;
  /**
   * Is called once, unless {@link onEnd} is: the connection is a socket's from now on.
   *
   * @param progress of which the answers are written already
   * @param rest what was read and not used for them
   */
  onSocket(connection: HandleConnection, socket: Socket, progress: Progress, rest: Buffer): void;
}

const EMPTY = Buffer.alloc(0);

/** A handle that this project has read from. */
interface OwnedHandle extends TcpHandle {
  connection?: HandleConnection;
}

/**
 * One client of the tracker's port without a socket, as long as it does what nearly all do: whole requests arrive, their
 * answers are there at once, and the kernel takes them. Whatever else happens makes a socket of it, and
 * {@link HttpConnection} goes on.
 */
export class HandleConnection implements OpenConnection, Asker {
  deadline: number;
  readonly peer: Sender;
  readonly isFromProxy = false;
  readonly isDraining = false;
  readonly unsent = 0;
  readonly #handle: OwnedHandle;
  readonly #owner: HandleConnectionOwner;
  #isOpen = true;
  #isKept = false;
  #progress: Progress | undefined;

  constructor(owner: HandleConnectionOwner, handle: TcpHandle, peer: Sender) {
    this.#owner = owner;
    this.#handle = handle;
    this.peer = peer;
    this.deadline = owner.port.clock.now() + HEAD_TIMEOUT;
  }

  start(): void {
    this.#handle.connection = this;
    if (!startReading(this.#handle, onRead)) this.cut();
  }

  drain(): void {
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
    const chunk = bytesRead();
    if (chunk === undefined) {
      if (this.#progress !== undefined) this.#owner.batch.flush();
      this.cut();
      return;
    }
    const { port, batch } = this.#owner;
    const progress = answerRequests(port, this, chunk);
    const { used, answers, next } = progress;
    const isUsual = (next === 'read' || next === 'close') && used === chunk.length && answers.length > 0;
    if (isUsual && this.#progress === undefined) {
      this.#progress = progress;
      batch.add(this);
      return;
    }
    if (this.#progress !== undefined) batch.flush();
    if (!this.#isOpen) return;
    this.#finish(progress, chunk.subarray(used));
  }

  write(): void {
    const progress = this.#progress;
    this.#progress = undefined;
    if (this.#isOpen && progress !== undefined) this.#finish(progress, EMPTY);
  }

  #finish(progress: Progress, rest: Buffer): void {
    const { answers, next } = progress;
    const written = answers.length === 0 ? 'taken' : write(this.#handle, joined(answers));
    if (written === 'failed' || (written === 'taken' && next === 'close' && rest.length === 0)) this.cut();
    else if (written === 'waiting' || next !== 'read' || rest.length > 0) this.#becomeSocket(progress, rest);
    else this.#keep(this.#owner.port.clock.now() + KEEP_ALIVE_TIMEOUT);
  }

  #keep(deadline: number): void {
    this.deadline = deadline;
    if (this.#isKept) return;
    this.#isKept = true;
    // For answers that follow each other; a failure shows with the next read.
    this.#handle.setNoDelay(true);
  }

  #becomeSocket(progress: Progress, rest: Buffer): void {
    this.#isOpen = false;
    this.#owner.onSocket(this, socketOf(this.#handle), progress, Buffer.from(rest));
  }
}

function onRead(this: OwnedHandle): void {
  this.connection!.onRead();
}
