import { expect } from 'vitest';
import type { TrackerOptions } from '../../src/tracker/tracker-options.ts';
import { loadUdp } from '../../src/tracker-client/announce.ts';
import { loadResponseReader } from '../../src/tracker-client/registry-call.ts';
import { type ReportError, seededRandom } from '../../src/util/index.ts';
import { FakeClock } from '../support/index.ts';
import type { HostOptions, SimHost } from './sim-host.ts';
import { SimNetwork } from './sim-network.ts';
import { simSeed } from './sim-seed.ts';
import { SimTracker } from './sim-tracker.ts';

/** The time for everything to close, and after that for a timer to fire that was forgotten, in milliseconds. */
const AFTERMATH_MS = 60_000;

/** A program that runs in a {@link World}. */
interface Program {
  close(): Promise<void>;
}

/** A simulated network with trackers, seeders and clients on it, and what must hold when they have closed. */
export class World {
  readonly clock = new FakeClock();
  readonly network: SimNetwork;
  readonly reports: string[] = [];
  /** Is given the errors that nobody waits for, which no scenario may have. */
  readonly report: ReportError = (error, context) => this.reports.push(`${context}: ${error.stack}`);
  readonly #programs: Program[] = [];

  constructor(seed: number) {
    this.network = new SimNetwork(this.clock, seededRandom(seed));
  }

  /** Adds a program, to be closed when the scenario is over: those that were added last are closed first. */
  add<T extends Program>(program: T): T {
    this.#programs.push(program);
    return program;
  }

  async addTracker(options: TrackerOptions = {}, host: SimHost | HostOptions = {}): Promise<SimTracker> {
    const on = 'ip' in host ? host : this.network.addHost(host);
    return this.add(await SimTracker.start(this.network, on, this.report, options));
  }

  /** Passes time until work is done. @returns its result, and how many milliseconds it took */
  async finish<T>(work: Promise<T>, limitMs: number): Promise<{ readonly result: T; readonly took: number }> {
    let isDone = false;
    const done = () => {
      isDone = true;
    };
    work.then(done, done);
    const took = await this.clock.runUntil(() => isDone, limitMs);
    return { result: await work, took };
  }

  /** Closes all programs, and checks that nothing of them remains. */
  async close(): Promise<void> {
    for (const program of this.#programs.splice(0).reverse()) {
      await this.finish(program.close(), AFTERMATH_MS);
    }
    await this.clock.pass(AFTERMATH_MS);
    for (const { ip, connections, datagrams, listenerCount } of this.network.hosts) {
      const left = {
        connections: connections.size,
        sockets: datagrams.socketCount,
        listeners: listenerCount,
      };
      expect(left, `nothing is open on ${ip}`).toEqual({ connections: 0, sockets: 0, listeners: 0 });
    }
    expect(this.clock.pendingCount, 'no timer is left').toBe(0);
    expect(this.reports).toEqual([]);
  }
}

/** Runs a scenario, closes what it opened, and checks that nothing is left. The seed stands in the message of every failure. */
export async function simulateWorld(
  defaultSeed: number,
  scenario: (world: World) => Promise<void>,
): Promise<void> {
  const seed = simSeed(defaultSeed);
  // Loading a module takes real time, which no virtual time may depend on.
  await Promise.all([loadUdp(), loadResponseReader()]);
  const world = new World(seed);
  try {
    await scenario(world);
    await world.close();
  } catch (error) {
    const reports = world.reports.map((report) => `\n${report}`).join('');
    throw new Error(`Seed ${seed}, at ${world.clock.now()} ms: ${(error as Error).message}${reports}`, {
      cause: error,
    });
  }
}
