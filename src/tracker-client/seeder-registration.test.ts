import { describe, expect, test } from 'vitest';
import { FakeClock } from '../../test/support/index.ts';
import { MAX_REGISTERED_METAINFO_BYTES } from '../tracker-protocol/index.ts';
import { type InfoHash, parseInfoHash, seededRandom } from '../util/index.ts';
import type { TorrentToAnnounce } from './fit-registration.ts';
import { type RegistryCalls, SeederRegistration } from './seeder-registration.ts';
import { TrackerCallError, unreachable } from './tracker-call-error.ts';

const SECOND = 1000;
const A = parseInfoHash('a'.repeat(40));
const B = parseInfoHash('b'.repeat(40));
const down = new TrackerCallError('UNREACHABLE', 'down');
const status = (code: number) => new TrackerCallError('BAD_STATUS', `status ${code}`, { status: code });

type Call = keyof RegistryCalls;

/** A seeder whose tracker fails as `failing` says at the time. */
function setUp({ keepTrying = true } = {}) {
  const clock = new FakeClock();
  const begin = clock.now();
  const log: string[] = [];
  const state = {
    failing: {} as Partial<Record<Call, Error | 'hang'>>,
    missing: [] as InfoHash[],
    torrents: [A, B].map((infoHash): TorrentToAnnounce => {
      return { infoHash, name: infoHash.slice(0, 1), size: 1, metainfo: new Uint8Array(3) };
    }),
    registrations: 0,
    onRegistered: () => {},
  };
  const answer = () => ({
    id: `s${state.registrations}`,
    token: `t${state.registrations}`,
    host: '192.0.2.1',
    port: 9911,
    renewIn: 30,
    expiresIn: 90,
    missing: state.missing,
  });
  const said = (call: Call, what: string, signal?: AbortSignal): Promise<void> => {
    log.push(`${(clock.now() - begin) / SECOND}s ${call} ${what}`.trimEnd());
    const failing = state.failing[call];
    if (failing === 'hang') {
      return new Promise((_, reject) => {
        signal?.addEventListener('abort', () => reject(new TrackerCallError('ABORTED', 'given up')));
      });
    }
    return failing === undefined ? Promise.resolve() : Promise.reject(failing);
  };
  const registration = new SeederRegistration({
    trackerUrl: 'http://t.example',
    seeder: { port: 9911, peerId: 'c'.repeat(40) },
    torrents: () => state.torrents,
    onRegistered: () => state.onRegistered(),
    onFailure: (error) => log.push(`failed: ${error.message}`),
    ...(!keepTrying && { onRefused: (error) => log.push(`refused: ${error.message}`) }),
    calls: {
      register: async (_, { torrents }, options) => {
        await said(
          'register',
          torrents.map(({ name, metainfo }) => name + (metainfo?.length ?? '')).join(),
          options?.signal,
        );
        state.registrations += 1;
        return answer();
      },
      renew: async (_, { id, token }, list, options) => {
        const names = list?.torrents.map(({ name }) => name).join();
        await said('renew', `${id} ${token} ${names ?? ''}`, options?.signal);
        return answer();
      },
      leave: (_, { id }, options) => said('leave', id, options?.signal),
      uploadMetainfo: (_, token, infoHash, metainfo, options) =>
        said('uploadMetainfo', `${token} ${infoHash.slice(0, 1)} ${metainfo.length}`, options?.signal),
    },
    clock,
    random: seededRandom(1),
    report: (error, context) => log.push(`reported: ${context}: ${error.message}`),
  });
  return { registration, clock, log, state };
}

