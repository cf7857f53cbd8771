import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import type { ConnectionTurns } from './connection-turns.ts';

/** Bytes of a response that are given to the socket at once: when they are gone, the client has read some of it. */
export const WRITTEN_BYTES = 64 * 1024;

/** Bytes that may wait in the stream to be read; they may be requests. */
const READ_AHEAD_BYTES = 16 * 1024;

/** The part of a connection that decides how much is read from a {@link PacedSocket}. */
export interface Pacer {
  /**
   * Decides how many of the bytes that have arrived may be read in this turn.
   *
   * @returns 0 to stop reading until {@link PacedSocket.goOn} is called
   */
  take(bytes: Buffer): number;
  /** Is called when a write begins, and when the kernel has taken it. */
  onWriting(): void;
  /** Is called when more bytes have arrived. */
  onHeld(): void;
}

/**
 * The stream that `node:http` is given in place of a socket. It delivers one request at a time, each in a turn of the event
 * loop that connections share; from a socket `node:http` would read and answer all that a client has sent.
 */
export class PacedSocket extends Duplex {
  readonly #socket: Socket;
  readonly #turns: ConnectionTurns;
  readonly #pacer: Pacer;
  /** The bytes that were read from the socket, and not yet from this stream. */
  #bytes: Buffer;
  #isWanted = false;
  #hasTurn = false;
  #hasEnded = false;

  /** @param bytes bytes that were read from the socket already */
  constructor(socket: Socket, bytes: Buffer, turns: ConnectionTurns, pacer: Pacer) {
    super({ allowHalfOpen: true, readableHighWaterMark: READ_AHEAD_BYTES });
    this.#socket = socket;
    this.#bytes = bytes;
    this.#turns = turns;
    this.#pacer = pacer;
    socket.on('data', (chunk: Buffer) => this.#onData(chunk));
    socket.on('end', () => {
      this.#hasEnded = true;
      this.goOn();
    });
    socket.on('close', () => this.destroy());
    socket.on('error', () => this.destroy());
  }

  /** The number of bytes that wait here: read and not used yet, or written and not sent yet. */
  get heldBytes(): number {
    return this.#bytes.length + this.readableLength + this.writableLength;
  }

  get remoteAddress(): string | undefined {
    return this.#socket.remoteAddress;
  }

  get localAddress(): string | undefined {
    return this.#socket.localAddress;
  }

  /** Whether TLS is spoken. */
  get encrypted(): boolean {
    return this.#socket instanceof TLSSocket;
  }

  /** Goes on reading in the connection's next turn. */
  readonly goOn = (): void => {
    if (!this.#isWanted || this.#hasTurn || this.destroyed) return;
    this.#hasTurn = true;
    this.#turns.later(this.#readSome);
  };

  /** Ends the stream when all is written, as the method of this name of Node's sockets does. */
  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', () => this.destroy());
  }

  override _read(): void {
    this.#isWanted = true;
    this.goOn();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#pacer.onWriting();
    this.#writeFrom(chunk, 0, done);
  }

  override _writev(
    chunks: readonly { readonly chunk: Buffer }[],
    done: (error?: Error | null) => void,
  ): void {
    this.#pacer.onWriting();
    const parts = chunks.map(({ chunk }) => chunk);
    // A head and a short body leave in one packet.
    const isShort = parts.reduce((sum, { length }) => sum + length, 0) <= WRITTEN_BYTES;
    this.#writeAll(isShort ? [Buffer.concat(parts)] : parts, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#socket.end(() => done());
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#bytes = EMPTY;
    this.#socket.destroy();
    done(error);
  }

  #onData(chunk: Buffer): void {
    this.#socket.pause();
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    this.#pacer.onHeld();
    this.goOn();
  }

  readonly #readSome = (): void => {
    this.#hasTurn = false;
    if (this.destroyed) return;
    const taken = this.#bytes.length === 0 ? 0 : this.#pacer.take(this.#bytes);
    if (taken > 0) {
      const some = this.#bytes.subarray(0, taken);
      this.#bytes = this.#bytes.subarray(taken);
      this.#isWanted = false;
      this.push(some);
    }
    if (this.#bytes.length > 0) return;
    if (this.#hasEnded) this.push(null);
    else this.#socket.resume();
  };

  #writeAll([first, ...others]: readonly Buffer[], done: (error?: Error | null) => void): void {
    if (first === undefined) done();
    else
      this.#writeFrom(first, 0, (error) => {
        if (error !== null && error !== undefined) done(error);
        else this.#writeAll(others, done);
      });
  }

  #writeFrom(chunk: Buffer, at: number, done: (error?: Error | null) => void): void {
    const end = Math.min(at + WRITTEN_BYTES, chunk.length);
    this.#socket.write(chunk.subarray(at, end), (error) => {
      this.#pacer.onWriting();
      if (error !== null && error !== undefined) done(error);
      else if (end < chunk.length) this.#writeFrom(chunk, end, done);
      else done();
    });
  }
}

const EMPTY = Buffer.alloc(0);
