import { expect, test } from 'vitest';
import { FakeClock } from '../../test/support/index.ts';
import type { TorrentStats } from '../session/index.ts';
import { MAX_OLD_VERSIONS, OLD_VERSION_IDLE_MS, OLD_VERSION_MS, OldVersions } from './old-versions.ts';

function setUp() {
  const clock = new FakeClock();
  const ended: string[] = [];
  const versions = new OldVersions({
    clock,
    report: (error) => {
      throw error;
    },
  });
  const add = (name: string, peers: number, seeds = 0) => {
    const stats = { peers, seeds, uploaded: 0 };
    versions.add({ stats: stats as unknown as TorrentStats }, () => ended.push(name));
    return stats;
  };
  return { clock, ended, versions, add };
}

test('OldVersions ends a version at once when nobody downloads it', () => {
  const { ended, add, versions } = setUp();
  add('alone', 0);
  add('seeds', 2, 2);
  expect(ended).toEqual(['alone', 'seeds']);
  versions.close();
});

test('OldVersions ends a version once its last downloader has gone, or takes nothing for a while', async () => {
  const { clock, ended, add, versions } = setUp();
  const left = add('left', 1);
  const idle = add('idle', 1);
  for (let second = 0; second < 120; second += 1) {
    idle.uploaded += 1;
    left.uploaded += 1;
    await clock.pass(1000);
  }
  expect(ended).toEqual([]);
  left.peers = 0;
  await clock.pass(5000);
  expect(ended).toEqual(['left']);
  await clock.pass(OLD_VERSION_IDLE_MS);
  expect(ended).toEqual(['left', 'idle']);
  versions.close();
  expect(clock.pendingCount).toBe(0);
});

test('OldVersions serves no version for longer than its limit, and a bounded number at once', async () => {
  const { clock, ended, add, versions } = setUp();
  const all = Array.from({ length: MAX_OLD_VERSIONS + 1 }, (_, at) => add(String(at), 1));
  expect(ended).toEqual(['0']);
  for (let passed = 0; passed < OLD_VERSION_MS; passed += 30_000) {
    for (const stats of all) stats.uploaded += 1;
    await clock.pass(30_000);
  }
  await clock.pass(30_000);
  expect(ended).toHaveLength(MAX_OLD_VERSIONS + 1);
  versions.close();
});
