import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FakeClock } from '../../../../test/support/index.ts';
import { SmallSwarms } from '../../../../test/support/tracker/small-swarms.ts';
import { seededRandom } from '../../../util/index.ts';
import type { PeerRole } from '../swarm-store.ts';
import { MemorySwarmStore } from './memory-swarm-store.ts';
import { SwarmSnapshot } from './swarm-snapshot.ts';

const TTL = 60_000;
const SECOND = 1000;

/** The store of a tracker and its snapshot, which start anew with a clock at zero, as in a new process. */
class Run {
  readonly clock = new FakeClock();
  readonly store = new MemorySwarmStore({ peerTtl: TTL, random: seededRandom(3) });
  readonly swarms = new SmallSwarms(this.store);
  readonly snapshot: SwarmSnapshot;

  constructor(path: string, startedAt: number) {
    const { clock, store } = this;
    this.snapshot = new SwarmSnapshot({ store, path, clock, wallTime: () => startedAt + clock.now() });
  }

  wait(seconds: number): void {
    this.clock.advance(seconds * SECOND);
    this.swarms.now = this.clock.now();
  }
}

describe('SwarmSnapshot', () => {
  let folder: string;
  let path: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'shoal-snapshot-'));
    path = join(folder, 'swarms');
  });
  afterEach(() => rm(folder, { recursive: true }));

  test('load() brings back peers, roles, counts and ages', async () => {
    const before = new Run(path, 1e6);
    before.wait(100);
    await before.swarms.announce(1, 'downloader');
    await before.swarms.announce(1, 'seeder', { isCompleted: true });
    await before.swarms.announce(2, 'partialSeed', { family: 6 });
    await before.swarms.announce(3, 'downloader', { swarm: 2, peerId: 33 });
    before.wait(20);
    await before.snapshot.save();

    const after = new Run(path, 1e6 + 130 * SECOND);
    await after.snapshot.load();
    expect(after.store.stats()).toEqual({ swarms: 2, peers: 3 });
    expect(await after.swarms.scrape()).toEqual({
      complete: 1,
      incomplete: 1,
      downloaded: 1,
      downloaders: 0,
    });
    const answer = await after.swarms.raw(4, 'downloader', { withPeerIds: true, swarm: 2 });
    expect(Buffer.from(answer.peers.peerIds!).toString()).toBe('-XX0001-000000000033');
    expect(answer.age).toBe(30 * SECOND);
  });

  test('load() leaves out peers whose time has come meanwhile, and the others expire when theirs comes', async () => {
    const before = new Run(path, 0);
    await before.swarms.announce(1, 'seeder');
    await before.swarms.announce(1, 'seeder', { swarm: 2 });
    before.wait(30);
    await before.swarms.announce(2, 'seeder');
    await before.snapshot.save();

    const after = new Run(path, 70 * SECOND);
    await after.snapshot.load();
    expect(after.store.stats()).toEqual({ swarms: 1, peers: 1 });
    after.wait(19);
    await after.swarms.expire();
    expect(after.store.stats()).toEqual({ swarms: 1, peers: 1 });
    after.wait(2);
    await after.swarms.expire();
    expect(after.store.stats()).toEqual({ swarms: 0, peers: 0 });
  });

  test('load() does not put what was saved over what has announced since', async () => {
    const before = new Run(path, 0);
    await before.swarms.announce(1, 'downloader');
    await before.snapshot.save();
    const after = new Run(path, 0);
    await after.swarms.announce(1, 'seeder');
    await after.snapshot.load();
    expect(await after.swarms.scrape()).toMatchObject({ complete: 1, incomplete: 0 });
  });

  test('load() without a file does nothing', async () => {
    const run = new Run(path, 0);
    await run.snapshot.load();
    expect(run.store.stats()).toEqual({ swarms: 0, peers: 0 });
  });

  test('load() rejects a file with any byte changed or cut off, and takes nothing from it', async () => {
    const before = new Run(path, 0);
    for (let peer = 1; peer <= 5; peer += 1)
      await before.swarms.announce(peer, 'seeder', { swarm: peer % 3 });
    await before.snapshot.save();
    const whole = await readFile(path);
    const damage = fc.record({ at: fc.nat(whole.length - 1), bit: fc.nat(7), isCut: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(damage, async ({ at, bit, isCut }) => {
        const damaged = Buffer.from(isCut ? whole.subarray(0, at) : whole);
        if (!isCut) damaged[at]! ^= 1 << bit;
        await writeFile(path, damaged);
        const after = new Run(path, 0);
        await expect(after.snapshot.load()).rejects.toMatchObject({ code: 'BAD_SNAPSHOT' });
        expect(after.store.stats().peers).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  test('save() replaces the file before in one step, and calls do not get in each other’s way', async () => {
    const run = new Run(path, 0);
    await run.swarms.announce(1, 'seeder');
    const first = run.snapshot.save();
    await run.swarms.announce(2, 'seeder');
    await Promise.all([first, run.snapshot.save()]);
    expect(await readdir(folder)).toEqual(['swarms']);
    const after = new Run(path, 0);
    await after.snapshot.load();
    expect(after.store.stats().peers).toBe(2);
  });

  test.skipIf(process.platform === 'win32')(
    'save() writes through no link, and for its user alone',
    async () => {
      const run = new Run(path, 1e6);
      await writeFile(join(folder, 'precious'), 'keep');
      await symlink('precious', `${path}.tmp`);
      await expect(run.snapshot.save()).rejects.toThrow('it is a symbolic link');
      expect(await readFile(join(folder, 'precious'), 'utf8')).toBe('keep');
      // The link is gone, as is the temporary file after each failure.
      expect(await readdir(folder)).toEqual(['precious']);
      await writeFile(`${path}.tmp`, 'left over', { mode: 0o666 });
      await run.snapshot.save();
      expect((await stat(path)).mode & 0o777).toBe(0o600);
    },
  );

  test('save() that fails says so, and the next one is made', async () => {
    const run = new Run(join(folder, 'missing', 'swarms'), 0);
    await expect(run.snapshot.save()).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(run.snapshot.save()).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('load() finds the very peers that save() was given, whatever announced and left meanwhile', async () => {
    const run = new Run(path, 0);
    const roles: PeerRole[] = ['seeder', 'partialSeed', 'downloader'];
    const random = seededRandom(11);
    const some = (limit: number): number => 1 + Math.floor(random.next() * limit);
    for (let times = 0; times < 20_000; times += 1) {
      const extras = { swarm: some(300), family: times % 3 === 0 ? 6 : 4 } as const;
      await run.swarms.announce(some(500), roles[times % 3]!, { ...extras, numWant: 0 });
    }
    const saving = run.snapshot.save();
    for (let times = 0; times < 3000; times += 1) await run.swarms.leave(some(500), 4, some(300));
    await saving;
    await run.snapshot.save();
    const after = new Run(path, 0);
    await after.snapshot.load();
    expect(after.store.stats()).toEqual(run.store.stats());
    for (let swarm = 1; swarm <= 300; swarm += 1) {
      expect(await after.swarms.scrape(swarm)).toEqual(await run.swarms.scrape(swarm));
    }
  });
});
