import { describe, expect, test } from 'vitest';
import { FakeClock } from '../../test/support/index.ts';
import type { AnnounceResponse } from '../tracker-protocol/index.ts';
import { type Address, parseInfoHash, seededRandom } from '../util/index.ts';
import { Announcer, MAX_TRACKERS_PER_TORRENT } from './announcer.ts';
import type { AnnouncerOptions } from './announcer-options.ts';
import { TrackerCallError } from './tracker-call-error.ts';

const V1 = parseInfoHash('1'.repeat(40));
const V2 = parseInfoHash('2'.repeat(40));
const SECOND = 1000;
const MINUTE = 60 * SECOND;

const refused = (retryIn?: number | 'never') =>
  new TrackerCallError('FAILURE', 'no', { failureReason: 'no', ...(retryIn !== undefined && { retryIn }) });
const down = new TrackerCallError('UNREACHABLE', 'down');

type Answer = Partial<AnnounceResponse> | Error | 'hang';

/** An announcer whose trackers answer as `answers` says at the time; everything it does is kept in `log`. */
function setUp(
  tiers: readonly (readonly string[])[],
  answers: Record<string, Answer>,
  options: Partial<AnnouncerOptions> = {},
) {
  const clock = new FakeClock();
  const begin = clock.now();
  const log: string[] = [];
  const peers: Address[] = [];
  const reported: string[] = [];
  const trackerIds: (string | undefined)[] = [];
  const announcer = new Announcer({
    tiers,
    infoHashes: [V1],
    peerId: new Uint8Array(20),
    port: 6881,
    stats: () => ({ uploaded: 0, downloaded: 0, left: 1 }),
    onPeers: (found) => peers.push(...found),
    onFailure: (url, error) =>
      log.push(`${url} failed: ${error instanceof TrackerCallError ? error.code : error.message}`),
    announce: (url, { event, infoHash, numWant, trackerId }, { signal }) => {
      const which = infoHash === V1 ? '' : ' v2';
      log.push(
        `${(clock.now() - begin) / SECOND}s ${url} ${event}${which}${numWant === 0 ? ' numwant=0' : ''}`,
      );
      trackerIds.push(trackerId);
      const answer = answers[url]!;
      if (answer instanceof Error) return Promise.reject(answer);
      if (answer !== 'hang') return Promise.resolve({ interval: 1800, peers: [], ...answer });
      return new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(new TrackerCallError('ABORTED', 'given up')));
      });
    },
    clock,
    random: seededRandom(1),
    report: (error, context) => reported.push(`${context}: ${error.message}`),
    ...options,
  });
  return { announcer, clock, log, peers, reported, trackerIds, answers };
}

