import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { RawClient } from '../../test/support/tracker/raw-client.ts';
import { announceQuery, TestTracker } from '../../test/support/tracker/test-tracker.ts';
import { testTorrent, withMetainfo } from '../../test/support/tracker/torrents.ts';
import type { RegistrationResponse, SeederList } from '../tracker-protocol/index.ts';
import { createTracker } from './create-tracker.ts';

const SECOND = 1000;
const torrent = testTorrent('file');
const hybrid = testTorrent('hybrid', 'hybrid');

async function register(
  tracker: TestTracker,
  port: number,
  offered = torrent,
): Promise<RegistrationResponse> {
  const body = { port, peerId: 'ab'.repeat(20), torrents: [withMetainfo(offered)] };
  const init = {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  };
  const response = await tracker.fetch('/api/v1/seeders', init);
  return (await response.json()) as RegistrationResponse;
}

async function portsOf(tracker: TestTracker): Promise<number[]> {
  const response = await tracker.fetch('/api/v1/seeders');
  return ((await response.json()) as SeederList).seeders.map(({ port }) => port);
}

async function health(tracker: TestTracker): Promise<unknown> {
  return (await tracker.fetch('/healthz')).json();
}

describe('expiry', () => {
  test('a seeder that does not renew is forgotten and leaves its swarms, one that renews stays', async () => {
    await using tracker = await TestTracker.start({ seederExpiry: 30, announceInterval: 100 });
    await register(tracker, 1);
    const { id, token, renewIn, expiresIn } = await register(tracker, 2);
    expect([renewIn, expiresIn]).toEqual([10, 30]);
    for (let renewals = 0; renewals < 3; renewals += 1) {
      tracker.clock.advance(renewIn * SECOND);
      const renewed = await tracker.fetch(`/api/v1/seeders/${id}`, {
        method: 'PUT',
        headers: { authorization: `Bearer ${token}` },
      });
      expect(renewed.status).toBe(200);
    }
    expect(await portsOf(tracker)).toEqual([1, 2]);
    tracker.clock.advance(2 * SECOND);
    expect(await portsOf(tracker)).toEqual([2]);
    expect(await health(tracker)).toEqual({ status: 'ok', seeders: 1, swarms: 1, peers: 1 });
    tracker.clock.advance(31 * SECOND);
    expect(await health(tracker)).toEqual({ status: 'ok', seeders: 0, swarms: 0, peers: 0 });
    const metainfo = await tracker.fetch(`/api/v1/torrents/${torrent.registered.infoHash}.torrent`);
    expect(metainfo.status).toBe(404);
  });

  test('a seeder that renews stays in its swarms, however short the announce interval is', async () => {
    await using tracker = await TestTracker.start({ seederExpiry: 600, announceInterval: 5 });
    const { id, token, renewIn } = await register(tracker, 1);
    for (let renewals = 0; renewals < 10; renewals += 1) {
      tracker.clock.advance(renewIn * SECOND);
      expect(await health(tracker)).toMatchObject({ peers: 1 });
      await tracker.fetch(`/api/v1/seeders/${id}`, {
        method: 'PUT',
        headers: { authorization: `Bearer ${token}` },
      });
    }
  });

  test('a peer is forgotten that does not announce for two intervals and a half', async () => {
    await using tracker = await TestTracker.start({ announceInterval: 10 });
    await (await tracker.fetch(`/announce?${announceQuery(1)}`)).arrayBuffer();
    tracker.clock.advance(20 * SECOND);
    await (await tracker.fetch(`/announce?${announceQuery(2)}`)).arrayBuffer();
    expect(await health(tracker)).toMatchObject({ peers: 2 });
    tracker.clock.advance(7 * SECOND);
    expect(await health(tracker)).toMatchObject({ peers: 1 });
    tracker.clock.advance(30 * SECOND);
    expect(await health(tracker)).toMatchObject({ peers: 0, swarms: 0 });
  });
});

