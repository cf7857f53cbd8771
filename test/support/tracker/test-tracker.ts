import { createTracker, type Tracker } from '../../../src/tracker/create-tracker.ts';
import { type TrackerStats, trackerStatsSchema } from '../../../src/tracker/metrics/index.ts';
import type { TrackerOptions } from '../../../src/tracker/tracker-options.ts';
import { seededRandom } from '../../../src/util/index.ts';
import { FakeClock } from '../index.ts';

/** A tracker on a port of its own, whose time stands still; an error in its background fails the test that ends it. */
export class TestTracker implements AsyncDisposable {
  readonly clock = new FakeClock();
  readonly errors: string[] = [];
  #tracker: Tracker | undefined;

  static async start(options: TrackerOptions = {}): Promise<TestTracker> {
    const started = new TestTracker();
    const startedAt = Date.now();
    started.#tracker = await createTracker({
      host: '127.0.0.1',
      clock: started.clock,
      wallTime: () => startedAt + started.clock.now(),
      random: seededRandom(1),
      onError: (error, context) => started.errors.push(`${context}: ${error.message}`),
      ...options,
    });
    return started;
  }

  get tracker(): Tracker {
    return this.#tracker!;
  }

  get port(): number {
    return this.tracker.address.port;
  }

  /** Asks for a path of its port, or of the web API's own. */
  fetch(path: string, init: RequestInit = {}, port = this.port): Promise<Response> {
    return fetch(`http://127.0.0.1:${port}${path}`, init);
  }

  /** Asks the web API for the tracker's figures, and checks that they have the shape that is described. */
  async fetchStats(port = this.port): Promise<TrackerStats> {
    const response = await this.fetch('/api/v1/stats', {}, port);
    return trackerStatsSchema.parse(await response.json());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.tracker.close();
    if (this.errors.length > 0) throw new Error(`The tracker reported: ${this.errors.join('; ')}`);
  }
}

/** The query of an announce of peer `number`, which listens on the port of that number. */
export function announceQuery(number: number, more = 'left=0'): string {
  const peerId = String(number).padStart(20, '-');
  return `info_hash=${'%AA'.repeat(20)}&peer_id=${peerId}&port=${number}&${more}`;
}

/** The same as a whole request. */
export function announceRequest(number: number, more?: string): string {
  return `GET /announce?${announceQuery(number, more)} HTTP/1.1\r\nHost: t\r\n\r\n`;
}
