import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { Address } from '../util/index.ts';

/** The receiver of datagrams and errors. */
export interface DatagramHandler {
  /** Bytes of the handler's own. */
  onPacket(packet: Buffer): void;
  /** Something could not be sent, or nobody listens there; more may still arrive. */
  onError(error: Error): void;
}

/** A UDP socket that talks to one address only: the kernel drops what comes from elsewhere. */
export class DatagramSocket {
  readonly #socket: Socket;

  private constructor(socket: Socket, handler: DatagramHandler) {
    this.#socket = socket;
    socket.on('message', (packet) => handler.onPacket(packet));
    socket.on('error', (error) => handler.onError(error));
  }

  /** @throws {Error} of the system, when that address cannot be reached from here */
  static async open({ host, port }: Address, handler: DatagramHandler): Promise<DatagramSocket> {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    try {
      const connected = once(socket, 'connect');
      socket.connect(port, host);
      await connected;
    } catch (thrown) {
      socket.close();
      throw thrown;
    }
    return new DatagramSocket(socket, handler);
  }

  /** @param packet not to be changed any more */
  send(packet: Uint8Array): void {
    this.#socket.send(packet, (error) => {
      if (error !== null) this.#socket.emit('error', error);
    });
  }

  close(): void {
    this.#socket.close();
  }
}
