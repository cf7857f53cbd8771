import {
  type StartTracker,
  startBare,
  startBittorrentTracker,
  startNative,
  startOpen,
  startShoal,
} from '../programs/trackers.ts';
import { compare } from '../support/compare.ts';
import { BATCHED_UDP } from '../support/install.ts';
import { peakRssSoFar } from '../support/measure.ts';
import { rounded } from '../support/report.ts';
import { times } from '../support/statistics.ts';
import { loadedInfoHashes, loadOverUdp, type UdpLoad } from '../support/tracker-load.ts';
import { type TrackerBenchOptions, trackerVersions } from './options.ts';

const CONTENDERS: Readonly<Record<string, StartTracker>> = {
  shoal: startShoal,
  opentracker: startOpen,
  'bittorrent-tracker': startBittorrentTracker,
  'bare dgram': startBare('bare-dgram.js'),
  'bare C': startNative(BATCHED_UDP, '1'),
  'bare C, batched': startNative(BATCHED_UDP, '32'),
};

interface UdpRun extends UdpLoad {
  readonly peakRss: number;
}

/** Announces a second over UDP. */
export async function benchUdp(options: TrackerBenchOptions): Promise<void> {
  const infoHashes = loadedInfoHashes(options.swarms);
  const contenders = Object.fromEntries(
    Object.entries(CONTENDERS).map(([name, start]) => [name, () => measure(start)]),
  );
  await compare({
    name: 'tracker-udp',
    rounds: options.rounds,
    contenders,
    leftOut: options.leftOut,
    findings: (middle) => {
      const shoal = middle['shoal'];
      const timesIts = (field: 'announcesPerSecond' | 'bytesPerResponse', other: string) =>
        times(shoal?.[field], middle[other]?.[field]);
      return {
        options: options.given,
        versions: trackerVersions(),
        table: Object.entries(middle).map(([program, run]) => ({
          program,
          'announces/s': Math.round(run!.announcesPerSecond),
          'bytes an answer': Math.round(run!.bytesPerResponse),
          'CPU µs an answer': rounded(run!.cpuMicroseconds),
          errors: run!.errors,
          lost: run!.lost,
          'peak RSS MB': Math.round(run!.peakRss / 1e6),
        })),
        goals: [
          {
            what: 'UDP: times opentracker',
            measured: timesIts('announcesPerSecond', 'opentracker'),
            atLeast: 0.5,
          },
          {
            what: 'UDP: times opentracker, by CPU',
            measured: times(middle['opentracker']?.cpuMicroseconds, shoal?.cpuMicroseconds),
            atLeast: 0.5,
          },
          {
            what: 'UDP: times bittorrent-tracker',
            measured: timesIts('announcesPerSecond', 'bittorrent-tracker'),
            atLeast: 5,
          },
          {
            what: "UDP: an answer's bytes, of opentracker's",
            measured: timesIts('bytesPerResponse', 'opentracker'),
            atLeast: 1,
          },
        ],
      };
    },
  });

  async function measure(start: StartTracker): Promise<UdpRun> {
    await using tracker = await start(infoHashes);
    const load = await loadOverUdp(tracker, options);
    return { ...load, peakRss: await peakRssSoFar(tracker.process.pid) };
  }
}