describe('Announcer events', () => {
  test('Announcer says started, then announces at the interval, then stopped', async () => {
    const peer = { host: '192.0.2.1', port: 1 };
    const { announcer, clock, log, peers, reported } = setUp([['a']], {
      a: { interval: 600, peers: [peer] },
    });
    announcer.start();
    await clock.pass(1200 * SECOND);
    await announcer.close();
    expect(log).toEqual(['0s a started', '600s a none', '1200s a none', '1200s a stopped numwant=0']);
    expect(peers).toEqual([peer, peer, peer]);
    expect(reported).toEqual([]);
    expect(clock.pendingCount).toBe(0);
  });

  test('Announcer says completed at once, and only once', async () => {
    const { announcer, clock, log } = setUp([['a']], { a: {} });
    announcer.start();
    await clock.pass(10 * SECOND);
    announcer.completed();
    await clock.pass(1800 * SECOND);
    expect(log).toEqual(['0s a started', '10s a completed', '1810s a none']);
  });

  test('Announcer says started before completed, and repeats each until the tracker answers', async () => {
    const { announcer, clock, log, answers } = setUp([['a']], { a: down });
    announcer.start();
    announcer.completed();
    await clock.pass(0);
    answers['a'] = {};
    await clock.pass(10 * SECOND);
    expect(log.filter((line) => line.endsWith('started'))).toHaveLength(2);
    expect(log.filter((line) => line.endsWith('completed'))).toHaveLength(1);
    expect(log.at(-1)).toMatch(/completed$/);
  });

  test('Announcer says completed again when the tracker failed', async () => {
    const { announcer, clock, log, answers } = setUp([['a']], { a: {} });
    announcer.start();
    await clock.pass(0);
    answers['a'] = refused(1);
    announcer.completed();
    await clock.pass(0);
    answers['a'] = {};
    await clock.pass(MINUTE);
    expect(log).toEqual(['0s a started', '0s a completed', 'a failed: FAILURE', '60s a completed']);
  });

  test('Announcer announces both info-hashes of a hybrid', async () => {
    const { announcer, clock, log } = setUp([['a']], { a: {} }, { infoHashes: [V1, V2] });
    announcer.start();
    await clock.pass(0);
    await announcer.close();
    expect(log).toEqual([
      '0s a started',
      '0s a started v2',
      '0s a stopped numwant=0',
      '0s a stopped v2 numwant=0',
    ]);
  });

  test('Announcer sends a tracker id back to the tracker it came from', async () => {
    const { announcer, clock, trackerIds } = setUp([['a']], { a: { trackerId: 'x' } });
    announcer.start();
    await clock.pass(1800 * SECOND);
    expect(trackerIds).toEqual([undefined, 'x']);
  });
});

describe('Announcer tiers', () => {
  test('Announcer tries all trackers of a tier before the next tier', async () => {
    const { announcer, clock, log } = setUp([['a', 'b', 'c'], ['d']], { a: down, b: down, c: down, d: {} });
    announcer.start();
    await clock.pass(0);
    expect(log.filter((line) => line.startsWith('0s')).map((line) => line.split(' ')[1])).toEqual(
      expect.arrayContaining(['a', 'b', 'c', 'd']),
    );
    expect(log.at(-1)).toBe('0s d started');
  });

  test('Announcer moves the tracker that answered to the front of its tier', async () => {
    const { announcer, clock, log, answers } = setUp([['a', 'b', 'c']], { a: down, b: down, c: down });
    announcer.start();
    await clock.pass(0);
    const last = log.at(-2)!.split(' ')[1]!;
    answers[last] = {};
    await clock.pass(10 * SECOND);
    for (const url of ['a', 'b', 'c']) answers[url] = {};
    log.length = 0;
    await clock.pass(3600 * SECOND);
    expect(log.map((line) => line.split(' ')[1])).toEqual([last, last]);
  });

  test('Announcer shuffles within tiers only', async () => {
    const orders = new Set<string>();
    for (let seed = 0; seed < 50; seed += 1) {
      const random = seededRandom(seed);
      const { announcer, clock, log } = setUp([['a', 'b'], ['c']], { a: down, b: down, c: down }, { random });
      announcer.start();
      await clock.pass(0);
      orders.add(
        log
          .filter((line) => line.startsWith('0s'))
          .map((line) => line.split(' ')[1])
          .join(''),
      );
    }
    expect([...orders].sort()).toEqual(['abc', 'bac']);
  });

  test('Announcer asks a tracker with an unsupported scheme only once', async () => {
    const unsupported = new TrackerCallError('UNSUPPORTED', 'udp: is not supported');
    const { announcer, clock, log } = setUp([['udp'], ['a']], { udp: unsupported, a: {} });
    announcer.start();
    await clock.pass(1800 * SECOND);
    expect(log).toEqual(['0s udp started', 'udp failed: UNSUPPORTED', '0s a started', '1800s a none']);
  });

  test('Announcer uses each tracker once, and not more than the limit', async () => {
    const urls = Array.from({ length: MAX_TRACKERS_PER_TORRENT + 1 }, (_, at) => `t${at}`);
    const answers = Object.fromEntries(urls.map((url) => [url, down]));
    const { announcer, clock, log, reported } = setUp([urls, urls], answers);
    announcer.start();
    await clock.pass(0);
    expect(new Set(log.filter((line) => line.startsWith('0s'))).size).toBe(MAX_TRACKERS_PER_TORRENT);
    expect(log).toHaveLength(2 * MAX_TRACKERS_PER_TORRENT);
    expect(reported).toEqual([
      'read the announce list: The torrent names 65 trackers; the first 64 are used',
    ]);
  });

  test('Announcer sets no timer and announces nothing without trackers', async () => {
    const { announcer, clock, log } = setUp([], {});
    announcer.start();
    await clock.pass(MINUTE);
    announcer.setNeedsPeers(true);
    announcer.completed();
    expect(clock.pendingCount).toBe(0);
    await announcer.close();
    expect(log).toEqual([]);
  });
});