describe('stateDir', () => {
  test('a tracker that starts again knows its peers', async () => {
    const stateDir = join(await mkdtemp(join(tmpdir(), 'shoal-tracker-')), 'state');
    try {
      const first = await TestTracker.start({ stateDir });
      await (await first.fetch(`/announce?${announceQuery(1)}`)).arrayBuffer();
      await first[Symbol.asyncDispose]();
      await using second = await TestTracker.start({ stateDir });
      expect(await health(second)).toMatchObject({ swarms: 1, peers: 1 });
    } finally {
      await rm(join(stateDir, '..'), { recursive: true });
    }
  });

  test('a tracker that starts again knows its peers when the date was set while it ran', async () => {
    const stateDir = join(await mkdtemp(join(tmpdir(), 'shoal-tracker-')), 'state');
    try {
      let date = Date.UTC(2020, 0);
      const wallTime = () => date;
      const first = await TestTracker.start({ stateDir, wallTime });
      await (await first.fetch(`/announce?${announceQuery(1)}`)).arrayBuffer();
      date = Date.UTC(2026, 0);
      await first[Symbol.asyncDispose]();
      await using second = await TestTracker.start({ stateDir, wallTime });
      expect(await health(second)).toMatchObject({ swarms: 1, peers: 1 });
    } finally {
      await rm(join(stateDir, '..'), { recursive: true });
    }
  });

  test('a seeder renews with its token at a tracker that started again', async () => {
    const stateDir = await mkdtemp(join(tmpdir(), 'shoal-tracker-'));
    try {
      const first = await TestTracker.start({ stateDir });
      const { id, token } = await register(first, 1);
      await first[Symbol.asyncDispose]();
      await using second = await TestTracker.start({ stateDir, seederExpiry: 30 });
      expect(await portsOf(second)).toEqual([1]);
      second.clock.advance(29 * SECOND);
      const renewed = await second.fetch(`/api/v1/seeders/${id}`, {
        method: 'PUT',
        headers: { authorization: `Bearer ${token}` },
      });
      expect(await renewed.json()).toMatchObject({ id, missing: [] });
      expect(await health(second)).toMatchObject({ seeders: 1, peers: 1 });
      const metainfo = await second.fetch(`/api/v1/torrents/${torrent.registered.infoHash}.torrent`);
      expect(metainfo.status).toBe(200);
      second.clock.advance(32 * SECOND);
      await expect.poll(() => portsOf(second)).toEqual([]);
    } finally {
      await rm(stateDir, { recursive: true });
    }
  });

  test('createTracker() refuses a folder that another tracker uses, until that one ends', async () => {
    const stateDir = await mkdtemp(join(tmpdir(), 'shoal-tracker-'));
    try {
      const first = await TestTracker.start({ stateDir });
      await expect(TestTracker.start({ stateDir })).rejects.toMatchObject({
        code: 'STATE_IN_USE',
        message: expect.stringContaining(stateDir),
      });
      await first[Symbol.asyncDispose]();
      await using _second = await TestTracker.start({ stateDir });
    } finally {
      await rm(stateDir, { recursive: true });
    }
  });

  test('createTracker() that cannot listen gives its folder back', async () => {
    const stateDir = await mkdtemp(join(tmpdir(), 'shoal-tracker-'));
    try {
      await expect(createTracker({ host: '192.0.2.1', stateDir })).rejects.toMatchObject({
        code: 'CANNOT_LISTEN',
      });
      await using _tracker = await TestTracker.start({ stateDir });
    } finally {
      await rm(stateDir, { recursive: true });
    }
  });

  test('createTracker() says which folder cannot be used', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'shoal-tracker-'));
    const stateDir = join(folder, 'file');
    try {
      await writeFile(stateDir, '');
      await expect(createTracker({ stateDir })).rejects.toMatchObject({
        code: 'CANNOT_KEEP_STATE',
        message: expect.stringContaining(stateDir),
      });
      await rm(stateDir);
      await mkdir(stateDir);
      await mkdir(join(stateDir, 'catalog.lmdb'));
      await expect(createTracker({ stateDir })).rejects.toMatchObject({ code: 'CANNOT_KEEP_STATE' });
      expect(await readdir(stateDir)).toEqual(['catalog.lmdb']);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('close() of a tracker that cannot save its swarms says so once, and writes what it can', async () => {
    const stateDir = await mkdtemp(join(tmpdir(), 'shoal-tracker-'));
    try {
      await using tracker = await createTracker({ stateDir });
      await mkdir(join(stateDir, 'swarms.snapshot'));
      await expect(tracker.close()).rejects.toMatchObject({
        message: /^Could not close the snapshot of the swarms: .*folder/,
        errors: [{ cause: { code: 'CANNOT_KEEP_STATE' } }],
      });
    } finally {
      await rm(stateDir, { recursive: true });
    }
  });

  test('createTracker() follows no link in the place of the lock of its catalog', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'shoal-tracker-'));
    const stateDir = join(folder, 'state');
    try {
      await mkdir(stateDir, 0o700);
      await writeFile(join(folder, 'other'), 'of another program');
      await symlink(join(folder, 'other'), join(stateDir, 'catalog.lmdb-lock'));
      await using _tracker = await TestTracker.start({ stateDir });
      expect(await readFile(join(folder, 'other'), 'utf8')).toBe('of another program');
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('a tracker that cannot read its swarms says so and starts without', async () => {
    const stateDir = await mkdtemp(join(tmpdir(), 'shoal-tracker-'));
    try {
      await writeFile(join(stateDir, 'swarms.snapshot'), 'something else');
      const reported: string[] = [];
      await using tracker = await TestTracker.start({
        stateDir,
        onError: (error, context) => reported.push(`${context}: ${error.message}`),
      });
      expect(reported).toEqual([expect.stringMatching(/^take up the swarms .*holds no swarms/)]);
      expect(await health(tracker)).toMatchObject({ peers: 0 });
    } finally {
      await rm(stateDir, { recursive: true });
    }
  });

  test('a tracker that was killed knows peers that announced a second before', async () => {
    const stateDir = await mkdtemp(join(tmpdir(), 'shoal-tracker-'));
    const copy = await mkdtemp(join(tmpdir(), 'shoal-tracker-'));
    try {
      await using tracker = await TestTracker.start({ stateDir });
      await (await tracker.fetch(`/announce?${announceQuery(1)}`)).arrayBuffer();
      tracker.clock.advance(SECOND);
      await expect.poll(() => readdir(stateDir)).toContain('swarms.snapshot');
      await copyFile(join(stateDir, 'swarms.snapshot'), join(copy, 'swarms.snapshot'));
      await using second = await TestTracker.start({ stateDir: copy });
      expect(await health(second)).toMatchObject({ swarms: 1, peers: 1 });
    } finally {
      await rm(stateDir, { recursive: true });
      await rm(copy, { recursive: true });
    }
  });

  test('a tracker that lost its swarms hands out the seeders of its catalog, until they expire', async () => {
    const stateDir = await mkdtemp(join(tmpdir(), 'shoal-tracker-'));
    const denyList = join(stateDir, 'denied');
    try {
      const first = await TestTracker.start({ stateDir });
      await register(first, 1);
      await register(first, 2, hybrid);
      await first[Symbol.asyncDispose]();
      await rm(join(stateDir, 'swarms.snapshot'));
      await writeFile(denyList, hybrid.registered.infoHash);
      await using second = await TestTracker.start({ stateDir, denyList, seederExpiry: 30 });
      expect(await health(second)).toMatchObject({ seeders: 2, swarms: 1, peers: 1 });
      second.clock.advance(32 * SECOND);
      await expect.poll(() => health(second)).toMatchObject({ seeders: 0, swarms: 0, peers: 0 });
    } finally {
      await rm(stateDir, { recursive: true });
    }
  });
});

