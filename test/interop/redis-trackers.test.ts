import { beforeEach, describe, expect, test } from 'vitest';
import { register, renew } from '../../src/tracker-client/index.ts';
import {
  announcePeer,
  deadline,
  percentEncoded,
  pollUntil,
  type RedisServer,
  requirePeers,
  scrape,
  startRedis,
  startRedisCluster,
} from '../support/index.ts';
import { type OurTracker, startTracker } from './shoal.ts';

const HASH = 'ab'.repeat(20);
/** The address and port in the form of compact peers. */
const PEER_7001 = '\x7f\x00\x00\x01\x1b\x59';

beforeEach((context) => requirePeers(context, 'redis'));

/** A tracker on Redis, with what it told. */
async function onRedis(url: string): Promise<OurTracker & { readonly told: string[] }> {
  const told: string[] = [];
  const tracker = await startTracker({
    redis: { url },
    limits: { requestsPerSecond: 0 },
    onError: (error, context) => told.push(`could not ${context}: ${error.message}`),
    onNotice: (message) => told.push(message),
  });
  return { ...tracker, told };
}

/** The milliseconds until clients are told that Redis is away: two seconds for a call, and what a busy machine adds. */
const REFUSED_WITHIN_MS = 10_000;

/** Announces a downloader at `port`. @returns the response, one character a byte */
async function ask({ announceUrl }: OurTracker, port: number, infoHash = HASH): Promise<string> {
  const peer = `peer_id=-XX0000-${String(port).padStart(12, '0')}&port=${port}`;
  const query = `info_hash=${percentEncoded(infoHash)}&${peer}&uploaded=0&downloaded=0&left=9&compact=1`;
  const answer = await fetch(`${announceUrl}?${query}`, { signal: deadline() });
  return Buffer.from(await answer.arrayBuffer()).toString('latin1');
}

const isAnswer = (answer: string): boolean => answer.startsWith('d8:complete');
const isRetryIn = (answer: string): boolean =>
  /^d14:failure reason\d+:.*8:intervali60e8:retry ini1ee$/.test(answer);

/** Asks again until a response fits. */
function untilAnswer(tracker: OurTracker, is: (answer: string) => boolean, infoHash = HASH): Promise<string> {
  return pollUntil('the tracker answers so', async () => {
    const answer = await ask(tracker, 9, infoHash);
    return is(answer) ? answer : undefined;
  });
}

/** The info-hash of a swarm whose slot is a node's. */
async function hashOn(node: RedisServer, isThere: boolean): Promise<string> {
  for (let number = 0; ; number += 1) {
    const hash = number.toString(16).padStart(40, '0');
    // A node that has not the slot of a key says so.
    const answer = await node.cli('get', `shoal:{${hash}}:x`);
    if (answer.includes('MOVED') !== isThere) return hash;
  }
}

describe('two trackers on one Redis', () => {
  test('hand out the same peers, and one that is gone has lost nothing', async () => {
    await using redis = await startRedis();
    await using second = await onRedis(redis.url);
    {
      await using first = await onRedis(redis.url);
      await untilAnswer(first, isAnswer);
      await untilAnswer(second, isAnswer);
      await announcePeer(first.announceUrl, HASH, { port: 7001 });
      await announcePeer(second.announceUrl, HASH, { port: 7002 });
      for (const tracker of [first, second]) {
        expect(await scrape(tracker.announceUrl, HASH)).toEqual({ complete: 2, incomplete: 1 });
        const peers = /5:peers18:(.{18})/s.exec(await ask(tracker, 7003))![1]!;
        expect(peers).toContain('\x1b\x59');
        expect(peers).toContain('\x1b\x5a');
        await fetch(
          `${tracker.announceUrl}?info_hash=${percentEncoded(HASH)}&peer_id=-XX0000-000000007003&port=7003&uploaded=0&downloaded=0&left=9&event=stopped`,
        );
      }
    }
    expect(await scrape(second.announceUrl, HASH)).toEqual({ complete: 2, incomplete: 1 });
    expect(second.told.filter((line) => line.includes('could not'))).toEqual([]);
  });

  test('know the seeders that registered at either, which renew at either', async () => {
    await using redis = await startRedis();
    await using first = await onRedis(redis.url);
    await using second = await onRedis(redis.url);
    await untilAnswer(first, isAnswer);
    await untilAnswer(second, isAnswer);
    const torrent = { infoHash: HASH, name: 'a.bin', size: 5, sha256: 'cd'.repeat(32) };
    const registration = { port: 7001, peerId: 'ef'.repeat(20), torrents: [torrent] };
    const { id, token } = await register(first.url, registration);
    const found = (await (await fetch(`${second.url}/api/v1/torrents?sha256=${torrent.sha256}`)).json()) as {
      torrents: unknown[];
    };
    expect(found.torrents).toMatchObject([{ ...torrent, seeders: 1 }]);
    expect(await ask(second, 7003)).toContain(PEER_7001);
    await first.close();
    expect(await renew(second.url, { id, token })).toMatchObject({ id, port: 7001 });
    expect(await scrape(second.announceUrl, HASH)).toMatchObject({ complete: 1 });
  });

  test('put registered seeders back into swarms that ended while no tracker could reach Redis', async () => {
    await using redis = await startRedis();
    await using tracker = await onRedis(redis.url);
    await untilAnswer(tracker, isAnswer, 'ac'.repeat(20));
    const torrent = { infoHash: HASH, name: 'a.bin', size: 5, sha256: 'cd'.repeat(32) };
    await register(tracker.url, { port: 7001, peerId: 'ef'.repeat(20), torrents: [torrent] });
    expect(await scrape(tracker.announceUrl, HASH)).toMatchObject({ complete: 1 });
    const deleteSwarm = `for _, key in ipairs(redis.call('KEYS', '*{${HASH}}*')) do redis.call('DEL', key) end`;
    await redis.cli('eval', deleteSwarm, '0');
    expect(await scrape(tracker.announceUrl, HASH)).toMatchObject({ complete: 0 });
    // As if no tracker had looked for long who has expired.
    await redis.cli('hset', 'shoal:{catalog}:sweeps', 'last', '0');
    await pollUntil('the seeder is in its swarm', async () =>
      (await scrape(tracker.announceUrl, HASH)).complete === 1 ? true : undefined,
    );
  });
});

