import { type Connection, type Listener, type Network, NetworkError } from '../../src/net/index.ts';
import { type Address, formatAddress } from '../../src/util/index.ts';
import { SimConnection } from './sim-connection.ts';
import { type DatagramFate, SimDatagrams } from './sim-datagrams.ts';
import type { SimNetwork } from './sim-network.ts';
import { Uplink } from './uplink.ts';

const FIRST_EPHEMERAL_PORT = 40_000;

export interface HostOptions {
  /** The bytes a second out of the host, and into it. */
  readonly up?: number;
  readonly down?: number;
  /** The milliseconds from this host to the middle of the network. */
  readonly latency?: number;
  /** The fate of the datagrams that it sends. */
  readonly datagrams?: DatagramFate;
}

/** A machine on a {@link SimNetwork}: the `Network` of the peer that runs there. */
export class SimHost implements Network {
  readonly ip: string;
  readonly latency: number;
  /** Open connections. */
  readonly connections = new Set<SimConnection>();
  readonly uplink: Uplink;
  readonly datagrams: SimDatagrams;
  /** Connections this host tried to open. */
  dialCount = 0;
  readonly #network: SimNetwork;
  readonly #down: number;
  readonly #listeners = new Map<number, (connection: Connection) => void>();
  #nextPort = FIRST_EPHEMERAL_PORT;
  /** The time at which the line into the host is free again. */
  #downFreeAt = 0;
  /** No connection can be opened because the process has no file descriptor left. */
  lacksDescriptors = false;
  /** Nothing leaves and nothing arrives, and nobody is told. */
  isDark = false;

  constructor(network: SimNetwork, ip: string, options: HostOptions) {
    const { up = 10e6, down = 100e6, latency = 10, datagrams = {} } = options;
    this.#network = network;
    this.ip = ip;
    this.latency = latency;
    this.#down = down;
    this.datagrams = new SimDatagrams(network, this, datagrams);
    this.uplink = new Uplink({
      clock: network.clock,
      random: network.random,
      rate: up,
      connections: this.connections,
    });
  }

  get listenerCount(): number {
    return this.#listeners.size;
  }

  async listen(
    { port }: { readonly port: number },
    onConnection: (connection: Connection) => void,
  ): Promise<Listener> {
    const bound = port === 0 ? this.#nextPort++ : port;
    if (this.#listeners.has(bound)) throw new NetworkError('PORT_IN_USE', `Cannot listen on ${bound}`);
    this.#listeners.set(bound, onConnection);
    return {
      address: { host: this.ip, port: bound },
      close: async () => {
        this.#listeners.delete(bound);
      },
    };
  }

  dial(address: Address, { signal }: { readonly signal: AbortSignal }): Promise<Connection> {
    this.dialCount += 1;
    if (this.lacksDescriptors) {
      const cause = Object.assign(new Error('connect EMFILE'), { code: 'EMFILE' });
      const message = `Cannot connect to ${formatAddress(address)}: ${cause.message}`;
      return Promise.reject(new NetworkError('UNREACHABLE', message, { cause }));
    }
    const target = this.#network.find(address.host);
    const trip = this.latency + (target?.latency ?? 0);
    return new Promise((resolve, reject) => {
      let opened: SimConnection | undefined;
      const fail = (code: 'ABORTED' | 'UNREACHABLE') => {
        opened?.destroy();
        reject(new NetworkError(code, `Cannot connect to ${formatAddress(address)}`));
      };
      const onAbort = () => fail('ABORTED');
      signal.addEventListener('abort', onAbort, { once: true });
      this.#network.clock.setTimer(trip, () => {
        if (signal.aborted || this.isDark || target?.isDark === true) return;
        opened = target?.accept(this, address.port);
        this.#network.clock.setTimer(trip, () => {
          signal.removeEventListener('abort', onAbort);
          if (opened === undefined) fail('UNREACHABLE');
          else if (!signal.aborted) resolve(opened);
        });
      });
    });
  }

  /** @returns the dialer's end; nothing when nobody listens */
  accept(dialer: SimHost, port: number): SimConnection | undefined {
    const onConnection = this.#listeners.get(port);
    if (onConnection === undefined) return undefined;
    const theirs = new SimConnection(dialer, { host: this.ip, port }, false);
    const ours = new SimConnection(this, { host: dialer.ip, port: dialer.#nextPort++ }, true);
    theirs.other = ours;
    ours.other = theirs;
    dialer.connections.add(theirs);
    this.connections.add(ours);
    onConnection(ours);
    return theirs;
  }

  transmit(from: SimConnection, segment: Uint8Array): void {
    this.#transmit(from, segment.length, () => from.other.receive(segment));
  }

  /** The end of a connection travels behind the bytes sent before. */
  transmitEnd(from: SimConnection, error: Error | undefined): void {
    this.#transmit(from, 0, () => from.other.end(error));
  }

  /** Resets every connection, as when a process dies. */
  resetAll(): void {
    for (const connection of [...this.connections]) {
      this.transmitEnd(connection, new Error('read ECONNRESET'));
      connection.end(undefined);
    }
  }

  /** The process is gone without a word to anybody: nobody listens any more, and open connections lead nowhere. */
  vanish(): void {
    this.#listeners.clear();
    for (const connection of this.connections) this.#network.cut(connection);
  }

  /** Calls back once what is happening now is over. */
  soon(work: () => void): void {
    this.#network.clock.setTimer(0, work);
  }

  #transmit(from: SimConnection, bytes: number, deliver: () => void): void {
    const to = from.other.host;
    // Lost bytes are not sent again: the connection is dead, and neither end knows.
    if (this.isDark || to.isDark) this.#network.cut(from);
    if (this.#network.isCut(from)) return;
    const { clock } = this.#network;
    clock.setTimer(this.latency + to.latency, () => {
      const start = Math.max(clock.now(), to.#downFreeAt);
      to.#downFreeAt = start + (bytes * 1000) / to.#down;
      clock.setTimerAt(to.#downFreeAt, deliver);
    });
  }
}
