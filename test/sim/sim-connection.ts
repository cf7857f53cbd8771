import { type Connection, type ConnectionHandler, SEND_LOW_WATER_BYTES } from '../../src/net/index.ts';
import type { Address } from '../../src/util/index.ts';
import type { SimHost } from './sim-host.ts';

/** The bytes on their way to a host, or unread there, beyond which its sender waits: TCP's window. */
const WINDOW_BYTES = 512 * 1024;
/** The bytes that the kernel has taken over; they leave even after the connection was destroyed. */
const KERNEL_BYTES = 16 * 1024;

/** The bytes of one write that have not left yet. */
interface Written {
  rest: Uint8Array;
  readonly onSent: () => void;
}

/** An end of a simulated connection. */
export class SimConnection implements Connection {
  readonly remote: Address;
  readonly isIncoming: boolean;
  readonly host: SimHost;
  /** The other end. */
  other!: SimConnection;
  /** A segment of it is being put on the line. */
  #isTransmitting = false;
  #handler: ConnectionHandler | undefined;
  #outbox: Written[] = [];
  #waiting = 0;
  #isFull = false;
  #lowWaterBytes = SEND_LOW_WATER_BYTES;
  #corks = 0;
  /** The bytes that left and were not read by the other end. */
  #unread = 0;
  /** The bytes that came while reading was paused. */
  #inbox: Uint8Array[] = [];
  #isPaused = false;
  #isClosed = false;

  constructor(host: SimHost, remote: Address, isIncoming: boolean) {
    this.host = host;
    this.remote = remote;
    this.isIncoming = isIncoming;
  }

  get bytesWaiting(): number {
    return this.#waiting;
  }

  get lowWaterBytes(): number {
    return this.#lowWaterBytes;
  }

  set lowWaterBytes(bytes: number) {
    this.#lowWaterBytes = bytes;
    this.#isFull ||= this.#waiting >= bytes;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Tells whether something could leave now. */
  get canTransmit(): boolean {
    return this.#waiting > 0 && this.#corks === 0 && this.#unread < WINDOW_BYTES && !this.#isClosed;
  }

  start(handler: ConnectionHandler): void {
    if (this.#handler !== undefined) throw new Error('A connection was started twice');
    this.#handler = handler;
    if (this.#isClosed) this.host.soon(() => handler.onClose(undefined));
  }

  write(bytes: Uint8Array, onSent: () => void = () => {}): void {
    if (this.#isClosed || bytes.length === 0) {
      this.host.soon(onSent);
      return;
    }
    this.#outbox.push({ rest: bytes, onSent });
    this.#waiting += bytes.length;
    this.#isFull ||= this.#waiting >= this.#lowWaterBytes;
    this.host.uplink.wake();
  }

  cork(): void {
    this.#corks += 1;
  }

  uncork(): void {
    this.#corks -= 1;
    this.host.uplink.wake();
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.host.soon(() => this.#read());
  }

  destroy(): void {
    if (this.#isClosed) return;
    if (this.#isTransmitting) {
      // The end does not overtake the segment.
      this.end(undefined);
      return;
    }
    if (this.#waiting > 0 && this.#corks === 0) this.host.transmit(this, this.take(KERNEL_BYTES));
    this.host.transmitEnd(this, undefined);
    this.end(undefined);
  }

  /** Takes up to `count` bytes to put on the line, until {@link transmitted} is called. */
  beginTransmitting(count: number): Uint8Array {
    this.#isTransmitting = true;
    return this.take(count);
  }

  /** The segment has left. */
  transmitted(segment: Uint8Array): void {
    this.#isTransmitting = false;
    this.host.transmit(this, segment);
    if (this.#isClosed) this.host.transmitEnd(this, undefined);
  }

  /** Takes up to `count` bytes to put on the line: a copy, as the kernel makes one. */
  take(count: number): Uint8Array {
    const segment = new Uint8Array(Math.min(count, this.#waiting));
    for (let filled = 0; filled < segment.length; ) {
      const first = this.#outbox[0]!;
      const part = first.rest.subarray(0, segment.length - filled);
      segment.set(part, filled);
      filled += part.length;
      first.rest = first.rest.subarray(part.length);
      if (first.rest.length > 0) break;
      this.#outbox.shift();
      this.host.soon(first.onSent);
    }
    this.#waiting -= segment.length;
    this.#unread += segment.length;
    if (this.#isFull && this.#waiting < this.#lowWaterBytes) {
      this.#isFull = false;
      this.host.soon(() => {
        if (!this.#isClosed) this.#handler?.onDrain();
      });
    }
    return segment;
  }

  /** Takes bytes that arrive from the other end. */
  receive(bytes: Uint8Array): void {
    if (this.#isClosed) return;
    this.#inbox.push(bytes);
    this.#read();
  }

  /** The connection is over at this end. */
  end(error: Error | undefined): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const { onSent } of this.#outbox) this.host.soon(onSent);
    this.#outbox = [];
    this.#waiting = 0;
    this.host.connections.delete(this);
    const handler = this.#handler;
    this.host.soon(() => handler?.onClose(error));
  }

  #read(): void {
    while (!this.#isPaused && !this.#isClosed && this.#handler !== undefined) {
      const bytes = this.#inbox.shift();
      if (bytes === undefined) return;
      this.#handler.onData(bytes);
      // A receiver that kept the view does not find in it what was there.
      bytes.fill(0xee);
      this.other.#unread -= bytes.length;
      this.other.host.uplink.wake();
    }
  }
}
