import { setTimeout } from 'node:timers/promises';
import { seededRandom } from '../src/util/index.ts';
import { deadline, hasPeer, makeCertificate, type TempFolder, tempFolder } from '../test/support/index.ts';
import { startTracker } from './programs/shoal.ts';
import { HOST } from './programs/trackers.ts';
import { standBy } from './soak/bystander.ts';
import { announceOverHttp } from './soak/http-peers.ts';
import { pester } from './soak/pester.ts';
import { SwarmModel } from './soak/swarm-model.ts';
import { announceOverUdp } from './soak/udp-peers.ts';
import { announceOverWs, type WsSeen } from './soak/ws-peers.ts';
import { PATIENCE_MS, rssNow } from './support/measure.ts';
import { readOptions } from './support/options.ts';
import { openReport, rounded } from './support/report.ts';
import { median, percentile } from './support/statistics.ts';

// npm run bench:tracker-soak: announces over all transports at once, among garbage, slow clients, those who ask for more than
// their share, and peers that come and go. Each answer is checked, and the tracker's memory watched.

const options = readOptions({ seconds: '600', seed: '1' });

/** The number of peers of each kind at once. */
const PEERS = 6;
/** The most lines of the log: those of the start and the end, and those that limits let through. */
const MAX_LINES_PER_MINUTE = 150;
/** The milliseconds between two looks at the memory. */
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
    SHOAL_TRACKER_STATE_DIR: folder.join('state'),
  });
  await using secure = hasPeer('openssl') ? await startSecure(folder) : undefined;
  const port = portOf(tracker);
  const ending = new AbortController();
  const end = ending.signal;
  for (const running of [tracker, secure]) {
    running?.process.ended.addEventListener('abort', () => ending.abort());
  }

  const timer = setTimeout(seconds * 1000).then(() => ending.abort());
  const memory: number[] = [];
  const several = <T>(start: () => Promise<T>) => Promise.all(Array.from({ length: PEERS }, start));
  const [lost, latencies, pests] = await Promise.all([
    several(() => announceOverUdp(port, model, end)),
    standBy(port, end),
    pester(port, secure && portOf(secure), random, end),
    several(() => announceOverHttp(port, model, true, end)),
    several(() => announceOverHttp(port, model, false, end)),
    several(() => announceOverWs(port, random, webTorrent, end)),
    watchMemory(),
    timer,
  ]);
  const logged = tracker.process.output.split('\n').length;
  for (const running of [tracker, secure]) {
    running?.process.kill('SIGTERM');
    await running?.process.exitsWith(0, deadline(PATIENCE_MS));
  }

  const wrong = [...model.wrong, ...webTorrent.wrong];
  for (const sentence of wrong.slice(0, SHOWN)) console.log(sentence);
  const quarter = Math.floor(memory.length / 4);
  const growth = median(memory.slice(-quarter)) / median(memory.slice(quarter, 2 * quarter));
  await report.write({
    options,
    versions: {},
    table: [
      { what: 'seconds', count: seconds },
      { what: 'answers over HTTP and UDP', count: model.answers },
      { what: 'peers in them', count: model.handedOut },
      { what: 'answers over WebSocket', count: webTorrent.answers },
      { what: 'offers passed on', count: webTorrent.offers },
      { what: 'UDP packets lost', count: lost.reduce((total, more) => total + more, 0) },
      ...pests,
      { what: 'announces of the bystander', count: latencies.length },
      ...[50, 99, 100].map((percent) => ({
        what: `ms that the bystander waited, ${percent} %`,
        count: rounded(percentile(latencies, percent)),
      })),
      { what: 'lines of the log', count: logged },
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
      {
        what: 'lines of the log a minute',
        measured: logged / Math.max(1, seconds / 60),
        atMost: MAX_LINES_PER_MINUTE,
      },
    ],
    leftOut: secure === undefined ? ['handshakes of TLS: there is no openssl'] : [],
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

/** Starts a tracker that speaks TLS, too. */
async function startSecure(folder: TempFolder) {
  const [cert, key] = [folder.join('cert.pem'), folder.join('key.pem')];
  await makeCertificate('soak', cert, key);
  return startTracker(HOST, [], { SHOAL_TRACKER_TLS_CERT: cert, SHOAL_TRACKER_TLS_KEY: key });
}

function portOf({ announceUrl }: { readonly announceUrl: string }): number {
  return Number(new URL(announceUrl).port);
}

function megabytes(samples: readonly number[]): number {
  return Math.round(median(samples) / 1e6);
}

/** Fits a line to samples. @returns its slope, in kilobytes a minute */
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