describe('SeederRegistration', () => {
  test('SeederRegistration registers in one call, renews in time and leaves', async () => {
    const { registration, clock, log } = setUp();
    registration.start();
    await clock.pass(60 * SECOND);
    await registration.close();
    await registration.close();
    expect(log).toEqual(['0s register a4,b4', '30s renew s1 t1', '60s renew s1 t1', '60s leave s1']);
    expect(clock.pendingCount).toBe(0);
  });

  test.each([401, 403, 404, 410])(
    'SeederRegistration registers again when the tracker has forgotten it (%i)',
    async (code) => {
      const { registration, clock, log, state } = setUp();
      registration.start();
      await clock.pass(0);
      state.failing = { renew: status(code) };
      await clock.pass(30 * SECOND);
      state.failing = {};
      await clock.pass(30 * SECOND);
      expect(log).toEqual([
        '0s register a4,b4',
        '30s renew s1 t1',
        `failed: status ${code}`,
        '30s register a4,b4',
        '60s renew s2 t2',
      ]);
    },
  );

  test('SeederRegistration waits longer after each failure while the tracker is unreachable, and reports each one', async () => {
    const { registration, clock, log, state } = setUp();
    state.failing = { register: down };
    registration.start();
    await clock.pass(600 * SECOND);
    const times = log.filter((line) => line.includes('register ')).map((line) => Number.parseFloat(line));
    expect(log.filter((line) => line === 'failed: down')).toHaveLength(times.length);
    for (const [at, gap] of times.slice(1).map((time, at) => [at, time - times[at]!] as const)) {
      const middle = Math.min(60, 2 ** at);
      expect(gap).toBeGreaterThanOrEqual(middle * 0.75);
      expect(gap).toBeLessThanOrEqual(middle * 1.25);
    }
    expect(times.length).toBeGreaterThan(10);
    state.failing = {};
    await clock.pass(75 * SECOND);
    expect(state.registrations).toBe(1);
  });

  test('SeederRegistration keeps its identity when a renewal fails', async () => {
    const { registration, clock, log, state } = setUp();
    registration.start();
    await clock.pass(0);
    state.failing = { renew: down };
    await clock.pass(30 * SECOND);
    state.failing = {};
    await clock.pass(2 * SECOND);
    expect(log.at(-1)).toMatch(/renew s1 t1$/);
    expect(state.registrations).toBe(1);
  });

  test('SeederRegistration uploads the metainfos that the tracker is missing, beside the renewals', async () => {
    const { registration, clock, log, state } = setUp();
    state.missing = [B, parseInfoHash('d'.repeat(40))];
    state.failing = { uploadMetainfo: 'hang' };
    registration.start();
    await clock.pass(30 * SECOND);
    await registration.close();
    expect(log).toEqual(['0s register a4,b4', '0s uploadMetainfo t1 b 3', '30s renew s1 t1', '30s leave s1']);
  });

  test('SeederRegistration renews at once with the whole list when it was too large for the first registration', async () => {
    const { registration, clock, log, state } = setUp();
    const large = new Uint8Array(100_000);
    const [a, b] = state.torrents.map((torrent) => ({ ...torrent, metainfo: large }));
    state.torrents = [...Array.from({ length: 99 }, () => a!), b!];
    state.missing = [B];
    registration.start();
    await clock.pass(0);
    expect(log.map((line) => line.slice(0, 22).split(',')[0])).toEqual([
      '0s register a133336',
      '0s renew s1 t1 a',
      '0s uploadMetainfo t1 b',
    ]);
  });

  test('SeederRegistration does not upload a metainfo that is too large for any tracker, and reports it once', async () => {
    const { registration, clock, log, state } = setUp();
    const metainfo = new Uint8Array(MAX_REGISTERED_METAINFO_BYTES + 1);
    state.torrents = state.torrents.map((torrent, at) => (at === 0 ? { ...torrent, metainfo } : torrent));
    state.missing = [A, B];
    registration.start();
    await clock.pass(30 * SECOND);
    expect(log.map((line) => line.slice(0, 40))).toEqual([
      '0s register a,b4',
      `failed: The .torrent of ${A.slice(0, 16)}`,
      '0s uploadMetainfo t1 b 3',
      '30s renew s1 t1',
      '30s uploadMetainfo t1 b 3',
    ]);
  });

  test('SeederRegistration uploads no more to a tracker that is full, until the next renewal', async () => {
    const { registration, clock, log, state } = setUp();
    state.missing = [A, B];
    state.failing = { uploadMetainfo: status(507) };
    registration.start();
    await clock.pass(0);
    expect(log).toEqual(['0s register a4,b4', '0s uploadMetainfo t1 a 3', 'failed: status 507']);
  });

  test('SeederRegistration goes on with the next upload when one is refused, and repeats it at the next renewal', async () => {
    const { registration, clock, log, state } = setUp();
    state.missing = [A, B];
    state.failing = { uploadMetainfo: status(400) };
    registration.start();
    await clock.pass(0);
    state.failing = { uploadMetainfo: down };
    await clock.pass(30 * SECOND);
    expect(log).toEqual([
      '0s register a4,b4',
      '0s uploadMetainfo t1 a 3',
      'failed: status 400',
      '0s uploadMetainfo t1 b 3',
      'failed: status 400',
      '30s renew s1 t1',
      '30s uploadMetainfo t1 a 3',
      'failed: down',
    ]);
  });

  test('SeederRegistration sends a changed list at once, and again until the tracker takes it', async () => {
    const { registration, clock, log, state } = setUp();
    registration.start();
    await clock.pass(10 * SECOND);
    state.torrents = state.torrents.slice(0, 1);
    state.failing = { renew: down };
    registration.changed();
    await clock.pass(0);
    state.failing = {};
    await clock.pass(2 * SECOND);
    expect(log.slice(1, 3)).toEqual(['10s renew s1 t1 a', 'failed: down']);
    expect(log.slice(3).map((line) => line.slice(line.indexOf(' ')))).toEqual([' renew s1 t1 a']);
    await clock.pass(30 * SECOND);
    expect(log.at(-1)).toMatch(/renew s1 t1$/);
  });

  test('SeederRegistration sends a list that changed during a call right after that call', async () => {
    const { registration, clock, log, state } = setUp();
    state.onRegistered = () => {
      state.onRegistered = () => {};
      registration.changed();
    };
    registration.start();
    await clock.pass(0);
    expect(log).toEqual(['0s register a4,b4', '0s renew s1 t1 a,b']);
  });

  test('SeederRegistration does not try more often when the list changes while the tracker is unreachable', async () => {
    const { registration, clock, log, state } = setUp();
    state.failing = { register: down };
    registration.changed();
    registration.start();
    await clock.pass(0);
    registration.changed();
    await clock.pass(0);
    expect(log).toEqual(['0s register a4,b4', 'failed: down']);
  });
});