describe('Announcer beside a tracker that is silent', () => {
  test('Announcer asks the next tracker after a few seconds, and takes the first answer', async () => {
    const { announcer, clock, log } = setUp([['a'], ['b'], ['c']], { a: 'hang', b: 'hang', c: {} });
    announcer.start();
    await clock.pass(1000 * SECOND);
    expect(log).toEqual(['0s a started', '4s b started', '8s c started']);
  });

  test('Announcer asks the next tracker at once when one fails while another is silent', async () => {
    const { announcer, clock, log } = setUp([['a'], ['b'], ['c']], { a: 'hang', b: down, c: {} });
    announcer.start();
    await clock.pass(1000 * SECOND);
    expect(log).toEqual(['0s a started', '4s b started', 'b failed: UNREACHABLE', '4s c started']);
  });

  test('Announcer asks a failed tracker again while another is silent', async () => {
    const { announcer, clock, log, answers } = setUp([['a'], ['b']], { a: down, b: 'hang' });
    announcer.start();
    await clock.pass(3 * SECOND);
    answers['a'] = {};
    await clock.pass(2 * SECOND);
    expect(log.at(-1)).toBe('4s a started');
    expect(announcer.trackers.map(({ url, state }) => `${url} ${state}`)).toEqual(['a answered', 'b asked']);
  });

  test('Announcer takes the peers of a late answer, and keeps to the interval of the first', async () => {
    const late = { host: '192.0.2.9', port: 9 };
    let answerLate = (_answer: AnnounceResponse) => {};
    const { announcer, clock, log, peers } = setUp(
      [['a'], ['b']],
      {},
      {
        announce: (url, { event }) => {
          log.push(`${url} ${event}`);
          if (url === 'b') return Promise.resolve({ interval: 600, peers: [] });
          return new Promise((resolve) => {
            answerLate = resolve;
          });
        },
      },
    );
    announcer.start();
    await clock.pass(10 * SECOND);
    answerLate({ interval: 60, peers: [late] });
    await clock.pass(580 * SECOND);
    expect(peers).toEqual([late]);
    expect(log).toEqual(['a started', 'b started']);
    await clock.pass(16 * SECOND);
    expect(log).toEqual(['a started', 'b started', 'a none']);
  });

  test('Announcer says stopped to the silent tracker, too', async () => {
    const { announcer, clock, log } = setUp([['a'], ['b']], { a: 'hang', b: {} });
    announcer.start();
    await clock.pass(10 * SECOND);
    log.length = 0;
    const closed = announcer.close();
    await clock.pass(3 * SECOND);
    await closed;
    expect(log.filter((line) => line.includes('stopped'))).toHaveLength(2);
  });
});

describe('Announcer of a torrent without peers', () => {
  test('Announcer asks every tracker for peers, as often as the tracker allows', async () => {
    const { announcer, clock, log } = setUp([['a'], ['b']], { a: {}, b: { minInterval: 90 } });
    announcer.start();
    announcer.setNeedsPeers(true);
    await clock.pass(100 * SECOND);
    expect(log).toEqual(['0s a started', '0s b started', '60s a none', '90s b none']);
  });
});

