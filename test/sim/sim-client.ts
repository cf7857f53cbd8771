import { getOn, type Machine } from '../../src/client/get-on.ts';
import type { GetProgress, GetResult } from '../../src/client/get-options.ts';
import type { GetError, GetOptions } from '../../src/client/index.ts';
import { SimDisk } from './sim-disk.ts';
import type { HostOptions, SimHost } from './sim-host.ts';
import { trackerPortsOf } from './sim-tracker-ports.ts';
import type { World } from './world.ts';

/** The end that a get came to, and how many milliseconds it took from the look-up on. */
export interface Outcome {
  readonly result?: GetResult;
  readonly error?: GetError;
  readonly took: number;
}

/** A simulated machine on which files are got. */
export class SimClient {
  readonly host: SimHost;
  readonly disk: SimDisk;
  readonly progress: GetProgress[] = [];
  /** The warnings that it gave. */
  readonly warnings: string[] = [];
  readonly #world: World;
  readonly #machine: Machine;

  constructor(world: World, options: HostOptions = {}) {
    const { clock, network } = world;
    const host = network.addHost(options);
    this.host = host;
    this.disk = new SimDisk(clock);
    this.#world = world;
    this.#machine = {
      clock,
      wakefulClock: clock,
      random: network.random,
      makePeerId: () => Uint8Array.from({ length: 20 }, () => 256 * network.random.next()),
      makeNetwork: () => host,
      openDisk: () => this.disk,
      trackerPorts: trackerPortsOf(network, host),
    };
  }

  /**
   * Gets a file.
   *
   * @param deadlineMs milliseconds after which it is given up
   */
  async get(options: GetOptions, deadlineMs: number): Promise<Outcome> {
    const { clock } = this.#world;
    const startedAt = clock.now();
    const deadline = new AbortController();
    const cancel = clock.setTimer(deadlineMs, () =>
      deadline.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError')),
    );
    try {
      const result = await getOn(this.#machine, {
        ...options,
        signal: deadline.signal,
        onProgress: (progress) => this.progress.push(progress),
        onWarning: (error, context) => this.warnings.push(`${context}: ${error.message}`),
      });
      return { result, took: clock.now() - startedAt };
    } catch (thrown) {
      return { error: thrown as GetError, took: clock.now() - startedAt };
    } finally {
      cancel();
    }
  }
}
