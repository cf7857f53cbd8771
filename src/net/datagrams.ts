import type { Address } from '../util/index.ts';

/** The receiver of datagrams and errors. */
export interface DatagramHandler {
  /** Bytes of the handler's own. */
  onPacket(packet: Buffer): void;
  /** Something could not be sent, or nobody listens there; more may still arrive. */
  onError(error: Error): void;
}

/** A socket that talks to one address only: what comes from elsewhere is dropped. */
export interface DatagramSocket {
  /** Sends a datagram, which may be lost, be late or arrive twice. @param packet not to be changed any more */
  send(packet: Uint8Array): void;
  /** Sends and receives nothing more. */
  close(): void;
}

/** Opens sockets for datagrams: UDP, or a simulated network's. */
export interface Datagrams {
  /** @throws {Error} of the system, when that address cannot be reached from here */
  connect(address: Address, handler: DatagramHandler): Promise<DatagramSocket>;
}
