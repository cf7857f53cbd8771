import type { Random } from '../../src/util/index.ts';
import type { FakeClock } from '../support/index.ts';
import type { SimConnection } from './sim-connection.ts';
import { type HostOptions, SimHost } from './sim-host.ts';

/**
 * A network in memory, on virtual time. Each host has a line in and a line out with a rate, shared by its connections,
 * and a distance to all others; streams are cut into segments at random.
 */
export class SimNetwork {
  readonly clock: FakeClock;
  readonly random: Random;
  readonly #hosts = new Map<string, SimHost>();
  readonly #cut = new WeakSet<SimConnection>();

  constructor(clock: FakeClock, random: Random) {
    this.clock = clock;
    this.random = random;
  }

  get hosts(): Iterable<SimHost> {
    return this.#hosts.values();
  }

  addHost(options: HostOptions = {}): SimHost {
    const ip = `10.0.${this.#hosts.size >> 8}.${(this.#hosts.size & 255) + 1}`;
    const host = new SimHost(this, ip, options);
    this.#hosts.set(ip, host);
    return host;
  }

  find(ip: string): SimHost | undefined {
    return this.#hosts.get(ip);
  }

  /** Nothing goes over this connection any more, in either direction, and neither end is told. */
  cut(connection: SimConnection): void {
    this.#cut.add(connection);
    this.#cut.add(connection.other);
  }

  isCut(connection: SimConnection): boolean {
    return this.#cut.has(connection);
  }
}
