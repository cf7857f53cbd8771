import type { Address } from '../util/index.ts';

/** The receiver of datagrams and errors. */
export interface DatagramHandler {
  /** A datagram has arrived. The handler owns its bytes. */
  onPacket(packet: Buffer): void;
  /** A datagram could not be sent, or nobody listens at the address. More datagrams may still arrive. */
  onError(error: Error): void;
}

/** A socket for one remote address. Datagrams from other addresses are dropped. */
export interface DatagramSocket {
  /** Sends a datagram, which may be lost, be late or arrive twice. @param packet the bytes, which must not change any more */
  send(packet: Uint8Array): void;
  /** Closes the socket. It sends and receives nothing after that. */
  close(): void;
}

/** The port that opens sockets for datagrams, of UDP or of a simulated network. */
export interface Datagrams {
  /** Opens a socket. @throws the system's error when the address cannot be reached from here */
  connect(address: Address, handler: DatagramHandler): Promise<DatagramSocket>;
}