describe('createTracker()', () => {
  test('createTracker() listens where it says, and on no web port unless asked', async () => {
    await using tracker = await createTracker({ host: '127.0.0.1' });
    expect(tracker.url).toBe(`http://127.0.0.1:${tracker.address.port}`);
    expect(tracker.webAddress).toBeUndefined();
    expect((await fetch(`${tracker.url}/healthz`)).status).toBe(200);
  });

  test('createTracker() without a host can be reached over IPv4', async () => {
    await using tracker = await createTracker();
    expect((await fetch(`${tracker.url}/healthz`)).status).toBe(200);
  });

  test('createTracker() says which port is in use, and holds on to no other', async () => {
    await using taken = await createTracker({ host: '127.0.0.1' });
    const { port } = taken.address;
    const host = '127.0.0.1';
    const inUse = { code: 'PORT_IN_USE', message: expect.stringContaining(`port ${port}`) };
    await expect(createTracker({ host, port })).rejects.toMatchObject(inUse);
    const free = await createTracker({ host });
    const freePort = free.address.port;
    await free.close();
    await expect(createTracker({ host, port: freePort, webPort: port })).rejects.toMatchObject(inUse);
    await using again = await createTracker({ host, port: freePort });
    expect(again.address.port).toBe(freePort);
  });

  test.each([
    [{ port: 65_536 }, /port must be/],
    [{ webPort: -1 }, /webPort must be/],
    [{ announceInterval: 0 }, /announceInterval must be/],
    [{ seederExpiry: 1.5 }, /seederExpiry must be/],
    [{ zones: [['office']] }, /"office"/],
  ])('createTracker(%j) is refused', async (options, message) => {
    await expect(createTracker(options)).rejects.toThrow(message);
  });

  test('createTracker() on an address that is not there says so', async () => {
    await expect(createTracker({ host: '192.0.2.1' })).rejects.toMatchObject({ code: 'CANNOT_LISTEN' });
  });

  test('close() ends every connection, on both ports, and may be called twice', async () => {
    const tracker = await createTracker({ host: '127.0.0.1', webPort: 0 });
    await using fresh = await RawClient.connect(tracker.address.port);
    await using handedOver = await RawClient.connect(tracker.address.port);
    await using web = await RawClient.connect(tracker.webAddress!.port);
    for (const client of [handedOver, web]) {
      await client.send('GET /healthz HTTP/1.1\r\nHost: t\r\n\r\n');
      await client.answer();
    }
    await Promise.all([tracker.close(), tracker.close()]);
    await Promise.all([fresh, handedOver, web].map((client) => client.closed()));
    await expect(fetch(`${tracker.url}/healthz`)).rejects.toThrow();
  });

  test('a failure inside is reported and not told', async () => {
    const reported: string[] = [];
    const random = {
      next: () => {
        throw new Error('the dice are gone');
      },
    };
    await using tracker = await createTracker({
      host: '127.0.0.1',
      random,
      onError: (error, context) => reported.push(`${context}: ${error.message}`),
    });
    const body = await (await fetch(`${tracker.url}/announce?${announceQuery(1)}`)).text();
    expect(body).toBe('d14:failure reason22:The tracker has failed8:intervali300e8:retry ini5ee');
    expect(reported).toEqual(['answer /announce: the dice are gone']);
  });
});
