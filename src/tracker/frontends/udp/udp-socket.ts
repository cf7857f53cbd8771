import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { MAX_UDP_RESPONSE_BYTES } from '../../../tracker-protocol/index.ts';
import {
  type Address,
  type Clock,
  canonicalIp,
  formatAddress,
  inBackground,
  type ReportError,
} from '../../../util/index.ts';
import { clientAddressOf } from '../../core/index.ts';
import type { TransportCounters } from '../../metrics/index.ts';
import { cannotListen, DRAIN_TIMEOUT } from '../listening/index.ts';
import type { UdpResponder } from './udp-responder.ts';

/** Responses that are being made or wait for the socket to take them. With this many, no further request is answered. */
export const MAX_UNSENT_RESPONSES = 256;
/** Bytes that the kernel is asked to buffer in each direction. It may allow less. */
const KERNEL_BUFFER_BYTES = 1024 * 1024;
/** Milliseconds between two reports about responses that could not be sent. */
const FAILURE_REPORT_INTERVAL = 60_000;

export interface UdpSocketOptions {
  readonly answers: UdpResponder;
  readonly counters: TransportCounters;
  readonly clock: Clock;
  readonly report: ReportError;
}

/** The memory of a response. It is free again when the socket has taken the response. */
interface ResponseSlot {
  readonly bytes: Buffer;
  /** A view of the bytes with the length of the last response. Most have the same length, and a new view costs 1 µs. */
  filled: Buffer;
  readonly onSent: (error: Error | null) => void;
}

/** One socket of one address family, and the responses that leave through it. */
export class UdpSocket {
  readonly address: Address;
  readonly #socket: Socket;
  readonly #options: UdpSocketOptions;
  readonly #free: ResponseSlot[] = [];
  #onAllSent = (): void => {};
  #isClosed = false;
  #unreported = 0;
  #reportAt = Number.NEGATIVE_INFINITY;

  private constructor(socket: Socket, options: UdpSocketOptions) {
    this.#socket = socket;
    this.#options = options;
    const { address, port } = socket.address();
    this.address = { host: canonicalIp(address)!, port };
    const memory = Buffer.alloc(MAX_UNSENT_RESPONSES * MAX_UDP_RESPONSE_BYTES);
    for (let at = 0; at < memory.length; at += MAX_UDP_RESPONSE_BYTES) {
      this.#free.push(this.#newSlot(memory.subarray(at, at + MAX_UDP_RESPONSE_BYTES)));
    }
    socket.on('message', this.#onMessage);
    socket.on('error', (error) => options.report(error, 'receive requests over UDP'));
  }

  /**
   * Opens a socket.
   *
   * @param host a canonical IP address; `::` stands for IPv6 alone
   * @throws {TrackerStartError} PORT_IN_USE, CANNOT_LISTEN
   */
  static async listen({ host, port }: Address, options: UdpSocketOptions): Promise<UdpSocket> {
    const isIPv6 = host.includes(':');
    const socket = createSocket({
      type: isIPv6 ? 'udp6' : 'udp4',
      ipv6Only: isIPv6,
      recvBufferSize: KERNEL_BUFFER_BYTES,
      sendBufferSize: KERNEL_BUFFER_BYTES,
      // Responses go to addresses, never to host names.
      lookup: (address, _options, callback) => callback(null, address, isIPv6 ? 6 : 4),
    });
    try {
      // The listener is added before binding, which is done within this turn since there is no name to look up.
      const listening = once(socket, 'listening');
      socket.bind({ address: host, port, exclusive: true });
      await listening;
    } catch (thrown) {
      socket.close();
      throw cannotListen(thrown as NodeJS.ErrnoException, `${formatAddress({ host, port })} for UDP`);
    }
    return new UdpSocket(socket, options);
  }

  /** Stops reading requests, waits up to {@link DRAIN_TIMEOUT} for the responses to those that were read, and closes. */
  async close(): Promise<void> {
    this.#socket.off('message', this.#onMessage);
    if (this.#free.length < MAX_UNSENT_RESPONSES) {
      await new Promise<void>((resolve) => {
        const cancel = this.#options.clock.setTimer(DRAIN_TIMEOUT, resolve);
        this.#onAllSent = () => {
          cancel();
          resolve();
        };
      });
    }
    this.#isClosed = true;
    await new Promise<void>((resolve) => this.#socket.close(resolve));
  }

  readonly #onMessage = (packet: Buffer, { address, port }: RemoteInfo): void => {
    // Nothing can be sent to port 0.
    if (port === 0) return;
    const slot = this.#free.pop();
    if (slot === undefined) {
      this.#lost(new Error(`${MAX_UNSENT_RESPONSES} responses are being made or wait to be sent already`));
      return;
    }
    const length = this.#options.answers.answer(packet, clientAddressOf(address)!, slot.bytes);
    if (length instanceof Promise) {
      const sent = length.then((known) => this.#send(slot, known, port, address));
      inBackground(sent, 'answer a request over UDP', this.#options.report);
    } else this.#send(slot, length, port, address);
  };

  #send(slot: ResponseSlot, length: number, port: number, address: string): void {
    if (this.#isClosed) return;
    if (length === 0) {
      this.#giveBack(slot);
      return;
    }
    if (slot.filled.length !== length) slot.filled = slot.bytes.subarray(0, length);
    this.#socket.send(slot.filled, port, address, slot.onSent);
  }

  #giveBack(slot: ResponseSlot): void {
    this.#free.push(slot);
    if (this.#free.length === MAX_UNSENT_RESPONSES) this.#onAllSent();
  }

  #newSlot(bytes: Buffer): ResponseSlot {
    const slot: ResponseSlot = {
      bytes,
      filled: bytes,
      onSent: (error) => {
        if (error !== null) this.#lost(error);
        this.#giveBack(slot);
      },
    };
    return slot;
  }

  /** Counts a lost response, and reports it with others: clients ask again by themselves. */
  #lost(error: Error): void {
    this.#options.counters.lost += 1;
    this.#unreported += 1;
    const now = this.#options.clock.now();
    if (now < this.#reportAt) return;
    this.#options.report(error, `send ${this.#unreported} of the responses over UDP`);
    this.#unreported = 0;
    this.#reportAt = now + FAILURE_REPORT_INTERVAL;
  }
}