describe('a tracker whose Redis is away', () => {
  test('says when to come again, and goes on when it is back, telling each once', async () => {
    await using redis = await startRedis();
    await using tracker = await onRedis(redis.url);
    await untilAnswer(tracker, isAnswer);
    const load = new AbortController();
    const loading = Promise.all(
      Array.from({ length: 8 }, async (_, at) => {
        const answers: string[] = [];
        while (!load.signal.aborted) answers.push(await ask(tracker, 8000 + at));
        return answers;
      }),
    );
    await redis.kill();
    const since = performance.now();
    expect(await untilAnswer(tracker, isRetryIn)).toContain('cannot answer now');
    expect(performance.now() - since).toBeLessThan(REFUSED_WITHIN_MS);
    expect(await (await fetch(`${tracker.url}/healthz`)).json()).toMatchObject({ status: 'store-away' });
    const metrics = await (await fetch(`${tracker.url}/metrics`)).text();
    expect(metrics).toMatch(/^shoal_tracker_store_up 0$/m);
    expect(metrics).toMatch(/^shoal_tracker_store_call_failures_total [1-9]\d*$/m);
    const refused = await fetch(`${tracker.url}/api/v1/torrents`);
    expect([refused.status, refused.headers.get('content-type')]).toEqual([503, 'application/problem+json']);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    await using _again = await redis.restart();
    await untilAnswer(tracker, isAnswer);
    await pollUntil('it is told', async () => {
      await ask(tracker, 9);
      return tracker.told.length > 1 || undefined;
    });
    load.abort();
    const answers = (await loading).flat();
    expect(answers.filter((answer) => !isAnswer(answer) && !isRetryIn(answer))).toEqual([]);
    expect(tracker.told).toEqual([
      expect.stringMatching(/^could not reach .*Redis does not answer/),
      'Redis answers again',
    ]);
    expect(await (await fetch(`${tracker.url}/healthz`)).json()).toMatchObject({ status: 'ok' });
  });

  test('starts without it', async () => {
    await using redis = await startRedis();
    await redis.kill();
    await using tracker = await onRedis(redis.url);
    expect(await untilAnswer(tracker, isRetryIn)).toContain('cannot answer now');
    await using _again = await redis.restart();
    await untilAnswer(tracker, isAnswer);
  });
});

describe('trackers on a cluster', () => {
  test('go on with the swarms of other nodes when one is killed', async () => {
    await using cluster = await startRedisCluster();
    await using tracker = await onRedis(cluster.url);
    const [lost, left] = [cluster.nodes[0]!, cluster.nodes[1]!];
    const [lostHash, leftHash] = [await hashOn(lost, true), await hashOn(left, true)];
    await untilAnswer(tracker, isAnswer, lostHash);
    await announcePeer(tracker.announceUrl, leftHash, { port: 7001 });
    await lost.kill();
    await untilAnswer(tracker, isRetryIn, lostHash);
    await untilAnswer(tracker, isAnswer, leftHash);
    expect(await scrape(tracker.announceUrl, leftHash)).toMatchObject({ complete: 1 });
  });

  test('go on with a swarm at the replica that takes over', async () => {
    await using cluster = await startRedisCluster({ replicas: 1 });
    await using tracker = await onRedis(cluster.url);
    const lost = cluster.nodes[0]!;
    const hash = await hashOn(lost, true);
    await untilAnswer(tracker, isAnswer, hash);
    await announcePeer(tracker.announceUrl, hash, { port: 7001 });
    await lost.cli('wait', '1', '1000');
    await lost.kill();
    await untilAnswer(tracker, isRetryIn, hash);
    expect(await untilAnswer(tracker, isAnswer, hash)).toContain(PEER_7001);
  });
});
