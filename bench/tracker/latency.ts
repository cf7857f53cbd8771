import { setTimeout } from 'node:timers/promises';
import { type RunningTracker, startProgram } from '../programs/trackers.ts';
import { peakRssSoFar } from '../support/measure.ts';
import { type Findings, openReport, rounded } from '../support/report.ts';
import { medians } from '../support/statistics.ts';
import { loadOverUdp, type UdpLoad } from '../support/tracker-load.ts';
import type { TrackerBenchOptions } from './options.ts';

/** A million peers in all. */
const SWARMS = 10_500;
const PEERS = 96;
/** The milliseconds from the start of the load until it is disturbed. */
const LEAD_MS = 1000;

/** The work of the tracker that begins a second after the load. */
const DISTURBANCES = ['nothing', 'snapshot', 'expire'] as const;
/**
 * A tracker forgets peers every half a minute. When it does for the first time, V8 compiles what does it, on the core that
 * the tracker is bound to: that is measured, too, but only once in the life of a tracker.
 */
const FIRST_EXPIRY = 'expire, the first time';

/** Measures how long announces wait at half of the load that the tracker can bear, with a million peers. */
export async function benchLatency(options: TrackerBenchOptions): Promise<void> {
  const report = openReport('tracker-latency');
  const runs: Record<string, UdpLoad[]> = {};
  for (let round = 1; round <= options.rounds; round += 1) {
    await using tracker = await startProgram(process.execPath, 'tracker-driver.js');
    const saturated = await loadOverUdp(tracker, { swarms: SWARMS, peers: PEERS, seconds: options.seconds });
    const rate = Math.round(saturated.announcesPerSecond / 2);
    await note('as much as it answers', saturated);
    await note(FIRST_EXPIRY, await disturbed(tracker, 'expire', rate));
    await loadOverUdp(tracker, { swarms: SWARMS, peers: PEERS, seconds: 0 });
    for (const disturbance of DISTURBANCES)
      await note(disturbance, await disturbed(tracker, disturbance, rate));
    console.log(`${round}/${options.rounds} peak RSS ${await peakRssSoFar(tracker.process.pid)}`);
  }
  await report.write(findings());

  function findings(): Findings {
    const middle: Partial<Record<string, UdpLoad>> = Object.fromEntries(
      Object.entries(runs).map(([name, of]) => [name, medians(of)]),
    );
    return {
      options: options.given,
      versions: {},
      table: Object.entries(middle).map(([meanwhile, run]) => ({
        meanwhile,
        'announces/s': Math.round(run!.announcesPerSecond),
        'median ms': rounded(run!.p50Ms),
        'p99 ms': rounded(run!.p99Ms),
        'longest ms': rounded(run!.longestMs),
        'load stood still, ms': rounded(run!.stalledMs),
        lost: run!.lost,
      })),
      goals: DISTURBANCES.map((disturbance) => ({
        what: `p99 in ms at half the load, meanwhile: ${disturbance}`,
        measured: middle[disturbance]?.p99Ms ?? Number.NaN,
        atMost: 5,
      })),
      leftOut: [],
      runs,
    };
  }

  async function note(name: string, run: UdpLoad): Promise<void> {
    (runs[name] ??= []).push(run);
    console.log(`${name}: ${JSON.stringify(run)}`);
    await report.save(findings());
  }

  async function disturbed(tracker: RunningTracker, disturbance: string, rate: number): Promise<UdpLoad> {
    const running = loadOverUdp(tracker, {
      swarms: SWARMS,
      peers: PEERS,
      seconds: options.seconds,
      rate,
      fill: false,
    });
    await setTimeout(LEAD_MS);
    if (disturbance !== 'nothing') tracker.process.writeLine(disturbance);
    return await running;
  }
}
