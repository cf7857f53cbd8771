import {
  type StartTracker,
  startBare,
  startBittorrentTracker,
  startOpen,
  startShoal,
} from '../programs/trackers.ts';
import { compare } from '../support/compare.ts';
import { type HttpConnection, type HttpLoad, loadOverHttp } from '../support/http-load.ts';
import { cpuSoFar, peakRssSoFar } from '../support/measure.ts';
import { rounded } from '../support/report.ts';
import { times } from '../support/statistics.ts';
import { loadedInfoHashes, loadOverUdp } from '../support/tracker-load.ts';
import { type TrackerBenchOptions, trackerVersions } from './options.ts';

const CONTENDERS: Readonly<Record<string, StartTracker>> = {
  shoal: startShoal,
  opentracker: startOpen,
  'bittorrent-tracker': startBittorrentTracker,
};
const BARE = 'bare node:net';

/** The figures of the load generator, and what the tracker took. */
interface HttpRun extends HttpLoad {
  readonly cpuMicroseconds: number;
  readonly peakRss: number;
}

/** Announces a second over HTTP, on connections that stay and on one for each. */
export async function benchHttp(options: TrackerBenchOptions): Promise<void> {
  const swarms = options.swarms;
  const infoHashes = loadedInfoHashes(swarms);
  const contenders = Object.fromEntries(
    (['keep-alive', 'close'] as const).flatMap((connection) => [
      ...Object.entries(CONTENDERS).map(([name, start]) => [
        `${name}, ${connection}`,
        () => measure(start, connection, true),
      ]),
      [`${BARE}, ${connection}`, () => measure(startBare('bare-net.js'), connection, false)],
    ]),
  ) as Record<string, () => Promise<HttpRun>>;
  await compare({
    name: 'tracker-http',
    rounds: options.rounds,
    contenders,
    leftOut: options.leftOut,
    findings: (middle) => {
      const timesAsMany = (other: string, connection: HttpConnection) =>
        times(
          middle[`shoal, ${connection}`]?.requestsPerSecond,
          middle[`${other}, ${connection}`]?.requestsPerSecond,
        );
      return {
        options: options.given,
        versions: trackerVersions(),
        table: Object.entries(middle).map(([program, run]) => ({
          program,
          'requests/s': Math.round(run!.requestsPerSecond),
          'bytes an answer': Math.round(run!.bytesPerResponse),
          'CPU µs a request': rounded(run!.cpuMicroseconds),
          'p99 ms': rounded(run!.p99Ms),
          errors: run!.errors,
          'peak RSS MB': Math.round(run!.peakRss / 1e6),
        })),
        goals: [
          {
            what: 'HTTP keep-alive: times opentracker',
            measured: timesAsMany('opentracker', 'keep-alive'),
            atLeast: 3.5,
          },
          {
            what: 'HTTP keep-alive: times bittorrent-tracker',
            measured: timesAsMany('bittorrent-tracker', 'keep-alive'),
            atLeast: 25,
          },
          {
            what: 'HTTP, a connection a request: times opentracker',
            measured: timesAsMany('opentracker', 'close'),
            atLeast: 0.9,
          },
        ],
      };
    },
  });

  /** @param fill whether the swarms are filled first, over UDP */
  async function measure(start: StartTracker, connection: HttpConnection, fill: boolean): Promise<HttpRun> {
    await using tracker = await start(infoHashes);
    if (fill) await loadOverUdp(tracker, { swarms, seconds: 0 });
    const { pid } = tracker.process;
    await loadOverHttp(tracker, swarms, connection, 1);
    const before = await cpuSoFar(pid);
    const result = await loadOverHttp(tracker, swarms, connection, options.seconds);
    const cpu = (await cpuSoFar(pid)) - before;
    return {
      ...result,
      cpuMicroseconds: (cpu * 1e6) / result.requests,
      peakRss: await peakRssSoFar(pid),
    };
  }
}
