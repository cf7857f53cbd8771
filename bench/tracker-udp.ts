import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { repositoryRoot, spawnProcess } from '../test/support/index.ts';
import { type UdpTracker, udpTrackers } from './programs/udp-trackers.ts';
import { installCompared } from './support/install.ts';
import { versionOf } from './support/machine.ts';
import { PATIENCE_MS, peakRssSoFar } from './support/measure.ts';
import { readOptions } from './support/options.ts';
import { openReport, rounded } from './support/report.ts';
import { inTurn, medians } from './support/statistics.ts';

// npm run bench:tracker-udp: announces a second over UDP, in turn.

const options = readOptions({ swarms: '10000', peers: '80', window: '256', seconds: '5', rounds: '3' });
const LOAD = join(repositoryRoot, 'build/udp-load');

/** What the load generator prints, and the tracker's memory. */
interface UdpRun extends Record<string, number> {
  readonly announcesPerSecond: number;
  readonly bytesPerAnswer: number;
  /** Of the tracker, user and system, an answer. */
  readonly cpuMicroseconds: number;
  readonly errors: number;
  readonly lost: number;
  readonly peakRss: number;
}

async function load({ port, process }: UdpTracker): Promise<UdpRun> {
  const { swarms, peers, window, seconds } = options;
  const args = ['127.0.0.1', String(port), swarms, peers, window, seconds, String(process.pid)];
  await using generator = await spawnProcess(LOAD, args);
  const [json] = await generator.waitForLine(/^\{.*/, AbortSignal.timeout(PATIENCE_MS));
  return { ...(JSON.parse(json) as UdpRun), peakRss: await peakRssSoFar(process.pid) };
}

async function bench(): Promise<void> {
  await installCompared();
  const source = join(repositoryRoot, 'bench/programs/udp-load.c');
  spawnSync('gcc', ['-O2', '-o', LOAD, source], { stdio: 'inherit' });
  const infoHashes = Array.from({ length: Number(options.swarms) }, (_, at) =>
    at.toString(16).padStart(40, '0'),
  );
  const report = openReport('tracker-udp');
  const contenders = Object.fromEntries(
    Object.entries(udpTrackers).map(([name, start]) => [
      name,
      async () => {
        await using tracker = await start(infoHashes);
        return await load(tracker);
      },
    ]),
  );
  const runs = await inTurn(Number(options.rounds), contenders);
  const middle = Object.fromEntries(Object.entries(runs).map(([name, of]) => [name, medians(of)]));
  const times = (field: 'announcesPerSecond' | 'bytesPerAnswer', other: string) =>
    middle['shoal']![field] / middle[other]![field];
  const timesCpu = (other: string) => middle[other]!.cpuMicroseconds / middle['shoal']!.cpuMicroseconds;
  await report.write({
    options,
    versions: { opentracker: versionOf('dpkg-query', '-W', 'opentracker'), 'bittorrent-tracker': '11.2.3' },
    table: Object.entries(middle).map(([name, run]) => ({
      program: name,
      'announces/s': Math.round(run.announcesPerSecond),
      'bytes an answer': Math.round(run.bytesPerAnswer),
      'CPU µs an answer': rounded(run.cpuMicroseconds),
      errors: run.errors,
      lost: run.lost,
      'peak RSS MB': Math.round(run.peakRss / 1e6),
    })),
    goals: [
      { what: 'times opentracker', measured: times('announcesPerSecond', 'opentracker'), atLeast: 0.5 },
      { what: 'times opentracker, by CPU', measured: timesCpu('opentracker'), atLeast: 0.5 },
      {
        what: 'times bittorrent-tracker',
        measured: times('announcesPerSecond', 'bittorrent-tracker'),
        atLeast: 5,
      },
      { what: 'times bittorrent-tracker, by CPU', measured: timesCpu('bittorrent-tracker'), atLeast: 5 },
      {
        what: "an answer's bytes: of opentracker's",
        measured: times('bytesPerAnswer', 'opentracker'),
        atLeast: 1,
      },
    ],
    leftOut: [],
    runs,
  });
}

await bench();
