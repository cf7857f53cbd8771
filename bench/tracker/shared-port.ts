import { Disposables } from '../../test/support/index.ts';
import { type RunningTracker, startProgram, unpinned } from '../programs/trackers.ts';
import { compare } from '../support/compare.ts';
import { NEW_NODE } from '../support/install.ts';
import { versionOf } from '../support/machine.ts';
import { cpuSoFar } from '../support/measure.ts';
import { rounded } from '../support/report.ts';
import { loadOverUdp } from '../support/tracker-load.ts';
import type { TrackerBenchOptions } from './options.ts';

const PROCESSES = [1, 2];
/** The most swarms here: those of the other parts would take long to fill. */
const MAX_SWARMS = 1000;

/**
 * Announces a second over UDP of processes that share a port. They have all cores, and so share them with the load: what
 * tells is whether an announce costs more processor time when there are several.
 */
export async function benchSharedPort(options: TrackerBenchOptions): Promise<void> {
  const swarms = Math.min(options.swarms, MAX_SWARMS);
  const contenders = Object.fromEntries(PROCESSES.map((count) => [`${count}`, () => measure(count)]));
  await compare({
    name: 'tracker-shared-port',
    rounds: options.rounds,
    contenders,
    leftOut: options.leftOut,
    findings: (middle) => ({
      options: options.given,
      versions: { node: versionOf(NEW_NODE, '--version') },
      table: Object.entries(middle).map(([processes, run]) => ({
        processes,
        'announces/s': Math.round(run!['announcesPerSecond']!),
        'CPU µs an answer': rounded(run!['cpuMicroseconds']!),
        'of the busiest process, %': rounded(run!['busiest']!),
      })),
      goals: [],
    }),
  });

  async function measure(count: number): Promise<Record<string, number>> {
    await using owned = new Disposables();
    const trackers: RunningTracker[] = [];
    while (trackers.length < count) {
      const port = trackers[0]?.port ?? 0;
      const started = await startProgram(NEW_NODE, 'udp-shared-port.js', String(port));
      trackers.push(owned.use(await unpinned(started)));
    }
    await loadOverUdp(trackers[0]!, { swarms, seconds: 0 });
    const before = await cpuOf(trackers);
    const { announcesPerSecond } = await loadOverUdp(trackers[0]!, {
      swarms,
      seconds: options.seconds,
      fill: false,
    });
    const spent = (await cpuOf(trackers)).map((cpu, at) => cpu - before[at]!);
    const sum = spent.reduce((total, cpu) => total + cpu);
    return {
      announcesPerSecond,
      cpuMicroseconds: (sum * 1e6) / (announcesPerSecond * options.seconds),
      busiest: (100 * Math.max(...spent)) / sum,
    };
  }
}

function cpuOf(trackers: readonly RunningTracker[]): Promise<number[]> {
  return Promise.all(trackers.map(({ process }) => cpuSoFar(process.pid)));
}
