import type { DatagramHandler, DatagramSocket, Datagrams } from '../../src/net/index.ts';
import { type Address, formatAddress } from '../../src/util/index.ts';
import type { SimNetwork } from './sim-network.ts';

const FIRST_EPHEMERAL_PORT = 50_000;

/** The shares of the datagrams of a host that get lost or come twice, between 0 and 1; none unless given. */
export interface DatagramFate {
  readonly lost?: number;
  readonly doubled?: number;
  /** Each is late by up to so many milliseconds, so that one sent later may arrive earlier. */
  readonly jitterMs?: number;
}

/** The host that sends and receives, as far as datagrams need it. */
interface Sender {
  readonly ip: string;
  readonly latency: number;
  readonly isDark: boolean;
}

/** The receiver of what arrives at a port, and who is said to have sent it. */
type OnDatagram = (packet: Buffer, from: Address) => void;

/** A socket that is open on a host, and what it is told. */
interface Bound {
  readonly onPacket: OnDatagram;
  /** Nobody listens where a datagram was sent to. */
  readonly onRefused: (to: Address) => void;
}

/** A socket that talks to any address. */
export interface SimSocket {
  readonly address: Address;
  sendTo(to: Address, packet: Uint8Array): void;
  close(): void;
}

/** The datagrams of a host on a {@link SimNetwork}: they can be lost, late, doubled, and overtake each other. */
export class SimDatagrams implements Datagrams {
  readonly #network: SimNetwork;
  readonly #host: Sender;
  readonly #bound = new Map<number, Bound>();
  #nextPort = FIRST_EPHEMERAL_PORT;
  /** May be changed. */
  fate: DatagramFate;
  sentCount = 0;

  constructor(network: SimNetwork, host: Sender, fate: DatagramFate) {
    this.#network = network;
    this.#host = host;
    this.fate = fate;
  }

  /** Sockets that are open. */
  get socketCount(): number {
    return this.#bound.size;
  }

  /** Opens a socket that takes what anybody sends. @param port 0: any that is free */
  bind(port: number, onPacket: OnDatagram, onRefused: (to: Address) => void = () => {}): SimSocket {
    const own = port === 0 ? this.#nextPort++ : port;
    if (this.#bound.has(own)) throw new Error(`Port ${own} of ${this.#host.ip} is taken`);
    const bound = { onPacket, onRefused };
    this.#bound.set(own, bound);
    const address = { host: this.#host.ip, port: own };
    return {
      address,
      sendTo: (to, packet) => this.send(address, to, packet),
      close: () => {
        if (this.#bound.get(own) === bound) this.#bound.delete(own);
      },
    };
  }

  async connect(remote: Address, handler: DatagramHandler): Promise<DatagramSocket> {
    const isRemote = (from: Address) => formatAddress(from) === formatAddress(remote);
    const socket = this.bind(
      0,
      (packet, from) => {
        if (isRemote(from)) handler.onPacket(packet);
      },
      () => handler.onError(Object.assign(new Error('send ECONNREFUSED'), { code: 'ECONNREFUSED' })),
    );
    return { send: (packet) => socket.sendTo(remote, packet), close: () => socket.close() };
  }

  /** @param from the sender that the receiver sees: a host can pretend to be another */
  send(from: Address, to: Address, packet: Uint8Array): void {
    this.sentCount += 1;
    const { random } = this.#network;
    const { lost = 0, doubled = 0 } = this.fate;
    if (this.#host.isDark || random.next() < lost) return;
    const copies = random.next() < doubled ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) this.#carry(from, to, Buffer.from(packet));
  }

  #carry(from: Address, to: Address, packet: Buffer): void {
    const { clock, random } = this.#network;
    const target = this.#network.find(to.host);
    const trip = this.#host.latency + (target?.latency ?? 0) + random.next() * (this.fate.jitterMs ?? 0);
    clock.setTimer(trip, () => {
      if (target === undefined || target.isDark) return;
      const bound = target.datagrams.#bound.get(to.port);
      if (bound !== undefined) bound.onPacket(packet, from);
      else clock.setTimer(trip, () => this.#bound.get(from.port)?.onRefused(to));
    });
  }
}
