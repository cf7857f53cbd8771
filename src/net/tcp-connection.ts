import type { Socket } from 'node:net';
import type { Address } from '../util/index.ts';
import { type Connection, type ConnectionHandler, SEND_LOW_WATER_BYTES } from './connection.ts';

/** A TCP connection. Reading starts with {@link start}, so that no byte comes before there is a handler. */
export class TcpConnection implements Connection {
  readonly remote: Address;
  readonly isIncoming: boolean;
  readonly #socket: Socket;
  #handler: ConnectionHandler | undefined;
  #error: Error | undefined;
  /** Whether the bytes that wait reached the low-water mark and `onDrain` was not called since. */
  #isFull = false;
  #lowWaterBytes = SEND_LOW_WATER_BYTES;

  constructor(socket: Socket, remote: Address, isIncoming: boolean) {
    this.#socket = socket;
    this.remote = remote;
    this.isIncoming = isIncoming;
    socket.setNoDelay(true);
    // The handler is set here, so that a reset between accept and start() is not an uncaught error.
    socket.on('error', (error) => {
      this.#error = error;
    });
  }

  get bytesWaiting(): number {
    return this.#socket.writableLength;
  }

  get lowWaterBytes(): number {
    return this.#lowWaterBytes;
  }

  set lowWaterBytes(bytes: number) {
    this.#lowWaterBytes = bytes;
    this.#isFull ||= this.#socket.writableLength >= bytes;
  }

  start(handler: ConnectionHandler): void {
    this.#handler = handler;
    const socket = this.#socket;
    socket.on('data', (bytes: Buffer) => handler.onData(bytes));
    socket.on('close', () => handler.onClose(this.#error));
    socket.on('end', () => socket.destroy());
    if (socket.destroyed) queueMicrotask(() => handler.onClose(this.#error));
    else socket.resume();
  }

  /** Passes bytes on from a socket that reads into a buffer of ours and emits no `data`. */
  receive(bytes: Uint8Array): void {
    this.#handler?.onData(bytes);
  }

  write(bytes: Uint8Array, onSent?: () => void): void {
    this.#socket.write(bytes, onSent === undefined ? this.#onWritten : () => this.#onWritten(onSent));
    this.#isFull ||= this.#socket.writableLength >= this.#lowWaterBytes;
  }

  cork(): void {
    this.#socket.cork();
  }

  uncork(): void {
    this.#socket.uncork();
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /**
   * Notes that bytes have left, or never will, and calls `onDrain` below the low-water mark. Node's own `drain` comes only
   * when no bytes wait any more, so that the line would idle until the next block is there.
   */
  readonly #onWritten = (onSent?: (() => void) | Error | null): void => {
    if (typeof onSent === 'function') onSent();
    if (!this.#isFull || this.#socket.writableLength >= this.#lowWaterBytes || this.#socket.destroyed) return;
    this.#isFull = false;
    this.#handler?.onDrain();
  };
}