describe('Announcer.trackers', () => {
  test('Announcer.trackers gives the state of each tracker', async () => {
    const { announcer, clock } = setUp([['a'], ['b'], ['c'], ['d']], {
      a: down,
      b: refused('never'),
      c: {},
    });
    announcer.start();
    await clock.pass(SECOND);
    expect(announcer.trackers).toEqual([
      { url: 'a', state: 'failed', failures: 1, failingSince: 0, error: down, isHopeless: false },
      {
        url: 'b',
        state: 'failed',
        failures: 1,
        failingSince: 0,
        error: refused('never'),
        isHopeless: true,
      },
      { url: 'c', state: 'answered', failures: 0, failingSince: 0, error: undefined, isHopeless: false },
      { url: 'd', state: 'unasked', failures: 0, failingSince: 0, error: undefined, isHopeless: false },
    ]);
  });

  test('Announcer.trackers counts a tracker that answered for one info-hash of a hybrid as answered', async () => {
    const { announcer, clock } = setUp(
      [['a']],
      {},
      {
        infoHashes: [V1, V2],
        announce: (_, { infoHash }) =>
          infoHash === V1 ? Promise.reject(refused('never')) : Promise.resolve({ interval: 9, peers: [] }),
      },
    );
    announcer.start();
    await clock.pass(SECOND);
    expect(announcer.trackers.map(({ state }) => state)).toEqual(['answered']);
  });
});

describe('Announcer timing', () => {
  test('Announcer backs off more with each failure, up to half an hour, with jitter', async () => {
    const { announcer, clock, log } = setUp([['a']], { a: down });
    announcer.start();
    await clock.pass(5 * 3600 * SECOND);
    const times = log.filter((line) => line.includes('started')).map((line) => Number.parseFloat(line));
    const gaps = times.slice(1).map((time, at) => time - times[at]!);
    for (const [at, gap] of gaps.entries()) {
      const middle = Math.min(1800, 1.5 * 2 ** at);
      expect(gap).toBeGreaterThanOrEqual(middle * 0.75);
      expect(gap).toBeLessThanOrEqual(middle * 1.25);
    }
    expect(gaps.length).toBeGreaterThan(12);
  });

  test('Announcer asks a tracker again within two seconds after its failure', async () => {
    const { announcer, clock, log } = setUp([['a']], { a: down });
    announcer.start();
    await clock.pass(2 * SECOND);
    expect(log.filter((line) => line.endsWith('started'))).toHaveLength(2);
  });

  test('Announcer waits as long as `retry in` of a tracker says', async () => {
    const { announcer, clock, log } = setUp([['a']], { a: refused(7) });
    announcer.start();
    await clock.pass(7 * MINUTE);
    expect(log).toEqual(['0s a started', 'a failed: FAILURE', '420s a started', 'a failed: FAILURE']);
  });

  test('Announcer waits for a minute at the most while there is no peer', async () => {
    const { announcer, clock, log } = setUp([['a'], ['b']], { a: refused(7), b: refused('never') });
    announcer.start();
    await clock.pass(10 * SECOND);
    announcer.setNeedsPeers(true);
    await clock.pass(2 * MINUTE);
    announcer.setNeedsPeers(false);
    await clock.pass(5 * MINUTE);
    expect(log.filter((line) => line.endsWith('started'))).toEqual([
      '0s a started',
      '0s b started',
      '60s a started',
      '120s a started',
    ]);
  });

  test('Announcer waits for a minute at the most after many failures while there is no peer', async () => {
    const { announcer, clock, log } = setUp([['a']], { a: down });
    announcer.start();
    announcer.setNeedsPeers(true);
    await clock.pass(3600 * SECOND);
    const times = log.filter((line) => line.endsWith('started')).map((line) => Number.parseFloat(line));
    expect(Math.max(...times.slice(1).map((time, at) => time - times[at]!))).toBe(60);
  });

  test('Announcer never asks a tracker again whose `retry in` is never', async () => {
    const { announcer, clock, log } = setUp([['a']], { a: refused('never') });
    announcer.start();
    await clock.pass(0);
    announcer.setNeedsPeers(true);
    announcer.completed();
    await clock.pass(365 * 24 * 60 * MINUTE);
    expect(log).toEqual(['0s a started', 'a failed: FAILURE']);
    expect(clock.pendingCount).toBe(0);
  });

  test('Announcer asks for more peers when `min interval` allows it', async () => {
    const { announcer, clock, log } = setUp([['a']], { a: { interval: 1800, minInterval: 120 } });
    announcer.start();
    await clock.pass(10 * SECOND);
    announcer.setNeedsPeers(true);
    announcer.setNeedsPeers(true);
    await clock.pass(120 * SECOND);
    announcer.setNeedsPeers(false);
    await clock.pass(870 * SECOND);
    announcer.setNeedsPeers(true);
    await clock.pass(0);
    expect(log).toEqual(['0s a started', '120s a none', '1000s a none']);
  });

  test('Announcer keeps absurd intervals within limits', async () => {
    const zero = setUp([['a']], { a: { interval: 0 } });
    zero.announcer.start();
    await zero.clock.pass(11 * SECOND);
    expect(zero.log).toEqual(['0s a started', '5s a none', '10s a none']);
    const huge = setUp([['a']], { a: { interval: Number.MAX_SAFE_INTEGER } });
    huge.announcer.start();
    await huge.clock.pass(24 * 60 * MINUTE);
    expect(huge.log).toEqual(['0s a started', '86400s a none']);
  });

  test('Announcer can wait longer than the longest timer of Node.js', async () => {
    const minutes = 60 * 24 * 60;
    const { announcer, clock, log } = setUp([['a']], { a: refused(minutes) });
    announcer.start();
    await clock.pass(minutes * MINUTE);
    expect(log.filter((line) => line.includes('started'))).toEqual([
      '0s a started',
      `${minutes * 60}s a started`,
    ]);
  });
});

