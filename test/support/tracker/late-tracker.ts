import { createServer } from 'node:http';
import { expect } from 'vitest';
import { AnnounceLogic } from '../../../src/tracker/core/index.ts';
import { ClientAddresses } from '../../../src/tracker/frontends/client-address/index.ts';
import { type FrontEnds, listenFrontEnds } from '../../../src/tracker/frontends/index.ts';
import { AddressLimits } from '../../../src/tracker/guard/rate-limit/index.ts';
import { createCounters } from '../../../src/tracker/metrics/index.ts';
import type { SwarmStore } from '../../../src/tracker/swarms/index.ts';
import { MemorySwarmStore } from '../../../src/tracker/swarms/memory/index.ts';
import { seededRandom } from '../../../src/util/index.ts';
import { FakeClock } from '../index.ts';
import { LateSwarms } from './late-swarms.ts';
import { RawClient } from './raw-client.ts';

/** The front ends on a store whose answers are awaited. */
export class LateTracker implements AsyncDisposable {
  readonly clock = new FakeClock();
  readonly swarms: LateSwarms;
  readonly errors: string[] = [];
  #frontEnds: FrontEnds | undefined;
  #closing: Promise<void> | undefined;

  private constructor(change: (store: SwarmStore) => SwarmStore) {
    const store = new MemorySwarmStore({ peerTtl: 1e6, random: seededRandom(1) });
    this.swarms = new LateSwarms(change(store));
  }

  static async start(change = (store: SwarmStore): SwarmStore => store): Promise<LateTracker> {
    const started = new LateTracker(change);
    const { clock, swarms } = started;
    const logic = new AnnounceLogic({ swarms, clock, random: seededRandom(1), interval: 120 });
    const report = (error: Error, context: string): void => {
      started.errors.push(`${context}: ${error.message}`);
    };
    started.#frontEnds = await listenFrontEnds(
      '127.0.0.1',
      { port: 0, webPort: undefined },
      {
        logic,
        rateLimits: new AddressLimits({ requestsPerSecond: 0, requestBurst: 0, connectionsPerAddress: 0 }),
        clientAddresses: new ClientAddresses([]),
        counters: createCounters(clock),
        webServer: createServer((_, response) => response.end('web')),
        clock,
        report,
        random: seededRandom(1),
        wsPolicy: { peerTtl: 1e6, maxWsConnections: 0 },
      },
    );
    return started;
  }

  get frontEnds(): FrontEnds {
    return this.#frontEnds!;
  }

  connect(): Promise<RawClient> {
    return RawClient.connect(this.frontEnds.address.port);
  }

  close(): Promise<void> {
    this.#closing ??= this.frontEnds.close();
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
    expect(this.errors).toEqual([]);
  }
}
