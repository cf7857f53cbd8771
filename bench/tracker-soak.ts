import { setTimeout } from 'node:timers/promises';
import { seededRandom } from '../src/util/index.ts';
import { deadline, tempFolder } from '../test/support/index.ts';
import { startTracker } from './programs/shoal.ts';
import { HOST } from './programs/trackers.ts';
import { announceOverHttp } from './soak/http-peers.ts';
import { crawl, neverRead, sendGarbagePackets, sendGarbageStreams } from './soak/pests.ts';
import { SwarmModel } from './soak/swarm-model.ts';
import { announceOverUdp } from './soak/udp-peers.ts';
import { announceOverWs, type WsSeen } from './soak/ws-peers.ts';
import { PATIENCE_MS, rssNow } from './support/measure.ts';
import { readOptions } from './support/options.ts';
import { openReport } from './support/report.ts';
import { median } from './support/statistics.ts';

// npm run bench:tracker-soak: announces over all transports at once, among garbage, slow clients and peers that come and
// go. Each answer is checked, and the tracker's memory watched.

const options = readOptions({ seconds: '600', seed: '1' });

/** Of each kind, at once. */
const PEERS = 6;
const CRAWLERS = 20;
/** Milliseconds between looks at the memory. */
const SAMPLE_MS = 500;
/** Wrong answers that are shown. */
const SHOWN = 10;

async function soak(): Promise<void> {
  const report = openReport('tracker-soak');
  const seconds = Number(options.seconds);
  const random = seededRandom(Number(options.seed));
  const model = new SwarmModel(random);
  const webTorrent: WsSeen = { answers: 0, offers: 0, wrong: [] };
  await using folder = await tempFolder();
  await using tracker = await startTracker(HOST, [], {
    // Peers that do not come again expire meanwhile, and swarms are young.
    SHOAL_TRACKER_ANNOUNCE_INTERVAL: '5s',
    SHOAL_TRACKER_STATE_DIR: folder.path,
  });
  const port = Number(new URL(tracker.announceUrl).port);
  const ending = new AbortController();
  const end = ending.signal;
  tracker.process.ended.addEventListener('abort', () => ending.abort());

  const timer = setTimeout(seconds * 1000).then(() => ending.abort());
  const memory: number[] = [];
  const watching = watchMemory();
  const several = <T>(count: number, start: () => Promise<T>) =>
    Promise.all(Array.from({ length: count }, start));
  const [lost, , , , packets, streams, thrownOut] = await Promise.all([
    several(PEERS, () => announceOverUdp(port, model, end)),
    several(PEERS, () => announceOverHttp(port, model, true, end)),
    several(PEERS, () => announceOverHttp(port, model, false, end)),
    several(PEERS, () => announceOverWs(port, random, webTorrent, end)),
    sendGarbagePackets(port, random, end),
    several(2, () => sendGarbageStreams(port, random, end)),
    several(CRAWLERS, () => crawl(port, end)),
    several(2, () => neverRead(port, end)),
    watching,
    timer,
  ]);
  tracker.process.kill('SIGTERM');
  await tracker.process.exitsWith(0, deadline(PATIENCE_MS));

  const wrong = [...model.wrong, ...webTorrent.wrong];
  for (const sentence of wrong.slice(0, SHOWN)) console.log(sentence);
  const quarter = Math.floor(memory.length / 4);
  const growth = median(memory.slice(-quarter)) / median(memory.slice(quarter, 2 * quarter));
  const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);
  await report.write({
    options,
    versions: {},
    table: [
      { what: 'seconds', count: seconds },
      { what: 'answers over HTTP and UDP', count: model.answers },
      { what: 'peers in them', count: model.handedOut },
      { what: 'answers over WebSocket', count: webTorrent.answers },
      { what: 'offers passed on', count: webTorrent.offers },
      { what: 'UDP packets lost', count: sum(lost) },
      { what: 'packets of garbage', count: packets },
      { what: 'connections of garbage', count: sum(streams) },
      { what: 'slow clients thrown out', count: sum(thrownOut) },
      {
        what: 'MB of RSS, median of the second quarter',
        count: megabytes(memory.slice(quarter, 2 * quarter)),
      },
      { what: 'MB of RSS, median of the last quarter', count: megabytes(memory.slice(-quarter)) },
      { what: 'KB of RSS more a minute, over the second half', count: slope(memory.slice(2 * quarter)) },
    ],
    goals: [
      { what: 'wrong answers', measured: wrong.length, atMost: 0 },
      { what: 'memory of the last quarter, of the second', measured: growth, atMost: 1.1 },
    ],
    leftOut: [],
    runs: { wrong: wrong.slice(0, SHOWN), memory },
  });
  if (wrong.length > 0) process.exitCode = 1;

  async function watchMemory(): Promise<void> {
    while (!end.aborted) {
      memory.push(await rssNow(tracker.process.pid));
      await setTimeout(SAMPLE_MS);
    }
  }
}

function megabytes(samples: readonly number[]): number {
  return Math.round(median(samples) / 1e6);
}

/** Of the line that fits best. @returns kilobytes a minute */
function slope(samples: readonly number[]): number {
  const middle = (samples.length - 1) / 2;
  const mean = samples.reduce((total, sample) => total + sample, 0) / samples.length;
  let above = 0;
  let below = 0;
  for (const [at, sample] of samples.entries()) {
    above += (at - middle) * (sample - mean);
    below += (at - middle) ** 2;
  }
  return Math.round(((above / below) * (60_000 / SAMPLE_MS)) / 1000);
}

await soak();
