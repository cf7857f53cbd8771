import { join } from 'node:path';
import { deadline, repositoryRoot, spawnProcess } from '../../test/support/index.ts';
import {
  HOST,
  LOAD_PREFIX,
  type RunningTracker,
  type StartTracker,
  startBittorrentTracker,
  startShoal,
} from '../programs/trackers.ts';
import { compare } from '../support/compare.ts';
import { cpuSoFar, PATIENCE_MS, rssNow } from '../support/measure.ts';
import { rounded } from '../support/report.ts';
import { times } from '../support/statistics.ts';
import { runLoad } from '../support/tracker-load.ts';
import { type TrackerBenchOptions, trackerVersions } from './options.ts';

const CONTENDERS: Readonly<Record<string, StartTracker>> = {
  shoal: startShoal,
  'bittorrent-tracker': startBittorrentTracker,
};

const LOAD = join(repositoryRoot, 'bench/programs/ws-load.js');
/** Peers that announce, the swarms they are in, and the offers of each announce. */
const BUSY = { connections: 500, swarms: 50, offers: 5 };
/** Peers that have announced once and wait for others. */
const IDLE = { connections: 10_000, swarms: 1000, offers: 0 };

interface WsRun extends Record<string, number> {
  readonly announcesPerSecond: number;
  /** The messages that came, with the offers of others. */
  readonly messagesPerSecond: number;
  readonly errors: number;
  readonly p50: number;
  readonly p99: number;
  /** The processor time of the tracker for a message that it sent. */
  readonly cpuMicroseconds: number;
  /** The memory of the tracker for each idle peer. */
  readonly idleBytes: number;
}

/** Announces a second over WebSocket, and what idle peers cost. */
export async function benchWs(options: TrackerBenchOptions): Promise<void> {
  const contenders = Object.fromEntries(
    Object.entries(CONTENDERS).map(([name, start]) => [name, () => measure(start)]),
  );
  await compare({
    name: 'tracker-ws',
    rounds: options.rounds,
    contenders,
    leftOut: options.leftOut,
    findings: (middle) => {
      const shoal = middle['shoal'];
      const other = middle['bittorrent-tracker'];
      return {
        options: options.given,
        versions: trackerVersions(),
        table: Object.entries(middle).map(([program, run]) => ({
          program,
          'announces/s': Math.round(run!.announcesPerSecond),
          'messages/s': Math.round(run!.messagesPerSecond),
          'CPU µs a message': rounded(run!.cpuMicroseconds),
          'median ms': rounded(run!.p50),
          'p99 ms': rounded(run!.p99),
          'KB an idle peer': rounded(run!.idleBytes / 1000),
          errors: run!.errors,
        })),
        goals: [
          {
            what: 'WebSocket: times bittorrent-tracker',
            measured: times(shoal?.announcesPerSecond, other?.announcesPerSecond),
            atLeast: 2,
          },
          {
            what: 'WebSocket, memory of an idle peer: of bittorrent-tracker',
            measured: times(shoal?.idleBytes, other?.idleBytes),
            atMost: 1,
          },
        ],
      };
    },
  });

  async function measure(start: StartTracker): Promise<WsRun> {
    const busy = await measureBusy(start);
    await using tracker = await start([]);
    return { ...busy, idleBytes: await measureIdle(tracker) };
  }

  async function measureBusy(start: StartTracker): Promise<WsRun> {
    await using tracker = await start([]);
    const before = await cpuSoFar(tracker.process.pid);
    const load = await runLoad<WsRun>(process.execPath, ...loadArgs(tracker, BUSY, String(options.seconds)));
    const cpu = (await cpuSoFar(tracker.process.pid)) - before;
    // It loads the tracker for a second before it counts.
    const seconds = options.seconds + 1;
    return { ...load, cpuMicroseconds: (cpu * 1e6) / (load.messagesPerSecond * seconds) };
  }
}

async function measureIdle(tracker: RunningTracker): Promise<number> {
  const { pid } = tracker.process;
  const before = await rssNow(pid);
  await using load = await spawnProcess(process.execPath, loadArgs(tracker, IDLE, 'idle'), {
    prefix: LOAD_PREFIX,
  });
  const [, connected] = await load.waitForLine(/^\{"connected":(\d+)/, deadline(PATIENCE_MS));
  return ((await rssNow(pid)) - before) / Number(connected);
}

function loadArgs({ port }: RunningTracker, load: typeof BUSY, seconds: string): string[] {
  const url = `ws://${HOST}:${port}/announce`;
  return [LOAD, url, String(load.connections), String(load.swarms), String(load.offers), seconds];
}
