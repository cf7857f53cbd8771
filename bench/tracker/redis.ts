import { decodeAnnounceResponse, encodeAnnounceQuery } from '../../src/tracker-protocol/index.ts';
import { parseInfoHash } from '../../src/util/index.ts';
import { startRedis } from '../../test/support/index.ts';
import { HOST, type RunningTracker, startShoalOnRedis } from '../programs/trackers.ts';
import { loadOverHttp } from '../support/http-load.ts';
import { versionOf } from '../support/machine.ts';
import { openReport } from '../support/report.ts';
import { medians } from '../support/statistics.ts';
import type { TrackerBenchOptions } from './options.ts';

/** Of the swarms of the other parts, as many as are filled in little time. */
const MAX_SWARMS = 1000;
/** Peers of which it is looked whether both trackers hand them out. */
const SHARED_PEERS = 20;
/** A swarm that the load leaves alone. */
const SHARED_SWARM = parseInfoHash('ff'.repeat(20));

/** Two trackers whose swarms are on one Redis: announces a second of both together, over HTTP. */
export async function benchRedis(options: TrackerBenchOptions): Promise<void> {
  const report = openReport('tracker-redis');
  const runs: Record<string, number>[] = [];
  for (let round = 1; round <= options.rounds; round += 1) {
    await using redis = await startRedis();
    await using first = await startShoalOnRedis(redis.url);
    await using second = await startShoalOnRedis(redis.url);
    const shared = await sharedPeers(first, second);
    const swarms = Math.min(options.swarms, MAX_SWARMS);
    const load = (seconds: number) =>
      Promise.all([first, second].map((tracker) => loadOverHttp(tracker, swarms, 'keep-alive', seconds)));
    await load(2);
    const loads = await load(options.seconds);
    const sum = (field: string) => loads.reduce((total, each) => total + each[field]!, 0);
    runs.push({
      announcesPerSecond: sum('requestsPerSecond'),
      bytesPerAnswer: sum('bytesPerAnswer') / loads.length,
      p99Ms: Math.max(...loads.map((each) => each.p99Ms)),
      errors: sum('errors'),
      shared,
    });
    console.log(`${round}/${options.rounds} ${JSON.stringify(runs.at(-1))}`);
  }
  const middle = medians(runs);
  await report.write({
    options: options.given,
    versions: { redis: versionOf('redis-server', '--version') },
    table: [
      {
        trackers: 2,
        'announces/s': Math.round(middle['announcesPerSecond']!),
        'bytes an answer': Math.round(middle['bytesPerAnswer']!),
        'p99 ms': middle['p99Ms']!,
        errors: middle['errors']!,
        'peers of both': middle['shared']!,
      },
    ],
    goals: [
      {
        what: 'two trackers on one Redis: announces a second',
        measured: middle['announcesPerSecond']!,
        atLeast: 10_000,
      },
      {
        what: `peers that both hand out, of ${SHARED_PEERS}`,
        measured: middle['shared']!,
        atLeast: SHARED_PEERS,
      },
    ],
    leftOut: [],
    runs,
  });
}

/** Peers announce to one tracker or the other. @returns how many of them both hand out to another peer */
async function sharedPeers(first: RunningTracker, second: RunningTracker): Promise<number> {
  for (let peer = 0; peer < SHARED_PEERS; peer += 1) await announce(peer % 2 === 0 ? first : second, peer);
  const [of, ofOther] = await Promise.all([
    announce(first, SHARED_PEERS),
    announce(second, SHARED_PEERS + 1),
  ]);
  return [...of].filter((port) => ofOther.has(port) && port < portOf(SHARED_PEERS)).length;
}

/** @returns ports of the peers that were handed out */
async function announce({ port }: RunningTracker, peer: number): Promise<Set<number>> {
  const query = encodeAnnounceQuery({
    infoHash: SHARED_SWARM,
    peerId: Buffer.from(`-XX0000-${String(peer).padStart(12, '0')}`),
    port: portOf(peer),
    uploaded: 0,
    downloaded: 0,
    left: 1,
    event: 'started',
    compact: true,
    noPeerId: true,
  });
  const response = await fetch(`http://${HOST}:${port}/announce?${query}`);
  const answer = decodeAnnounceResponse(new Uint8Array(await response.arrayBuffer()));
  if ('failureReason' in answer) throw new Error(`The tracker refuses a peer: ${answer.failureReason}`);
  return new Set(answer.peers.map((known) => known.port));
}

function portOf(peer: number): number {
  return 20_000 + peer;
}
