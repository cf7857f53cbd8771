import { decodeAnnounceResponse, encodeAnnounceQuery } from '../../src/tracker-protocol/index.ts';
import { parseInfoHash } from '../../src/util/index.ts';
import { startRedis } from '../../test/support/index.ts';
import { HOST, type RunningTracker, startShoalOnRedis } from '../programs/trackers.ts';
import { compare } from '../support/compare.ts';
import { loadOverHttp } from '../support/http-load.ts';
import { versionOf } from '../support/machine.ts';
import type { TrackerBenchOptions } from './options.ts';

/** The most swarms here: those of the other parts would take long to fill. */
const MAX_SWARMS = 1000;
/** Peers of which it is looked whether both trackers hand them out. */
const SHARED_PEERS = 20;
/** A swarm that the load leaves alone. */
const SHARED_SWARM = parseInfoHash('ff'.repeat(20));

const TWO_TRACKERS = 'two trackers';

interface RedisRun extends Record<string, number> {
  readonly announcesPerSecond: number;
  readonly bytesPerResponse: number;
  readonly p99Ms: number;
  readonly errors: number;
  /** Peers that both trackers hand out. */
  readonly shared: number;
}

/** Two trackers whose swarms are on one Redis: announces a second of both together, over HTTP. */
export async function benchRedis(options: TrackerBenchOptions): Promise<void> {
  await compare({
    name: 'tracker-redis',
    rounds: options.rounds,
    contenders: { [TWO_TRACKERS]: () => measure(options) },
    leftOut: options.leftOut,
    findings: ({ [TWO_TRACKERS]: run }) => ({
      options: options.given,
      versions: { redis: versionOf('redis-server', '--version') },
      table: run === undefined ? [] : [rowOf(run)],
      goals: [
        {
          what: 'two trackers on one Redis: announces a second',
          measured: run?.announcesPerSecond ?? Number.NaN,
          atLeast: 10_000,
        },
        {
          what: `peers that both hand out, of ${SHARED_PEERS}`,
          measured: run?.shared ?? Number.NaN,
          atLeast: SHARED_PEERS,
        },
      ],
    }),
  });
}

function rowOf(run: RedisRun) {
  return {
    trackers: 2,
    'announces/s': Math.round(run.announcesPerSecond),
    'bytes an answer': Math.round(run.bytesPerResponse),
    'p99 ms': run.p99Ms,
    errors: run.errors,
    'peers of both': run.shared,
  };
}

async function measure(options: TrackerBenchOptions): Promise<RedisRun> {
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
  return {
    announcesPerSecond: sum('requestsPerSecond'),
    bytesPerResponse: sum('bytesPerResponse') / loads.length,
    p99Ms: Math.max(...loads.map((each) => each.p99Ms)),
    errors: sum('errors'),
    shared,
  };
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