describe('Announcer closing', () => {
  test('Announcer says stopped to all trackers that may list the peer, and does not wait long for them', async () => {
    const { announcer, clock, log, answers } = setUp([['a'], ['b'], ['c']], { a: down, b: {}, c: {} });
    announcer.start();
    await clock.pass(0);
    answers['a'] = 'hang';
    answers['b'] = 'hang';
    await clock.pass(10 * SECOND);
    announcer.setNeedsPeers(true);
    await clock.pass(MINUTE);
    log.length = 0;
    const closed = announcer.close();
    await clock.pass(3 * SECOND);
    await closed;
    expect(log).toEqual([
      '70s a stopped numwant=0',
      '70s b stopped numwant=0',
      '70s c stopped numwant=0',
      'a failed: ABORTED',
      'b failed: ABORTED',
    ]);
    expect(clock.pendingCount).toBe(0);
  });

  test('Announcer does nothing after close(), even when it is called twice', async () => {
    const { announcer, clock, log } = setUp([['a']], { a: {} });
    await announcer.close();
    await announcer.close();
    announcer.start();
    announcer.setNeedsPeers(true);
    announcer.completed();
    await clock.pass(MINUTE);
    expect(log).toEqual([]);
  });

  test('Announcer reports errors that its owner throws, and goes on', async () => {
    const { announcer, clock, log, reported } = setUp(
      [['a']],
      { a: {} },
      {
        onPeers: () => {
          throw new Error('too many');
        },
      },
    );
    announcer.start();
    await clock.pass(1800 * SECOND);
    expect(log).toHaveLength(2);
    expect(reported[0]).toBe("take a tracker's peers: too many");
  });
});