describe('SeederRegistration closing', () => {
  test('SeederRegistration does not wait long for the tracker, and reports that leaving failed', async () => {
    const { registration, clock, log, state } = setUp();
    registration.start();
    await clock.pass(0);
    state.failing = { leave: 'hang' };
    const closed = registration.close();
    await clock.pass(3 * SECOND);
    await closed;
    expect(log).toEqual(['0s register a4,b4', '0s leave s1', 'failed: given up']);
  });

  test('SeederRegistration reports no failure to leave when the tracker has forgotten it', async () => {
    const { registration, clock, log, state } = setUp();
    registration.start();
    await clock.pass(0);
    state.failing = { leave: status(404) };
    await registration.close();
    expect(log).toEqual(['0s register a4,b4', '0s leave s1']);
  });

  test('SeederRegistration aborts a registration that is under way, and does nothing more', async () => {
    const { registration, clock, log, state } = setUp();
    state.failing = { register: 'hang' };
    registration.start();
    await clock.pass(0);
    await registration.close();
    await clock.pass(600 * SECOND);
    expect(log).toEqual(['0s register a4,b4']);
    expect(clock.pendingCount).toBe(0);
  });

  test.each([
    ['does not accept the token', status(401)],
    ['forbids it', status(403)],
    [
      'has a certificate that is not trusted',
      new TrackerCallError('UNREACHABLE', 'bad', { isHopeless: true }),
    ],
  ])(
    'SeederRegistration never asks a tracker again that %s at the first registration',
    async (_what, failure) => {
      const { registration, clock, log, state } = setUp({ keepTrying: false });
      state.failing = { register: failure };
      registration.start();
      await clock.pass(600 * SECOND);
      expect(log).toEqual(['0s register a4,b4', `refused: ${failure.message}`]);
      await registration.close();
      expect(clock.pendingCount).toBe(0);
    },
  );

  test.each([
    ['is away', down],
    ['has no address yet', unreachable('POST', Object.assign(new Error('no host'), { code: 'ENOTFOUND' }))],
    ['is overloaded', status(503)],
  ])('SeederRegistration asks a tracker again that %s', async (_what, failure) => {
    const { registration, clock, log, state } = setUp({ keepTrying: false });
    state.failing = { register: failure };
    registration.start();
    await clock.pass(2 * SECOND);
    state.failing = {};
    await clock.pass(10 * SECOND);
    expect(log.filter((line) => line.startsWith('refused'))).toEqual([]);
    expect(state.registrations).toBe(1);
    await registration.close();
  });

  test('SeederRegistration asks a tracker again that refuses it only after a registration', async () => {
    const { registration, clock, log, state } = setUp({ keepTrying: false });
    registration.start();
    await clock.pass(0);
    state.failing = { renew: status(401), register: status(401) };
    await clock.pass(60 * SECOND);
    state.failing = {};
    await clock.pass(120 * SECOND);
    expect(log.filter((line) => line.startsWith('refused'))).toEqual([]);
    expect(state.registrations).toBe(2);
    await registration.close();
  });
});
